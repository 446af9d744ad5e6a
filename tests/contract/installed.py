"""The channels under test: every line of the registry, set up, and the one made of paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from channels.base import Channel
from channels.registry import REGISTRY
from tests.paper import Paper

URL = "https://guide.example"
_NOBODY = "http://127.0.0.1:9"
"""Nothing listens there: what is sent stays with us."""

ENVIRONMENT: Mapping[str, Mapping[str, str]] = {
    "web": {},
    "paper": {},
    "sms": {
        "BORGERGUIDE_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "BORGERGUIDE_TWILIO_AUTH_TOKEN": "test",
        "BORGERGUIDE_TWILIO_SENDER": "+4552512345",
        "BORGERGUIDE_TWILIO_API_URL": _NOBODY,
    },
    "messenger": {
        "BORGERGUIDE_MESSENGER_PAGE_ID": "1234567890",
        "BORGERGUIDE_MESSENGER_PAGE_TOKEN": "test",
        "BORGERGUIDE_MESSENGER_APP_SECRET": "test",
        "BORGERGUIDE_MESSENGER_VERIFY_TOKEN": "test",
        "BORGERGUIDE_MESSENGER_API_URL": _NOBODY,
    },
}
"""What sets each channel up."""

_FACTORIES: Mapping[str, Callable[[str], Channel]] = {**REGISTRY, "paper": lambda _: Paper()}
ALL = sorted(_FACTORIES)
PUSHING = sorted(set(_FACTORIES) - {"web"})
"""Whose citizens are sent the answers."""


def build(name: str, *, set_up: bool = True) -> Channel:
    """A channel as an installation has it that sets up this one, or none."""
    with pytest.MonkeyPatch.context() as patch:
        for variables in ENVIRONMENT.values():
            for variable in variables:
                patch.delenv(variable, raising=False)
        if set_up:
            for variable, value in ENVIRONMENT.get(name, {}).items():
                patch.setenv(variable, value)
        return _FACTORIES[name](URL)
