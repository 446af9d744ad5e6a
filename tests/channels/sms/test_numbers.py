"""Numbers as people type them, as operators send them, and as they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.numbers import NotAPhoneNumber, Reason, masked, normalise, parse_sender


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("20123478", "+4520123478"),
        ("20 12 34 78", "+4520123478"),
        (" 20-12-34-78 ", "+4520123478"),
        ("+45 20 12 34 78", "+4520123478"),
        ("0045 20123478", "+4520123478"),
        ("(+45) 20123478", "+4520123478"),
        ("tel:+4520123478", "+4520123478"),
        ("\u202a+45 20 12 34 78\u202c", "+4520123478"),  # copied from a contact
        ("２０１２３４７８", "+4520123478"),
        ("٢٠١٢٣٤٧٨", "+4520123478"),
        ("33 66 33 66", "+4533663366"),  # a land line may get messages, for all the number tells
        ("+46 70 123 45 67", "+46701234567"),
        ("+44 7911 123456", "+447911123456"),
        ("+299 22 12 34", "+299221234"),
        ("+298 211234", "+298211234"),
        ("+15005550006", "+15005550006"),
    ],
)
def test_normalise(text: str, number: str) -> None:
    assert normalise(text) == number


def test_normalise_in_another_region() -> None:
    assert normalise("070-123 45 67", "SE") == "+46701234567"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Reason.empty),
        (" \n", Reason.empty),
        ("KBHKOMMUNE", Reason.not_a_number),
        ("1-800-FLOWERS", Reason.not_a_number),
        ("20 12 34 7O", Reason.not_a_number),
        ("???", Reason.not_a_number),
        ("+", Reason.not_a_number),
        ("+999 12345678", Reason.not_a_number),
        ("whatsapp:+4520123478", Reason.not_a_number),
        ("112", Reason.impossible),
        ("114", Reason.impossible),
        ("911", Reason.impossible),
        ("1813", Reason.impossible),
        ("+45112", Reason.impossible),
        ("2012347", Reason.impossible),
        ("201234789", Reason.impossible),
        ("2" * 30, Reason.impossible),
        ("010190-1234", Reason.impossible),  # a CPR number
        ("90 12 34 56", Reason.not_mobile_capable),
        ("80 20 20 20", Reason.not_mobile_capable),
        ("+1 900 555 0100", Reason.not_mobile_capable),
        ("+44 844 123 4567", Reason.not_mobile_capable),
        ("+800 1234 5678", Reason.not_mobile_capable),
        ("+45 20123478#5", Reason.not_mobile_capable),
    ],
)
def test_refused(text: str, reason: Reason) -> None:
    with pytest.raises(NotAPhoneNumber) as refused:
        normalise(text)
    assert refused.value.reason is reason
    assert str(refused.value) == reason, "the number is personal and stays out of the logs"
    assert refused.value.__cause__ is None


@given(st.text(alphabet="+0123456789 -()/#;x:tel", max_size=40) | st.text(max_size=400))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = normalise(text)
    except NotAPhoneNumber:
        assert parse_sender(text) is None
    else:
        assert normalise(number) == number
        assert parse_sender(number) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+4520123478", "+4520123478"),
        (" +4520123478", "+4520123478"),
        ("+15005550006", "+15005550006"),
        ("KBHKOMMUNE", None),
        ("Kbh Kommune", None),
        ("1204", None),
        ("4520123478", None),  # no country code that could be trusted
        ("20123478", None),
        ("+45112", None),
        ("+4590123456", None),  # an answer would cost a fortune
        ("whatsapp:+4520123478", None),
        ("", None),
        ("+", None),
    ],
)
def test_parse_sender(text: str, number: str | None) -> None:
    assert parse_sender(text) == number


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+4520123478", "+45 •• •• •• 78"),
        ("+4520123408", "+45 •• •• •• 08"),
        ("+46701234567", "+46 •• •• •• 67"),
        ("+299221234", "+299 •• •• •• 34"),
        ("20123478", "•• •• •• ••"),
        ("KBHKOMMUNE", "•• •• •• ••"),
        ("", "•• •• •• ••"),
    ],
)
def test_masked(number: str, shown: str) -> None:
    assert masked(number) == shown
