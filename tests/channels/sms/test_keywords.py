"""Stop, start and help, in every language and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from channels.sms.keywords import FOLDER, Keyword, UnusableKeywords, keyword, load_keywords


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *[
            (word, Keyword.stop)
            for word in [
                "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "END", "QUIT", "OPTOUT", "opt-out",
                "REVOKE", "AFMELD", "FRAMELD", "afmeld mig", "stop alt", "Stop.", "  stop!! ",
                "“Stop”", "stóp", "\u200estop\u00a0", "Ｓtop", "stop\n", "stop tak", "Stop, tak!",
                "please stop", "STOP PLEASE", "thank you, unsubscribe", "🛑 STOP 🛑", "(stop)",
            ]
        ],
        *[
            (word, Keyword.start)
            for word in ["START", "Unstop", "tilmeld", "Tilmeld mig.", "start venligst"]
        ],
        *[
            (word, Keyword.help)
            for word in ["HELP", "Hjælp", "HJAELP", "hjælp!", "help, please", "info", "INFO?"]
        ],
    ],
)  # fmt: skip
def test_a_keyword_is_the_whole_message(text: str, kind: Keyword) -> None:
    assert keyword(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "!!!", "🙂", "tak", "please", "1", "ja", "yes", "nej", "cancel", "annuller",
        "annullér", "fortryd", "stop mine penge", "Hvornår stopper min børnecheck?", "unstoppable",
        "stopsignal", "hjælp mig", "hjælp nu", "help now", "hjælpemidler", "start en virksomhed",
        "info om pas", "please stop tak", "Jeg vil gerne stop", "stoop", "s t o p", "weekend",
    ],
)  # fmt: skip
def test_everything_else_goes_to_the_guide(text: str) -> None:
    assert keyword(text) is None


def test_the_operators_words_are_all_there() -> None:
    """Those that Twilio acts on by itself, but for CANCEL and YES: citizens mean more by them."""
    for word in ["STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT"]:
        assert keyword(word) is Keyword.stop
    assert keyword("UNSTOP") is keyword("START") is Keyword.start


GOOD: dict[str, object] = {"stop": ["halt"], "start": ["los"], "help": ["hilfe"]}


def _write(folder: Path, **files: object) -> Path:
    for name, content in files.items():
        text = content if isinstance(content, str) else yaml.safe_dump(content)
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def test_a_new_language_is_a_file(tmp_path: Path) -> None:
    arabic = {"stop": ["توقف"], "start": ["ابدأ"], "help": ["مساعدة"], "polite": ["من فضلك"]}
    ukrainian = {"stop": ["стоп"], "start": ["старт"], "help": ["допомога"]}
    known = load_keywords(_write(tmp_path, ar=arabic, uk=ukrainian))
    assert known["توقف"] is Keyword.stop
    assert known["توقف من فضلك"] is Keyword.stop
    assert known["допомога من فضلك"] is Keyword.help


@pytest.mark.parametrize(
    ("files", "told"),
    [
        pytest.param({}, "no keywords", id="no files"),
        pytest.param({"de": {**GOOD, "stop": []}}, "stop", id="no words of a kind"),
        pytest.param({"de": {"stop": ["halt"], "help": ["hilfe"]}}, "start", id="kind missing"),
        pytest.param({"de": {**GOOD, "pause": ["warte"]}}, "pause", id="unknown kind"),
        pytest.param({"de": {**GOOD, "stop": ["  "]}}, "stop", id="blank word"),
        pytest.param({"de": {**GOOD, "stop": ["!?"]}}, "no letter", id="only punctuation"),
        pytest.param(
            {"de": "stop: [off]\nstart: [on]\nhelp: [no]"}, "de.yml", id="YAML's booleans"
        ),
        pytest.param({"de": "stop: [halt"}, "de.yml", id="not YAML"),
        pytest.param({"de": ""}, "de.yml", id="empty file"),
        pytest.param({"de": {**GOOD, "help": ["Halt!"]}}, "'halt'", id="two kinds in one file"),
        pytest.param(
            {"de": GOOD, "nl": {"stop": ["los"], "start": ["begin"], "help": ["hulp"]}},
            "'los'",
            id="two kinds in two languages",
        ),
        pytest.param(
            {"de": {**GOOD, "help": ["bitte halt"], "polite": ["bitte"]}},
            "'bitte halt'",
            id="two kinds by way of a polite word",
        ),
    ],
)
def test_unusable_files(tmp_path: Path, files: dict[str, object], told: str) -> None:
    with pytest.raises(UnusableKeywords, match=told):
        load_keywords(_write(tmp_path, **files))


def test_the_same_word_in_two_languages_is_no_conflict(tmp_path: Path) -> None:
    assert load_keywords(_write(tmp_path, de=GOOD, at=GOOD))["halt"] is Keyword.stop


def test_our_files_are_usable() -> None:
    assert set(load_keywords(FOLDER).values()) == set(Keyword)
