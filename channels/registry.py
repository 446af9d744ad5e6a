"""The channels that this installation runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from channels.base import Channel
from channels.messenger.channel import MessengerChannel
from channels.sms.channel import SmsChannel
from channels.web.channel import WebChannel

Factory = Callable[[str], Channel]
"""Makes a channel from the guide's public address; it reads its own settings."""

REGISTRY: Mapping[str, Factory] = {
    "web": WebChannel,
    "sms": SmsChannel.from_environment,
    "messenger": MessengerChannel.from_environment,
}
"""One line per channel: its name and its factory."""
