"""The channels that this installation runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from channels.base import Channel
from channels.web.channel import WebChannel

Factory = Callable[[str], Channel]
"""Makes a channel from the guide's public address; it reads its own settings."""

REGISTRY: Mapping[str, Factory] = {
    "web": WebChannel,
}
"""One line per channel: its name and its factory."""
