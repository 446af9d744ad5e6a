"""Rasa's memory and its locks in Redis, for several Rasa processes that answer side by side.

Both are named in ``deploy/endpoints.redis.yml``. Nothing connects before the first message, and a
Redis that was away is found again at the next one. While it is away a message gets no reply from
Rasa, and the gateway answers by search.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import redis
from rasa.core.brokers.broker import EventBroker
from rasa.core.lock import Ticket, TicketLock
from rasa.core.lock_store import LockError, LockStore
from rasa.core.tracker_store import RedisTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig
from redis.client import Pipeline

from bot.tracker_store import shortened

TRACKERS = "borgerguide:rasa:tracker:"
LOCKS = "borgerguide:rasa:lock:"
"""What the keys begin with; a conversation's id follows."""


def connect(url: str | None, socket_timeout: float) -> redis.Redis[str]:
    """A client for ``redis://[user:password@]host:port/db`` (``rediss://`` with TLS), not yet
    connected. Raises ``ValueError`` for any other URL.

    Rasa waits for Redis in its event loop: a Redis that hangs may cost a message
    ``socket_timeout`` seconds, but not everybody's turn.
    """
    if not url:
        raise ValueError("a Redis store in Rasa's endpoints needs its url")
    return redis.Redis.from_url(url, socket_timeout=float(socket_timeout), decode_responses=True)


class ShortRedisTrackerStore(RedisTrackerStore):
    """The last ``max_turns`` turns of each conversation, at the Redis of the URL in ``host``.

    Redis forgets a conversation ``expire_after`` seconds after its last turn. How many fit is a
    matter of its ``maxmemory``: every key expires, so any ``volatile-*`` policy can make room.
    """

    def __init__(
        self,
        domain: Domain,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        *,
        max_turns: int = 20,
        expire_after: float = 3600,
        socket_timeout: float = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker=event_broker, **kwargs)
        # Rasa's own client would wait for a Redis that hangs without a limit.
        self.red = connect(host, socket_timeout)
        self.key_prefix = TRACKERS
        self._max_turns = int(max_turns)
        self._expire_after_ms = round(float(expire_after) * 1000)

    async def save(self, tracker: DialogueStateTracker, timeout: float | None = None) -> None:
        """Store the shortened tracker for ``timeout`` seconds, or as long as always.

        Rasa's own would merge it with the stored one, and so bring back what was cut off. There
        is nothing to merge: the lock gives a conversation to one process at a time.
        """
        await self.stream_events(tracker)
        text = self.serialise_tracker(shortened(tracker, self._max_turns))
        kept = self._expire_after_ms if timeout is None else round(timeout * 1000)
        self.red.set(self.key_prefix + tracker.sender_id, text, px=kept)


class TicketLockStore(LockStore):
    """One turn of a conversation at a time, in the order of arrival, over all Rasa processes.

    Rasa's own ``RedisLockStore`` reads the queue of tickets and then writes it: two processes that
    do so at once get the same ticket and go on together. Here a change is one transaction.

    ``lock_lifetime`` in seconds is the longest that a conversation waits for a process that
    died. It has to be longer than a turn. The machines' clocks have to agree to within a fraction
    of it.
    """

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        settings = endpoint_config.kwargs
        self.red = connect(endpoint_config.url, settings.get("socket_timeout", 1))
        self._lifetime = float(settings.get("lock_lifetime", 15))
        self._wait = float(settings.get("wait_time", 0.1))
        super().__init__()

    def lock(
        self,
        conversation_id: str,
        lock_lifetime: float | None = None,
        wait_time_in_seconds: float | None = None,
    ) -> AbstractAsyncContextManager[TicketLock]:
        """As Rasa's own, with our lifetime and waiting time. Raises ``LockError``."""
        return super().lock(
            conversation_id,
            self._lifetime if lock_lifetime is None else lock_lifetime,
            self._wait if wait_time_in_seconds is None else wait_time_in_seconds,
        )

    def issue_ticket(self, conversation_id: str, lock_lifetime: float | None = None) -> int:
        """Join the queue; the ticket's number. Raises ``LockError`` if Redis is away."""
        lifetime = self._lifetime if lock_lifetime is None else lock_lifetime
        # The place in the queue is the order. A number that never comes again keeps a turn that
        # outlived its ticket from handing in that of the next one.
        number = secrets.randbits(53)

        def join(lock: TicketLock) -> None:
            lock.tickets.append(Ticket(number, time.time() + lifetime))

        try:
            self._change(conversation_id, join)
        except redis.RedisError as error:
            raise LockError(f"No ticket from Redis: {error}") from error
        return number

    def get_lock(self, conversation_id: str) -> TicketLock | None:
        stored = self.red.get(LOCKS + conversation_id)
        return TicketLock.from_dict(json.loads(stored)) if stored else None

    def update_lock(self, conversation_id: str) -> None:
        """Take out the tickets that have expired."""
        self._change(conversation_id, lambda _lock: None)

    def finish_serving(self, conversation_id: str, ticket_number: int) -> None:
        """Hand in the ticket."""
        self._change(conversation_id, lambda lock: lock.remove_ticket_for(ticket_number))

    def cleanup(self, conversation_id: str, ticket_number: int) -> None:
        """The same: a queue that is empty is deleted by the change that empties it."""
        self.finish_serving(conversation_id, ticket_number)

    def delete_lock(self, conversation_id: str) -> None:
        self.red.delete(LOCKS + conversation_id)

    def save_lock(self, lock: TicketLock) -> None:
        """Store the queue as it is; whatever the others wrote in the meantime is lost."""
        self._write(self.red, lock)

    def _change(self, conversation_id: str, change: Callable[[TicketLock], None]) -> None:
        """Read, change and write the queue; again from the start if another was quicker."""
        key = LOCKS + conversation_id

        def attempt(pipe: Pipeline[str]) -> None:
            stored = pipe.get(key)
            lock = (
                TicketLock.from_dict(json.loads(stored))
                if stored
                else self.create_lock(conversation_id)
            )
            lock.remove_expired_tickets()
            change(lock)
            pipe.multi()
            self._write(pipe, lock)

        self.red.transaction(attempt, key)

    def _write(self, client: redis.Redis[str] | Pipeline[str], lock: TicketLock) -> None:
        key = LOCKS + lock.conversation_id
        if not lock.tickets:
            client.delete(key)
            return
        left = max(ticket.expires for ticket in lock.tickets) - time.time()
        # What a process that died left behind goes by itself.
        client.set(key, lock.dumps(), px=max(1, round(left * 1000)))
