"""What an operator can set for the desk: ``BORGERGUIDE_DESK_*``. Nothing is required."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from desk.accounts.models import Role
from desk.accounts.sessions import Lifetimes
from desk.accounts.tables import AUDIT_KEPT_DAYS

PREFIX = "BORGERGUIDE_DESK_"
_Text = Annotated[str, StringConstraints(min_length=1)]


class Group(BaseModel):
    """What a group at the identity provider makes of its people here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role | None = None
    teams: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProviderSettings:
    """The identity provider, where one is set up."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    scopes: str
    groups_claim: str


class DeskSettings(BaseSettings):
    """Its errors do not repeat what was given: it may be a secret."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    session_idle_minutes: int = Field(default=30, gt=0)
    """Without a sign of the member for so long, a session ends."""
    session_hours: int = Field(default=12, gt=0)
    """A session ends after this, whatever happens."""
    local_accounts: bool = True
    """Members may sign in with a password; without it, only through the identity provider."""
    audit_days: int = Field(default=730, ge=AUDIT_KEPT_DAYS)
    """How long the audit trail is kept."""
    oidc_issuer: str | None = Field(default=None, pattern=r"^https?://[^?#\s]+$")
    """The identity provider, exactly as it calls itself. With it, id and secret are needed."""
    oidc_client_id: _Text | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_scopes: str = "openid profile email"
    oidc_groups_claim: str = "groups"
    """Where the ID token lists a person's groups."""
    oidc_groups: dict[str, Group] = Field(default_factory=dict)
    """Group by group the role and teams it gives, as JSON. The first group that a person is in
    and that has a role gives the role; teams add up. Nobody without a role gets in."""

    @model_validator(mode="after")
    def _whole(self) -> DeskSettings:
        needed = {
            "oidc_issuer": self.oidc_issuer,
            "oidc_client_id": self.oidc_client_id,
            "oidc_client_secret": self.oidc_client_secret,
        }
        missing = [PREFIX + name.upper() for name, value in needed.items() if value is None]
        if 0 < len(missing) < len(needed):
            raise ValueError(f"the identity provider is half set up, missing: {missing}")
        if not self.local_accounts and self.oidc_issuer is None:
            raise ValueError("nobody could sign in: no local accounts and no identity provider")
        return self

    @property
    def provider(self) -> ProviderSettings | None:
        """The identity provider; None without one, which is no error."""
        issuer, client, secret = self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret
        if issuer is None or client is None or secret is None:
            return None
        return ProviderSettings(issuer, client, secret, self.oidc_scopes, self.oidc_groups_claim)

    @property
    def lifetimes(self) -> Lifetimes:
        """When sessions end."""
        return Lifetimes(
            dt.timedelta(minutes=self.session_idle_minutes), dt.timedelta(hours=self.session_hours)
        )
