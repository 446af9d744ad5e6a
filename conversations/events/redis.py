"""Wake-ups between processes, over Redis' publish and subscribe."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any

from conversations.events.local import LocalEvents
from conversations.events.port import Subscription
from conversations.redis import RedisAway, RedisClient

_EVERYBODY = "*"
_QUIET_SECONDS = 5.0
"""How long a silent connection is trusted before it is asked whether it still lives."""
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0


class RedisEvents:
    """Wakes readers in every process that listens on the same Redis.

    There is one channel for all conversations, and the message is the conversation's id. So a
    process has one connection and one subscription, however many readers come and go; a reader
    that comes or goes costs Redis nothing; and there is no subscription that could be forgotten.
    The price is that each process hears of every conversation, some hundred bytes per turn, and
    looks in a table whether anybody here follows it.

    Readers of this process are woken directly, with or without Redis. Whoever may have missed
    something is woken without cause, since looking in the store is cheap: all readers here
    whenever the connection is made anew, and all readers elsewhere once Redis is back after a
    wake-up that could not be sent.

    Nothing is heard of other processes unless :meth:`run` runs.
    """

    def __init__(self, client: RedisClient, *, channel: str = "borgerguide:events") -> None:
        self._client = client
        self._channel = channel
        self._local = LocalEvents()
        self._me = secrets.token_hex(8)
        self._unsent = False

    async def publish(self, conversation_id: str) -> None:
        """Never raises for Redis: what could not be sent is made up for when Redis is back."""
        await self._local.publish(conversation_id)
        await self._send(conversation_id)

    def subscribe(self, *topics: str) -> AbstractAsyncContextManager[Subscription]:
        return self._local.subscribe(*topics)

    async def run(self) -> None:
        """Listen to the other processes until cancelled. Outlives every failure of Redis."""
        pause = _FIRST_PAUSE
        while True:
            try:
                async with aclosing(self._heard()) as heard:
                    async for message in heard:
                        pause = _FIRST_PAUSE
                        await self._take(message)
            except Exception as error:
                # Whatever it was: the next connection begins from nothing.
                self._client.failed("listen", error)
            # Not all processes at once, when Redis comes back.
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _heard(self) -> AsyncGenerator[dict[str, Any], None]:
        """What one connection hears, for as long as it lives. Raises when it no longer does."""
        async with self._client.pubsub() as pubsub:
            await pubsub.subscribe(self._channel)
            asked = False
            while True:
                message = await pubsub.get_message(timeout=_QUIET_SECONDS)
                if message is not None:
                    asked = False
                    yield message
                elif asked:
                    raise TimeoutError("the connection is silent")
                else:
                    await pubsub.ping()
                    asked = True

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self._client.answered("listen")
            self._local.wake_everybody()
        elif message["type"] == "message":
            sender, _, conversation_id = message["data"].decode(errors="replace").partition(" ")
            if sender == self._me:
                pass  # its readers were woken before it was sent
            elif conversation_id == _EVERYBODY:
                self._local.wake_everybody()
            else:
                await self._local.publish(conversation_id)
        if self._unsent:
            self._unsent = False
            await self._send(_EVERYBODY)

    async def _send(self, conversation_id: str) -> None:
        text = f"{self._me} {conversation_id}"
        try:
            await self._client.ask("publish", lambda redis: redis.publish(self._channel, text))
        except RedisAway:
            self._unsent = True
