"""Typed settings, read once from the environment (``BORGERGUIDE_*``)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).parent


class Settings(BaseSettings):
    """What an operator can set. There are no default secrets: a missing one stops the start."""

    model_config = SettingsConfigDict(env_prefix="BORGERGUIDE_", frozen=True)

    public_url: str = Field(default="http://localhost:8000", pattern=r"^https?://[^/?#]+$")
    """Where citizens and providers reach the guide: in short links, and what webhooks are signed
    for. Without a slash at its end."""
    redis_url: SecretStr | None = None
    """Redis, for several gateways: wake-ups, locks and rate limits. Without it they are kept in
    this process, which is right for a single gateway."""
    environment: Literal["development", "production"] = "development"
    database_url: str = f"sqlite+aiosqlite:///{ROOT / 'var' / 'borgerguide.db'}"
    rasa_url: str = "http://127.0.0.1:5005"
    rasa_timeout: float = Field(default=8.0, gt=0)
    """Seconds to wait for the dialogue before the gateway answers on its own."""
    internal_token: SecretStr
    """Shared with the Rasa process, which calls ``/internal/actions`` with it."""
    booking_secret: SecretStr | None = Field(default=None, min_length=32)
    """Signs the links with which citizens change appointments, at least 32 characters. Without it
    the guide books nothing itself, and says where to book."""
    booking_organizer: str | None = Field(default=None, pattern=r"^[^@\s:]+@[^@\s:]+$")
    """The e-mail address that calendar entries name as who invites: calendars want one. Without
    it, ``noreply`` at the host of ``public_url``; nobody is written to in either case."""
    knowledge_root: Path = ROOT / "knowledge"
    replies_root: Path = ROOT / "bot" / "replies"
    cache_root: Path = ROOT / "var" / "cache"
    """What can be computed again; writable by the guide only."""
    web_root: Path = ROOT / "web" / "dist"
    allowed_origins: tuple[str, ...] = ()
    """Other websites that may embed the widget, as a JSON list: ``["https://www.example.dk"]``."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    max_message_length: int = Field(default=2000, gt=0)
    """Characters in one message from a citizen."""
    messages_per_minute: int = Field(default=30, gt=0)
    """Sustained rate per conversation; short bursts of ``message_burst`` pass."""
    message_burst: int = Field(default=20, gt=0)
    conversations_per_minute: int = Field(default=60, gt=0)
    """New conversations per client address."""
    codes_per_hour: int = Field(default=6, gt=0)
    """One-time codes sent for one conversation, and to one address."""
    retention_days: int = Field(default=30, gt=0)
    """Resolved or silent conversations older than this are erased."""

    @property
    def organizer(self) -> str:
        """The address that calendar entries name as who invites."""
        host = urlsplit(self.public_url).hostname or "localhost"
        return self.booking_organizer or f"noreply@{host}"
