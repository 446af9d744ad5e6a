"""Answers in three segments: what is kept, what goes, and what is never cut."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.compose import compose
from channels.sms.segments import Encoding, encoding, fold, segments

LINK = "https://guide.kk.dk/s/9f2k"
TITLE = "Meld flytning."
SUMMARY = (
    "Når du flytter, skal du fortælle Folkeregisteret din nye adresse. Så ved myndighederne, "
    "hvor du bor, og du får et nyt sundhedskort."
)
STEPS = [
    "Sådan gør du:",
    "- Log ind på borger.dk med MitID, og vælg Meld flytning.",
    "- Skriv din nye adresse, din flyttedato og hvem der flytter med.",
    "- Flytter du ind hos en anden, skal den person bekræfte, at du må bo der.",
    "- Sæt dit navn på postkassen.",
]
ANSWER = [TITLE, SUMMARY, *STEPS, "Frist: Senest 5 dage efter, at du er flyttet ind."]


def test_what_fits_is_sent_whole() -> None:
    text = compose([TITLE, "", "  ", SUMMARY], choices=["Hvad koster det?", "Et menneske"])
    assert text == f"{TITLE}\n{SUMMARY}\n1. Hvad koster det?\n2. Et menneske"


def test_the_link_is_last_or_absent_when_nothing_is_cut() -> None:
    assert compose([TITLE], choices=["Ja"], link=LINK) == f"{TITLE}\n1. Ja\n{LINK}"
    assert compose([TITLE], choices=["Ja"], link=LINK, link_only_if_cut=True) == f"{TITLE}\n1. Ja"


@pytest.mark.parametrize("only_if_cut", [False, True])
def test_lines_are_kept_from_the_first_and_the_link_tells_that_some_are_gone(
    *, only_if_cut: bool
) -> None:
    lines = [*ANSWER, "Kilde: " + "kk.dk og borger.dk. " * 5]
    text = compose(lines, link=LINK, link_only_if_cut=only_if_cut)
    *body, last = text.split("\n")
    assert last == LINK
    assert body == lines[: len(body)]
    assert segments("\n".join([*body, lines[len(body)], LINK])) > 3, "the next line has no place"


def test_one_segment() -> None:
    assert compose([TITLE, SUMMARY], link=LINK, max_segments=1) == f"{TITLE}\n{LINK}"


def test_a_line_with_breaks_is_several_lines() -> None:
    assert compose(["Hej.\n\n  Vi har åbent. \r\n", "\n"]) == "Hej.\nVi har åbent."


def test_a_heading_does_not_stand_alone() -> None:
    lines = [TITLE, SUMMARY, "Det skal du bruge:", "- " + "pas " * 80]
    assert compose(lines, link=LINK) == f"{TITLE}\n{SUMMARY}\n{LINK}"
    assert compose(["Her er alt:", "- " + "pas " * 120], link=LINK) == f"Her er alt:\n{LINK}"


def test_a_heading_goes_with_its_choices() -> None:
    lead = "Nej. " * 80 + "Nej."
    lines, choices = [lead, "Vælg selv:"], ["Tal med et menneske"]
    assert compose(lines, choices=["Ja"], link=LINK) == f"{lead}\nVælg selv:\n1. Ja\n{LINK}"
    assert compose(lines, choices=choices, link=LINK) == f"{lead}\n{LINK}"


def test_choices_keep_their_numbers_and_the_last_ones_go() -> None:
    titles = [f"Tilbud til familier med {n} børn eller flere" for n in range(1, 20)]
    text = compose(["Hvad mener du?"], choices=titles, link=LINK, link_only_if_cut=True)
    lead, *shown, last = text.split("\n")
    assert (lead, last) == ("Hvad mener du?", LINK)
    assert 3 < len(shown) < len(titles)
    assert shown == [f"{n}. {title}" for n, title in enumerate(titles[: len(shown)], 1)]


def test_an_empty_title_keeps_its_number() -> None:
    assert compose(["Hvad?"], choices=["Pas", " ", "Ny\nadresse"]) == "Hvad?\n1. Pas\n3. Ny adresse"


def test_a_long_question_is_cut_so_that_it_can_be_answered() -> None:
    question = "Du skal tage stilling til noget om din bolig og din familie. " * 12
    text = compose([question], choices=["Bolig", "Familie"], link=LINK)
    assert text.endswith(f"familie.\n1. Bolig\n2. Familie\n{LINK}")


def test_choices_leave_a_long_question_half_of_its_room() -> None:
    titles = [f"Tilbud nummer {n} til familier" for n in range(1, 20)]
    question, *shown = compose(["hjemmeplejen " * 60], choices=titles).split("\n")
    assert 225 < len(question) < 265
    assert shown == [f"{n}. {title}" for n, title in enumerate(titles[: len(shown)], 1)]


def test_a_first_line_too_long_ends_with_a_sentence() -> None:
    text = compose([" ".join([SUMMARY] * 6)])
    assert text.endswith(("adresse.", "sundhedskort."))
    assert 300 < len(text) <= 459


@pytest.mark.parametrize(
    "sentence",
    [
        "Ring til os på tlf. Mere end det er der ikke at gøre ved det, ",
        "Mød op hos f.eks. Borgerservice i den bydel, som du bor i, ",
        "Du kan få mere i støtte pga. sygdom eller handicap i familien, ",
        "Det er den 1. Maj er en fridag for nogle, men ikke for alle, ",
    ],
)
def test_a_full_stop_is_not_always_the_end(sentence: str) -> None:
    """The one sentence end would be wrong, so that whole words it is."""
    text = compose(["x" * 300 + " " + sentence + "og " * 200])
    assert text.endswith("og...")


def test_a_first_line_without_sentences_ends_with_a_word() -> None:
    text = compose(["hjemmeplejen " * 60])
    assert text == "hjemmeplejen " * 34 + "hjemmeplejen..."
    assert segments(text) == 3
    assert compose(["hjemmepleje, " * 60]).endswith("hjemmepleje...")


def test_one_early_sentence_is_not_all_that_is_told() -> None:
    text = compose(["Hej. " + "Og så videre " * 60])
    assert len(text) > 400
    assert text.endswith("...")


@pytest.mark.parametrize(
    "never_cut",
    [
        "33 66 33 66",
        "+45 33 66 33 66",
        "1. maj 2027",
        "May 12, 2027",
        "12.05.2027 kl. 10",
        "1.500 kr.",
        "4 uger",
        "https://www.kk.dk/borger/flytning?trin=2",
        "kk.dk/flytning",
        "borgerservice@kk.dk",
    ],
)
def test_numbers_dates_and_addresses_stay_whole(never_cut: str) -> None:
    for before in range(430, 462):
        text = compose(
            [("a" * 8 + " ") * (before // 9) + "b" * (before % 9) + f" {never_cut} " * 3]
        )
        rest = re.sub(r"\b[ab]+\b", "", text.replace(never_cut, "")).replace("...", "")
        assert rest.strip() == "", text


def test_an_endless_word_is_cut_between_letters() -> None:
    assert compose(["å" * 1000]) == "å" * 456 + "..."
    assert compose(["我" * 1000]) == "我" * 200 + "…"


def test_an_endless_address_is_left_out() -> None:
    address = "https://www.kk.dk/" + "sti/" * 200
    assert compose([address], link=LINK) == LINK
    assert compose([TITLE], link=address) == TITLE


def test_an_endless_number_is_left_out() -> None:
    assert compose(["Konto " + "1234 " * 200], link=LINK) == LINK


def test_one_foreign_character_costs_more_than_half() -> None:
    arabic = "هذه معلومات عن الانتقال إلى عنوان جديد في كوبنهاغن. " * 8
    text = compose([arabic], choices=["نعم", "لا"], link=LINK)
    assert encoding(text) is Encoding.ucs2
    assert segments(text) == 3
    assert text.endswith(f"1. نعم\n2. لا\n{LINK}")


def test_the_answer_is_folded() -> None:
    assert compose(["“Læs” – mere…"], language="da") == '"Læs" - mere...'
    assert compose(["Łódź – by"], language="da") == "Lodz - by"
    assert compose(["Łódź – miasto"], language="pl") == "Lodz - miasto"
    assert compose(["Київ – місто"], language="uk") == "Київ – місто"


def test_nothing_to_say() -> None:
    assert compose([]) == ""
    assert compose(["", " \n "], choices=[], link=" ") == ""
    assert compose([TITLE, "\u200b", "\u200b " + SUMMARY]) == f"{TITLE}\n{SUMMARY}"
    assert compose([], link=LINK) == LINK
    assert compose([], choices=["Ja"]) == "1. Ja"


def test_a_message_has_a_segment() -> None:
    with pytest.raises(ValueError, match="segment"):
        compose([TITLE], max_segments=0)


WORDS = st.one_of(
    st.text(alphabet="abeæøåklmnopqrstuvw", min_size=1, max_size=14),
    st.sampled_from(
        ["kr.", "f.eks.", "nr.", "slut.", "Hvad?", "“citat”", "–", "…", "€", "[1]", "Her:", "😀"]
    ),
    st.sampled_from(["33 66 33 66", "1. maj 2027", "4.264 kr.", "112", "kk.dk/pas", LINK]),
    st.sampled_from(["адреса", "переїзд.", "العنوان", "الانتقال،", "Łódź", "👩‍👩‍👧", "🇩🇰"]),
    st.text(max_size=20),
)
LINES = st.lists(st.lists(WORDS, max_size=90).map(" ".join), max_size=8)


@given(
    lines=LINES,
    choices=st.lists(st.lists(WORDS, max_size=5).map(" ".join), max_size=6),
    link=st.sampled_from([None, LINK, "https://kk.dk/" + "a" * 140, "https://kk.dk/" + "b" * 470]),
    only_if_cut=st.booleans(),
    language=st.sampled_from([None, "da", "ar", "pl"]),
    most=st.integers(1, 4),
)
def test_every_answer_fits(
    lines: list[str],
    choices: list[str],
    link: str | None,
    *,
    only_if_cut: bool,
    language: str | None,
    most: int,
) -> None:
    text = compose(
        lines,
        choices=choices,
        link=link,
        link_only_if_cut=only_if_cut,
        max_segments=most,
        language=language,
    )
    assert segments(text) <= most
    assert fold(text, language) == text
    assert "\n\n" not in text
    numbered = [f"{n}. {' '.join(title.split())}" for n, title in enumerate(choices, 1)]
    every = [
        *(line.strip() for item in lines for line in item.splitlines()),
        *(line for line, title in zip(numbered, choices, strict=True) if title.split()),
    ]
    said = [line for line in every if line]
    complete = {fold("\n".join([*said, *tail]), language) for tail in ([], [link] if link else [])}
    if link and (text not in complete or not only_if_cut) and segments(link) <= most:
        assert text.endswith(link), "the link is the last line"


GROUPS = re.compile(r"\d(?:[\d .,:/+-]*\d)?")


@given(
    st.lists(
        st.sampled_from(
            [
                "og så", "til", "kr.", "Ring nu.", "33 66 33 66", "+45 20 12 34 78", "1.500",
                "12.05.2027", "2027-05-12", "kl. 10.30", "4 uger", "Den 1. maj 2027", "§ 12",
            ]
        ),
        min_size=60,
        max_size=200,
    ).map(" x ".join)
)  # fmt: skip
def test_no_number_is_told_in_part(line: str) -> None:
    told = compose([line])
    assert segments(told) <= 3
    assert set(GROUPS.findall(told)) <= set(GROUPS.findall(line))


def test_it_is_quick() -> None:
    """Far below a millisecond at rest; the limit here only catches another order of growth."""
    started = time.perf_counter()
    for _ in range(20):
        compose(ANSWER * 3, choices=["Hvad koster det?"] * 5, link=LINK, language="da")
    assert (time.perf_counter() - started) / 20 < 0.02
