"""The channels that this installation runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from channels.base import Channel
from channels.web.channel import WebChannel
from conversations.service import Conversations

REGISTRY: Mapping[str, Callable[[Conversations, tuple[str, ...]], Channel]] = {
    "web": WebChannel,
}
"""One line per channel: its name and its factory."""
