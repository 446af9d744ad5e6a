"""Works the outbox off: claims, sends, tries again, gives up."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping

import structlog

from conversations.delivery.backoff import delay
from conversations.delivery.port import (
    Outgoing,
    Outlet,
    Rejected,
    Stopped,
    TryLater,
    Unclear,
)
from conversations.metrics import DELIVERIES, DELIVERY_SECONDS
from conversations.store.outbox import Outbox

log = structlog.get_logger(__name__)

_IDLE = 1.0
"""Seconds between looks at the outbox when nobody wakes us: other gateways fill it too."""
_ASK_AFTER = 5.0
"""Seconds before the provider is asked about something unclear: it may still be taking it in."""


class DeliveryRunner:
    """One per gateway; any number of gateways may work on one outbox.

    ``at_once`` is how many deliveries are under way at a time, ``lease`` the seconds after which
    a delivery whose worker died is taken up by another, ``attempts`` how often to try.
    """

    def __init__(
        self,
        outbox: Outbox,
        outlets: Mapping[str, Outlet],
        *,
        at_once: int = 16,
        lease: float = 60.0,
        attempts: int = 10,
        rng: random.Random | None = None,
    ) -> None:
        self._outbox = outbox
        self._outlets = outlets
        self._at_once = at_once
        self._lease = lease
        self._attempts = attempts
        self._rng = rng or random.Random()  # noqa: S311 - jitter, not a secret
        self._woken = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled; what is under way then is finished first."""
        try:
            while True:
                try:
                    claimed = await self._claim()
                except Exception:
                    # The database is away, say. What waits in it waits.
                    log.exception("outbox_not_read")
                    claimed = 0
                if not claimed:
                    await self._rest()
        finally:
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=self._lease)

    async def _claim(self) -> int:
        self._woken.clear()
        free = self._at_once - len(self._under_way)
        if free <= 0:
            return 0
        claimed = await self._outbox.claim(free, self._lease)
        for outgoing in claimed:
            task = asyncio.create_task(self._handle(outgoing))
            self._under_way.add(task)
            task.add_done_callback(self._done)
        return len(claimed)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        # The next one to the same address may leave now.
        self._woken.set()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_IDLE):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _handle(self, outgoing: Outgoing) -> None:
        try:
            with DELIVERY_SECONDS.labels(outgoing.channel).time():
                outcome = await self._deliver(outgoing)
        except Exception:
            # The database is away: the lease runs out, and the provider will be asked.
            log.exception("delivery_not_recorded", delivery=outgoing.id)
            outcome = "not_recorded"
        DELIVERIES.labels(outgoing.channel, outcome).inc()
        log.info(
            "delivery",
            delivery=outgoing.id,
            channel=outgoing.channel,
            attempt=outgoing.attempt,
            outcome=outcome,
        )

    async def _deliver(self, outgoing: Outgoing) -> str:
        outbox = self._outbox
        try:
            provider_id = await self._hand_over(outgoing)
        except Stopped:
            await outbox.stopped(outgoing)
            return "stopped"
        except Rejected as error:
            await outbox.rejected(outgoing, str(error))
            return "rejected"
        except TryLater as error:
            return await self._again(outgoing, str(error), error.after, unclear=False)
        except Unclear as error:
            return await self._again(outgoing, str(error), _ASK_AFTER, unclear=True)
        except Exception as error:
            log.exception("outlet_failed", delivery=outgoing.id)
            return await self._again(outgoing, type(error).__name__, _ASK_AFTER, unclear=True)
        await outbox.sent(outgoing.id, provider_id)
        return "sent"

    async def _hand_over(self, outgoing: Outgoing) -> str:
        outlet = self._outlets.get(outgoing.channel)
        if outlet is None:
            raise Rejected("the channel is not set up")
        if outgoing.maybe_sent:
            try:
                found = await outlet.find(outgoing)
            except TryLater as error:
                # Still nobody knows: sending now could double it.
                raise Unclear(str(error)) from error
            if found is not None:
                return found
        return await outlet.send(outgoing)

    async def _again(
        self, outgoing: Outgoing, reason: str, after: float | None, *, unclear: bool
    ) -> str:
        if outgoing.attempt >= self._attempts:
            await self._outbox.rejected(outgoing, f"given up: {reason}")
            return "given_up"
        seconds = delay(outgoing.attempt, after, self._rng)
        await self._outbox.later(outgoing, seconds, reason, unclear=unclear)
        return "unclear" if unclear else "later"
