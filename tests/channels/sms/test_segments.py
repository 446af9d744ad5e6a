"""What a text message costs, and what is folded to make it cheaper."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.sms.segments import Encoding, budget, encoding, fold, segments, split, units

GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
PAIRS = "^{}\\[~]|€\f"
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=GSM + PAIRS, max_size=700),
    st.text(alphabet="aæé…“”–• \u00a0\u200b½²→ŁőЖع😀€[\u0301", max_size=400),
)
LANGUAGES = st.sampled_from([None, "da", "en", "pl", "ar"])


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", Encoding.gsm7),
        (GSM, Encoding.gsm7),
        (PAIRS, Encoding.gsm7),
        ("Blåbærgrød på Østerbro, 100 €", Encoding.gsm7),
        ("ç", Encoding.ucs2),  # only the capital is in the alphabet
        ("á", Encoding.ucs2),
        ("`", Encoding.ucs2),
        ("\t", Encoding.ucs2),
        ("“citat”", Encoding.ucs2),
        ("Привіт", Encoding.ucs2),
        ("مرحبا", Encoding.ucs2),
        ("🙂", Encoding.ucs2),
    ],
)
def test_encoding(text: str, sent: Encoding) -> None:
    assert encoding(text) is sent


def test_the_alphabet_is_complete() -> None:
    assert len(set(GSM)) == 127, "128 places, one of them the escape"


@pytest.mark.parametrize(
    ("text", "length", "count"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        ("a" * 160, 160, 1),
        ("a" * 161, 161, 2),
        ("a" * 306, 306, 2),
        ("a" * 307, 307, 3),
        ("a" * 459, 459, 3),
        ("a" * 460, 460, 4),
        ("€" * 80, 160, 1),
        ("€" * 81, 162, 2),
        # 153 is odd: each segment holds 76 pairs, and one septet stays empty.
        ("€" * 152, 304, 2),
        ("€" * 153, 306, 3),
        ("a" * 152 + "€" + "a" * 152, 306, 3),
        ("ж" * 70, 70, 1),
        ("ж" * 71, 71, 2),
        ("ж" * 134, 134, 2),
        ("ж" * 135, 135, 3),
        ("😀" * 35, 70, 1),
        ("😀" * 36, 72, 2),
        ("😀" * 66, 132, 2),
        ("😀" * 67, 134, 3),
    ],
)
def test_units_and_segments(text: str, length: int, count: int) -> None:
    assert units(text) == length
    assert segments(text) == count
    assert len(split(text)) == count


@pytest.mark.parametrize(
    ("kind", "single", "three"), [(Encoding.gsm7, 160, 459), (Encoding.ucs2, 70, 201)]
)
def test_budget(kind: Encoding, single: int, three: int) -> None:
    assert budget(kind, 1) == single
    assert budget(kind, 3) == three


@given(TEXTS)
def test_segments_are_the_text(text: str) -> None:
    parts = split(text)
    assert "".join(parts) == text
    assert len(parts) == segments(text)
    assert all(parts)
    if len(parts) > 1:
        each = budget(encoding(text), len(parts)) // len(parts)
        for part in parts:
            octets = len(part.encode("utf-16-le")) // 2
            pairs = sum(character in PAIRS for character in part)
            size = len(part) + pairs if encoding(text) is Encoding.gsm7 else octets
            assert size <= each


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("“Hej” – sagde ‘hun’ … nå", "\"Hej\" - sagde 'hun' ... nå"),
        ("»Velkommen« „hertil‟", '"Velkommen" "hertil"'),
        ("1.500\u00a0kr. • 4\u202fuger", "1.500 kr. - 4 uger"),
        ("Menu → Indstillinger", "Menu -> Indstillinger"),
        ("33\u201166\u201133", "33-66-33"),
        ("folke\u00adregister\u200b", "folkeregister"),
        ("1½ time, ½ liter", "1 1/2 time, 1/2 liter"),
        ("50 m² og 3 m³", "50 m2 og 3 m3"),
        ("３３６６！", "3366!"),
        ("blA\u030abær – gA\u0308st", "blÅbær - gÄst"),  # letters that came in two parts
    ],
)
@pytest.mark.parametrize("language", [None, "da", "pl", "ar"])
def test_typography_is_folded_in_every_language(
    text: str, folded: str, language: str | None
) -> None:
    assert fold(text, language) == folded
    assert encoding(folded) is Encoding.gsm7


@pytest.mark.parametrize(
    "text",
    [
        "Æblegrød på Ærø, én smørrebrødsæske à 5 § 2: ÆØÅ ä ö ü ñ É",
        "Привіт… “друже” – як справи?",
        "مرحبا… “أهلا” – كيف",
        "Zażółć gęślą jaźń – “ogonek”",
        "Bună ziua… Unde este primăria?",
        "Teşekkürler – “nasılsınız”",
        "Fint… 🙂",
        "10² – det er 100",  # a power is not a digit
        "…" * 60,  # one segment as it is, two with three dots each
    ],
)
def test_a_text_that_would_not_gain_stays_as_it_is(text: str) -> None:
    assert fold(text) == text


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Fór du til Łódź?", "For du til Lodz?"),
        ("En crêpe fra Nguyễn á 30 kr.", "En crepe fra Nguyen a 30 kr."),
        ("Vǿr så æstetisk, señor François", "Vør så æstetisk, señor Francois"),
    ],
)
def test_a_guest_letter_is_folded_where_the_language_has_no_need_of_it(
    text: str, folded: str
) -> None:
    assert fold(text, "da") == folded
    assert fold(text, "en") == folded
    assert fold(text, "fr") == text
    assert fold(text) == text


@pytest.mark.parametrize(
    ("language", "text", "folded"),
    [
        ("pl", "Zgłoś przeprowadzkę, źle. Żółć", "Zglos przeprowadzke, zle. Zolc"),
        ("ro", "Anunțați mutarea și școala, ţară", "Anuntati mutarea si scoala, tara"),
        ("tr", "Çocuğunuz İstanbul'da, ığüşöç", "Çocugunuz Istanbul'da, igüsöc"),
    ],
)
def test_what_people_text_without_marks_is_sent_without_them(
    language: str, text: str, folded: str
) -> None:
    assert fold(text, language) == folded
    assert encoding(folded) is Encoding.gsm7
    assert fold(text, "uk") == text


def test_no_letter_is_folded_beside_another_script() -> None:
    assert fold("Łódź і Київ", "da") == "Łódź і Київ"


@given(TEXTS, LANGUAGES)
@example("a\u0301" * 40, "da")
@example("½" * 60, None)
def test_folding(text: str, language: str | None) -> None:
    folded = fold(text, language)
    assert fold(folded, language) == folded
    assert segments(folded) <= segments(text)
    assert folded == text or encoding(folded) is Encoding.gsm7


# Facts: characters that Twilio's smart encoding replaces
# (twilio.com/docs/messaging/services/smart-encoding-char-list), as far as people and word
# processors write them. Ours must not leave out any of these.
SMART = (
    "«»“”‟❝❞〝〞‘’‛❛❜´`ʻʼʽ¼½¾⁄∕–—―‐⁃‚„…‼•›‹\u00a0\u2000\u2002\u2003\u2009\u200a\u202f\u3000"
    "\u200b\u2060\ufeff\u2028\u2029"
)


@pytest.mark.parametrize("character", SMART)
def test_what_the_operator_would_replace_is_replaced_before(character: str) -> None:
    assert encoding(fold(f"Før{character} efter")) is Encoding.gsm7
