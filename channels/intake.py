"""Events from providers, each to where it belongs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from conversations.delivery.port import StatusReport
from conversations.reception import Received, Reception
from conversations.store.outbox import Outbox

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ReadUntil:
    """The citizen has read everything that was sent up to a moment."""

    channel: str
    address: str
    moment: dt.datetime


Event = Received | StatusReport | ReadUntil


class Intake:
    """Stores what came, one event after the other; what is stored needs no second copy."""

    def __init__(self, reception: Reception, outbox: Outbox) -> None:
        self._reception = reception
        self._outbox = outbox

    async def take(self, events: Iterable[Event]) -> None:
        """Returns when everything is stored: then the provider may forget it."""
        for event in events:
            match event:
                case Received():
                    new = await self._reception.receive(event)
                    log.info("received", channel=event.channel, new=new)
                case StatusReport():
                    ours = await self._outbox.report(event)
                    log.info("status", channel=event.channel, status=event.status, ours=ours)
                case ReadUntil():
                    await self._outbox.read_until(event.channel, event.address, event.moment)
