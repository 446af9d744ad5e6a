"""Danger is recognised in clear-cut words, however they are written; everyday words are not it.

How well it does on messages nobody foresaw is measured by ``make eval``, not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from knowledge.catalogue import Catalogue, load
from knowledge.crisis.detector import CrisisDetector, CrisisPhrases, load_contacts, load_detector
from knowledge.crisis.kinds import Danger
from knowledge.crisis.patterns import compile_phrases, spaced
from settings import ROOT
from tests.knowledge.toy import Toy

CRISIS = ROOT / "knowledge" / "crisis"
CLEAR: dict[str, Danger] = {
    "det brænder i min lejlighed": Danger.danger,
    "hun er bevidstløs": Danger.danger,
    "my house is on fire": Danger.danger,
    "he is not breathing": Danger.danger,
    "jeg vil begå selvmord": Danger.self_harm,
    "jeg har lyst til at dø": Danger.self_harm,
    "I want to kill myself": Danger.self_harm,
    "min mand slår mig": Danger.violence,
    "han truer med at dræbe mig": Danger.violence,
    "my husband beats me": Danger.violence,
    "naboen slår sine børn": Danger.child,
    "my neighbour hits his children": Danger.child,
}
HARMLESS = [
    "",
    "   ",
    "😀",
    "hvordan fornyer jeg mit pas",
    "how do I renew my passport",
    "tak for hjælpen",
]
LOOK_ALIKES = [
    "jeg skal slå græsplænen",
    "min telefon er død",
    "min brandalarm hyler",
    "hvad koster en ny nøgle til døren",
    "I was fired from my job",
    "my phone died",
    "the deadline is killing me",
]


def without_letters(text: str, ae: str, oe: str, aa: str) -> str:
    return text.replace("æ", ae).replace("ø", oe).replace("å", aa)


WRITTEN: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "with ae, oe, aa": lambda text: without_letters(text, "ae", "oe", "aa"),
    "with ae, o, a": lambda text: without_letters(text, "ae", "o", "a"),
    "in capitals without æøå": lambda text: without_letters(text, "ae", "oe", "aa").upper(),
    "among others": lambda text: f"Hej.\n\n{text}!!! 😢",
    "with wide gaps": lambda text: text.replace(" ", "  \n"),
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize(("text", "kind"), CLEAR.items(), ids=CLEAR.keys())
def test_danger_is_recognised_however_it_is_written(
    detector: CrisisDetector, text: str, kind: Danger, written: str
) -> None:
    alarm = detector.detect(WRITTEN[written](text))
    assert alarm is not None
    assert (alarm.kind, alarm.certain) == (kind, True)


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_words_are_no_alarm(detector: CrisisDetector, text: str) -> None:
    assert detector.detect(text) is None


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_words_that_only_look_dangerous_do_not_silence_the_answer(
    detector: CrisisDetector, text: str
) -> None:
    alarm = detector.detect(text)
    assert alarm is None or not alarm.certain


def test_no_title_of_a_service_is_a_certain_alarm_but_those_about_violence(
    detector: CrisisDetector, catalogue: Catalogue
) -> None:
    alarms = {
        service.id
        for service in catalogue.services.values()
        for text in service.texts.values()
        if (alarm := detector.detect(text.title)) and alarm.certain
    }
    events = [set(catalogue.services[name].facts.life_events) for name in alarms]
    assert all("violence_or_danger" in event for event in events)


def test_the_most_urgent_danger_counts(detector: CrisisDetector) -> None:
    alarm = detector.detect("min mand slår mig og det brænder i køkkenet")
    assert alarm is not None
    assert alarm.kind is Danger.danger


def test_the_most_urgent_danger_counts_across_languages(detector: CrisisDetector) -> None:
    alarm = detector.detect("min mand slår mig, the house is on fire")
    assert alarm is not None
    assert alarm.kind is Danger.danger


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(text=st.text())
def test_any_text_can_be_judged_and_always_alike(detector: CrisisDetector, text: str) -> None:
    assert detector.detect(text) == detector.detect(text)


@pytest.mark.parametrize("text", ["\x00", "\ud800 hej", "a" * 100_000, "vil ikke " * 10_000])
def test_odd_and_long_texts_can_be_judged(detector: CrisisDetector, text: str) -> None:
    detector.detect(text)


@pytest.mark.parametrize("path", sorted(CRISIS.glob("??.yml")), ids=lambda path: path.stem)
def test_every_phrase_of_the_project_is_found_in_what_it_says(path: Path) -> None:
    """Written out in its simplest form, each phrase must be heard by its own pattern."""
    phrases = CrisisPhrases.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    deaf = []
    for kind in Danger:
        for phrase in getattr(phrases, kind):
            said = " ".join(
                token.rstrip("?").split("|")[0].rstrip("*").replace("_", " ")
                for token in phrase.split()
                if token != ".."
            )
            pattern = compile_phrases([phrase])
            if pattern is None or not pattern.search(spaced(said)):
                deaf.append(phrase)
            assert not pattern or not pattern.search(spaced("")), phrase
    assert deaf == []


@pytest.fixture
def crisis(tmp_path: Path) -> Path:
    """The project's folder, to be edited."""
    folder = tmp_path / "crisis"
    for path in CRISIS.rglob("*.yml"):
        copy = folder / path.relative_to(CRISIS)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    return folder


def edit(path: Path, kind: str, phrase: str) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content.setdefault(kind, []).append(phrase)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def test_an_editor_s_phrase_is_heard_and_harmless_words_do_not_join_what_is_around_them(
    crisis: Path, toy: Toy
) -> None:
    edit(crisis / "da.yml", "danger", "ubåd synker")
    edit(crisis / "da.yml", "harmless", "gul|gule")
    changed = load_detector(crisis, load(toy.root))
    assert changed.phrase("hjælp vores UBAAD synker!") is Danger.danger
    assert changed.phrase("ubåd gul synker") is None
    assert changed.phrase("gule ubåd synker") is Danger.danger


def test_an_unknown_kind_of_danger_is_an_error(crisis: Path, toy: Toy) -> None:
    edit(crisis / "da.yml", "dangre", "det brænder")
    with pytest.raises(ValidationError, match="dangre"):
        load_detector(crisis, load(toy.root))


CONTACT = {"id": "x", "phone": "112", "state": "verified", "source": "s", "last_verified": None}


def contacts(folder: Path, *items: dict[str, object]) -> dict[str, str]:
    folder.joinpath("contacts.yml").write_text(
        yaml.safe_dump([{**CONTACT, **item} for item in items]), encoding="utf-8"
    )
    return load_contacts(folder)


def test_only_verified_numbers_are_given(tmp_path: Path) -> None:
    given_out = contacts(
        tmp_path,
        {"id": "yes"},
        {"id": "no", "state": "unverified"},
        {"id": "perhaps", "state": "conflicting", "phone": "113"},
    )
    assert given_out == {"yes": "112"}


@pytest.mark.parametrize(
    "bad",
    [{"phone": "one"}, {"phone": 112}, {"state": "sure"}, {"last_verified": "now"}, {"x": 1}],
    ids=str,
)
def test_a_bad_contact_is_an_error(tmp_path: Path, bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        contacts(tmp_path, bad)


def test_the_project_has_the_number_of_the_emergency_service() -> None:
    numbers = load_contacts(CRISIS)
    assert numbers["emergency"] == "112"
    assert all(re.fullmatch(r"\+45\d{8}|\d{3,4}", number) for number in numbers.values())
