"""A page's settings, and a stand-in of Meta where a citizen has just written."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from app import build_renderer
from channels.messenger.settings import MessengerSettings
from conversations.rendering.renderer import Renderer
from knowledge.live import LiveKnowledge
from settings import Settings
from tests.standins.meta import MetaStandIn, Receipts

PAGE, PSID = "104857600", "6710886400"
TOKEN, APP_SECRET, VERIFY_TOKEN = "page-token", "app-secret", "verify-token"


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


def write(meta: MetaStandIn, text: str = "hej") -> None:
    """A citizen writes. Meta knows it, though there is no webhook that it could tell."""
    with contextlib.suppress(httpx.TransportError):
        meta.text(PSID, text)


@pytest.fixture
def meta() -> Iterator[MetaStandIn]:
    with MetaStandIn(APP_SECRET, TOKEN, PAGE, VERIFY_TOKEN) as meta:
        meta.plan = lambda _: Receipts(echo=False, delivery=False)
        write(meta)
        yield meta


@pytest.fixture(scope="session")
def renderer(live: LiveKnowledge) -> Renderer:
    return build_renderer(Settings(internal_token=SecretStr("test")), live)
