"""All of it, nothing, or a start that says what is missing."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from channels.sms.settings import PREFIX, IncompleteSettings, settings_from_environment
from tests.channels.sms.webhooks import ACCOUNT, NUMBER, TOKEN

WHOLE = {"ACCOUNT_SID": ACCOUNT, "AUTH_TOKEN": TOKEN, "SENDER": NUMBER}


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*WHOLE, "API_URL"):
        monkeypatch.delenv(PREFIX + name, raising=False)


def put(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(PREFIX + name, value)


@pytest.mark.parametrize(
    "values",
    [
        {},
        dict.fromkeys(WHOLE, ""),  # how a compose file passes on what is not set
        {"API_URL": "http://127.0.0.1:9"},
    ],
)
def test_nothing_is_no_text_messages(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str]
) -> None:
    put(monkeypatch, values)
    assert settings_from_environment() is None


def test_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, WHOLE)
    settings = settings_from_environment()
    assert settings is not None
    assert (settings.account_sid, settings.sender) == (ACCOUNT, NUMBER)
    assert settings.auth_token.get_secret_value() == TOKEN
    assert settings.api_url == "https://api.twilio.com"
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize("left_out", WHOLE)
def test_a_half_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, left_out: str) -> None:
    put(monkeypatch, {name: value for name, value in WHOLE.items() if name != left_out})
    with pytest.raises(IncompleteSettings) as raised:
        settings_from_environment()
    assert {name for name in WHOLE if PREFIX + name in str(raised.value)} == {left_out}
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ACCOUNT_SID": "SK0123456789abcdef0123456789abcdef"},
        {"SENDER": "20123478"},
        {"SENDER": "Borgerguide"},  # cannot be answered
        {"SENDER": "whatsapp:+4592450000"},
        {"API_URL": "api.twilio.com"},
        {"API_URL": "https://api.twilio.com/2010-04-01"},
    ],
)
def test_what_cannot_be_right_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    put(monkeypatch, {**WHOLE, **wrong})
    with pytest.raises(ValidationError) as raised:
        settings_from_environment()
    (value,) = wrong.values()
    assert value not in str(raised.value)


def test_a_messaging_service_is_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, {**WHOLE, "SENDER": "MG0123456789abcdef0123456789abcdef"})
    settings = settings_from_environment()
    assert settings is not None
    assert settings.sender.startswith("MG")
