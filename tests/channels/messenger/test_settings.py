"""All settings or none, and no secret in what is said about them."""

from __future__ import annotations

import pytest

from channels.messenger.settings import MessengerSettings, UnusableSettings

WHOLE = {
    "PAGE_ID": "104857600",
    "PAGE_TOKEN": "EAAB-token",
    "APP_SECRET": "app-secret",
    "VERIFY_TOKEN": "verify-token",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in WHOLE.items():
        monkeypatch.setenv(f"BORGERGUIDE_MESSENGER_{name}", value)
    return monkeypatch


def test_nothing_set_is_no_messenger() -> None:
    assert MessengerSettings.from_environment() is None


def test_a_version_alone_sets_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BORGERGUIDE_MESSENGER_API_VERSION", "v25.0")
    assert MessengerSettings.from_environment() is None


def test_all_set(environment: pytest.MonkeyPatch) -> None:
    settings = MessengerSettings.from_environment()
    assert settings is not None
    assert settings.page_id == "104857600"
    assert settings.page_token.get_secret_value() == "EAAB-token"
    assert settings.api_url == "https://graph.facebook.com"
    assert not any(value in repr(settings) for name, value in WHOLE.items() if name != "PAGE_ID")


@pytest.mark.parametrize("blank", [True, False])
@pytest.mark.parametrize("missing", WHOLE)
def test_a_missing_one_is_named(environment: pytest.MonkeyPatch, missing: str, blank: bool) -> None:
    name = f"BORGERGUIDE_MESSENGER_{missing}"
    if blank:
        environment.setenv(name, "")
    else:
        environment.delenv(name)
    with pytest.raises(UnusableSettings) as raised:
        MessengerSettings.from_environment()
    assert f"{name} (missing)" in str(raised.value)
    assert str(raised.value).count("BORGERGUIDE_") == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAGE_ID", "KobenhavnsKommune"),
        ("API_VERSION", "26"),
        ("API_URL", "graph.facebook.com"),
        ("API_URL", "https://graph.facebook.com/"),
    ],
)
def test_a_wrong_form_is_named_without_the_value(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(f"BORGERGUIDE_MESSENGER_{name}", value)
    with pytest.raises(UnusableSettings) as raised:
        MessengerSettings.from_environment()
    assert f"BORGERGUIDE_MESSENGER_{name} (wrong form)" in str(raised.value)
    assert value not in str(raised.value)
    assert raised.value.__cause__ is None
