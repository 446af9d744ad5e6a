from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from desk.accounts.models import Role
from desk.accounts.settings import PREFIX, DeskSettings

PROVIDER = {
    "OIDC_ISSUER": "https://login.example/tenant",
    "OIDC_CLIENT_ID": "desk",
    "OIDC_CLIENT_SECRET": "very-secret",
}


def read(monkeypatch: pytest.MonkeyPatch, **variables: str) -> DeskSettings:
    for name, value in variables.items():
        monkeypatch.setenv(PREFIX + name, value)
    return DeskSettings()


def test_nothing_is_required() -> None:
    settings = DeskSettings()
    assert settings.provider is None
    assert settings.lifetimes.idle == dt.timedelta(minutes=30)
    assert settings.lifetimes.longest == dt.timedelta(hours=12)


def test_groups_are_read_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = '{"KK-Pas": {"role": "specialist", "teams": ["pas"]}, "KK-Alle": {"teams": ["x"]}}'
    settings = read(monkeypatch, **PROVIDER, OIDC_GROUPS=groups)
    assert settings.oidc_groups["KK-Pas"].role is Role.specialist
    assert list(settings.oidc_groups) == ["KK-Pas", "KK-Alle"]
    assert settings.provider is not None
    assert settings.provider.client_secret.get_secret_value() == "very-secret"


@pytest.mark.parametrize("missing", PROVIDER)
def test_half_a_provider_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given = {name: value for name, value in PROVIDER.items() if name != missing}
    with pytest.raises(ValidationError, match=missing) as refused:
        read(monkeypatch, **given)
    assert "very-secret" not in str(refused.value)


@pytest.mark.parametrize(
    "variables",
    [
        {"SESSION_HOURS": "0"},
        {"AUDIT_DAYS": "30"},
        {"LOCAL_ACCOUNTS": "false"},
        {"OIDC_GROUPS": '{"a": {"role": "king"}}'},
        {"OIDC_GROUPS": '{"a": {"rolle": "guide"}}'},
    ],
)
def test_what_cannot_be_right_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    with pytest.raises(ValidationError):
        read(monkeypatch, **variables)
