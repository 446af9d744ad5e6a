"""The forms that Twilio posts."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict

Form = ImmutableMultiDict[str, str]


def read_form(body: bytes, errors: Literal["strict", "replace"] = "strict") -> Form:
    """The fields, empty ones too. Raises ``UnicodeDecodeError`` for what is not UTF-8, unless
    that is to be replaced."""
    text = body.decode("utf-8", errors)
    return ImmutableMultiDict(parse_qsl(text, keep_blank_values=True, errors=errors))
