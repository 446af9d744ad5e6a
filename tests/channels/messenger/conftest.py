"""A page's settings, and a stand-in of Meta where a citizen has just written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pydantic import SecretStr

from channels.messenger.settings import MessengerSettings
from tests.standins.meta import MetaStandIn, Receipts

PAGE, PSID = "104857600", "6710886400"
TOKEN, APP_SECRET, VERIFY_TOKEN = "page-token", "app-secret", "verify-token"

MakeSettings = Callable[..., MessengerSettings]


def settings_for(**changed: str) -> MessengerSettings:
    return MessengerSettings(
        page_id=PAGE,
        page_token=SecretStr(changed.get("page_token", TOKEN)),
        app_secret=SecretStr(APP_SECRET),
        verify_token=SecretStr(VERIFY_TOKEN),
        api_url=changed.get("api_url", "https://graph.facebook.com"),
    )


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the developer has set for Messenger is no part of a test."""
    for name in MessengerSettings.model_fields:
        monkeypatch.delenv(f"BORGERGUIDE_MESSENGER_{name.upper()}", raising=False)


@pytest.fixture
def meta() -> Iterator[MetaStandIn]:
    with MetaStandIn(APP_SECRET, TOKEN, PAGE, VERIFY_TOKEN) as meta:
        meta.plan = lambda _: Receipts(echo=False, delivery=False)
        # It is heard by Meta, even if there is no webhook yet.
        meta._hear([meta.events.text(PSID, "hej")])
        yield meta
