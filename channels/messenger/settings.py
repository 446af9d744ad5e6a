"""What an operator sets for Messenger (``BORGERGUIDE_MESSENGER_*``): all of it, or nothing."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_PREFIX = "BORGERGUIDE_MESSENGER_"


class UnusableSettings(ValueError):
    """Something is missing or of the wrong form; says which variables, and never a value."""


class MessengerSettings(BaseSettings):
    """One page, and the app that is installed on it."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    page_id: str = Field(pattern=r"^[0-9]{1,40}$")
    """The page's number, not its name: webhooks carry the number."""
    page_token: SecretStr = Field(min_length=1)
    """A page access token with ``pages_messaging`` to send, and ``pages_manage_metadata`` and
    ``pages_read_engagement`` to look up what was sent."""
    app_secret: SecretStr = Field(min_length=1)
    """What webhooks are signed with."""
    verify_token: SecretStr = Field(min_length=1)
    """Any secret, entered where the webhook is subscribed."""
    api_url: str = Field(default="https://graph.facebook.com", pattern=r"^https?://[^/?#]+$")
    api_version: str = Field(default="v26.0", pattern=r"^v[0-9]{1,3}\.[0-9]{1,2}$")
    """Of the Graph API. Each works for about two years after its successor has come out."""

    @classmethod
    def from_environment(cls) -> Self | None:
        """The settings; None if none of those without a default is there.

        Raises :class:`UnusableSettings`.
        """
        try:
            return cls()
        except ValidationError as error:
            wrong = {str(item["loc"][0]): item["type"] for item in error.errors()}
            required = {name for name, field in cls.model_fields.items() if field.is_required()}
            missing = {name for name, kind in wrong.items() if kind == "missing"}
            if missing == required == set(wrong):
                return None
            names = [
                f"{_PREFIX}{name.upper()} ({'missing' if name in missing else 'wrong form'})"
                for name in sorted(wrong)
            ]
            # Without the cause: its text may hold a secret in the wrong place.
            raise UnusableSettings(f"Messenger is half set up: {', '.join(names)}") from None
