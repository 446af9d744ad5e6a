"""Step: ask the dialogue; if it is away, look the question up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from conversations.assistant.port import Assistant, AssistantUnavailable, Context
from conversations.models import Reply
from conversations.pipeline.turn import Turn
from knowledge.catalogue import Catalogue
from knowledge.search import KnowledgeSearch

log = structlog.get_logger(__name__)

Recall = Callable[[str, str], Awaitable[list[Reply] | None]]
"""The replies that are stored for a message of a conversation."""

LANGUAGE = "language"
"""A value that a reply may carry: the language to go on in."""


def _one_list(replies: list[Reply]) -> list[Reply]:
    """What is asked last keeps its choices, what was answered before it does not.

    A number that somebody types must mean one thing, and the question is still open.
    """
    if not replies or not replies[-1].choices:
        return replies
    return [*(replace(reply, choices=()) for reply in replies[:-1]), replies[-1]]


class AskAssistant:
    """The dialogue's answer, or knowledge search with the offer of a person."""

    def __init__(
        self,
        assistant: Assistant,
        catalogue: Callable[[], Catalogue],
        search: Callable[[], KnowledgeSearch],
        recall: Recall | None = None,
        offer_visit: Callable[[list[Reply]], list[Reply]] | None = None,
    ) -> None:
        """``recall``: an answer that was stored with what it has changed, but perhaps not given.

        ``offer_visit`` adds to answers that a time can be booked.
        """
        self._assistant = assistant
        self._catalogue = catalogue
        self._search = search
        self._recall = recall
        self._offer_visit = offer_visit

    async def __call__(self, turn: Turn) -> None:
        if not await self._recalled(turn):
            await self._ask(turn)
        turn.replies = _one_list(turn.replies or [])
        for reply in turn.replies:
            if LANGUAGE in reply.values:
                turn.language = reply.values[LANGUAGE]
            if reply.service is not None:
                turn.service = reply.service

    async def _recalled(self, turn: Turn) -> bool:
        if self._recall is None:
            return False
        stored = await self._recall(turn.conversation.id, turn.message.id)
        if stored:
            turn.replies = stored
        return bool(stored)

    async def _ask(self, turn: Turn) -> None:
        # A service may have left the knowledge base since it was talked about.
        if turn.service not in self._catalogue().services:
            turn.service = None
        last = turn.last_answer
        reply_key = last.reply if last is not None else None
        aspect = reply_key.removeprefix("service_") if reply_key and last and last.service else None
        context = Context(
            language=turn.language,
            channel=turn.conversation.channel,
            service=turn.service,
            aspect=aspect,
            offered=turn.offered,
            last_reply=reply_key,
            failures=turn.failures,
            message_id=turn.message.id,
            address=turn.message.address,
        )
        try:
            turn.replies = await self._assistant.respond(
                turn.conversation.id, turn.message.text, turn.choice, context
            )
            if self._offer_visit is not None:
                turn.replies = self._offer_visit(turn.replies)
        except AssistantUnavailable as error:
            # It may have gone away after it had done what was asked.
            if await self._recalled(turn):
                return
            log.warning("degraded", conversation=turn.conversation.id, reason=str(error))
            turn.replies = self._look_up(turn)
            turn.note = ("degraded", {"reason": str(error)})
            turn.outcome = "degraded"

    def _look_up(self, turn: Turn) -> list[Reply]:
        """What can be said without the dialogue: a chosen service, or the best hits."""
        kind, _, rest = (turn.choice or "").partition(":")
        if kind == "service":
            return [Reply("degraded"), Reply("service", service=rest, choices=("human",))]
        if kind == "ask":
            service, _, aspect = rest.partition(":")
            answer = Reply("service", service=service, aspect=aspect, choices=("human",))
            return [Reply("degraded"), answer]
        if kind == "human":
            return [Reply("human")]
        if kind == "book":
            key = "booking" if rest == "start" else "degraded_nothing"
            return [Reply(key, choices=("human",))]
        hits = self._search().find(turn.message.text, turn.language)
        if hits.clear is not None:
            answer = Reply("service", service=hits.clear, choices=("human",))
            return [Reply("degraded"), answer]
        if hits.candidates:
            codes = tuple(f"service:{item}" for item in hits.candidates)
            return [Reply("degraded", candidates=hits.candidates, choices=(*codes, "human"))]
        return [Reply("degraded_nothing", choices=("human",))]
