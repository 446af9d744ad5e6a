"""Phone numbers: one form to store and send, another to show."""

from __future__ import annotations

from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult


class Reason(StrEnum):
    """Why a text is no number to send to."""

    empty = "empty"
    not_a_number = "not_a_number"
    impossible = "impossible"
    not_mobile_capable = "not_mobile_capable"


class NotAPhoneNumber(ValueError):
    """The text is no number that can get a message.

    The number is not in the error's text: it is personal, and errors end up in logs.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


_DEAF = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
        PhoneNumberType.PAGER,
    }
)
"""Numbers that surely get no message, or a costly one. Danish land lines are not among them: the
number does not tell."""


def normalise(text: str, region: str = "DK") -> str:
    """The number in E.164: ``20 12 34 78`` -> ``+4520123478``.

    ``region`` is the country of a number without a country code. A number counts as possible by
    its length, not by whether its range is in use: ranges open faster than libraries are renewed.
    Raises :class:`NotAPhoneNumber`; 112 and other short numbers are impossible.
    """
    text = text.strip()
    if not text:
        raise NotAPhoneNumber(Reason.empty)
    # The library would spell "FLOWERS" on the keypad. Here a letter is a mistake.
    if any(character.isalpha() for character in text.removeprefix("tel:")):
        raise NotAPhoneNumber(Reason.not_a_number)
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        if error.error_type in {
            NumberParseException.TOO_LONG,
            NumberParseException.TOO_SHORT_NSN,
            NumberParseException.TOO_SHORT_AFTER_IDD,
        }:
            raise NotAPhoneNumber(Reason.impossible) from None
        raise NotAPhoneNumber(Reason.not_a_number) from None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        raise NotAPhoneNumber(Reason.impossible)
    if number.extension or phonenumbers.number_type(number) in _DEAF:
        raise NotAPhoneNumber(Reason.not_mobile_capable)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def parse_sender(text: str) -> str | None:
    """Who sent a message, in E.164, or ``None`` for a sender that cannot be answered.

    Those are names ("KBHKOMMUNE"), short codes, and numbers that :func:`normalise` refuses. An
    operator writes numbers with their country code, so that no region is assumed.
    """
    if not text.strip().startswith("+"):
        return None
    try:
        return normalise(text)
    except NotAPhoneNumber:
        return None


def masked(number: str) -> str:
    """``+4520123478`` -> ``+45 •• •• •• 78``: enough to know one's own number by.

    The dots are as many for every number. What is not E.164 shows nothing.
    """
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return "•• •• •• ••"
    return f"+{parsed.country_code} •• •• •• {(parsed.national_number or 0) % 100:02}"
