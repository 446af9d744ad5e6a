"""What an operator sets for text messages: ``BORGERGUIDE_TWILIO_*``, all of it or nothing."""

from __future__ import annotations

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "BORGERGUIDE_TWILIO_"

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
"""For one request to Twilio, with connecting."""


class IncompleteSettings(ValueError):
    """Some variables are set and others are not."""


class TwilioSettings(BaseSettings):
    """An account with Twilio. Its errors do not repeat what was given: it may be a secret."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True
    )

    account_sid: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: SecretStr = Field(min_length=1)
    """Signs Twilio's requests to us, and is the password of ours to Twilio."""
    sender: str = Field(pattern=r"^(\+[1-9][0-9]{6,14}|MG[0-9a-fA-F]{32})$")
    """A number in E.164, or the SID of a messaging service that chooses one."""
    api_url: str = Field(default="https://api.twilio.com", pattern=r"^https?://[^/?#\s]+$")


def settings_from_environment() -> TwilioSettings | None:
    """The settings; None if text messages are not set up, which is no error.

    Raises :class:`IncompleteSettings`, which names the variables that are missing, and
    ``ValidationError`` for a value that cannot be right.
    """
    try:
        return TwilioSettings()
    except ValidationError as error:
        missing = {str(item["loc"][0]) for item in error.errors() if item["type"] == "missing"}
        fields = TwilioSettings.model_fields.items()
        required = [name for name, field in fields if field.is_required()]
        if missing == set(required):
            return None
        if missing:
            names = ", ".join(PREFIX + name.upper() for name in required if name in missing)
            raise IncompleteSettings(f"text messages are half set up, missing: {names}") from None
        raise
