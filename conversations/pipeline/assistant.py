"""Step: ask the dialogue; if it is away, look the question up."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from conversations.assistant.port import Assistant, AssistantUnavailable, Context
from conversations.models import Reply
from conversations.pipeline.turn import Turn
from knowledge.catalogue import Catalogue
from knowledge.search import KnowledgeSearch

log = structlog.get_logger(__name__)

LANGUAGE = "language"
"""A value that a reply may carry: the language to go on in."""


class AskAssistant:
    """The dialogue's answer, or knowledge search with the offer of a person."""

    def __init__(
        self,
        assistant: Assistant,
        catalogue: Callable[[], Catalogue],
        search: Callable[[], KnowledgeSearch],
    ) -> None:
        self._assistant = assistant
        self._catalogue = catalogue
        self._search = search

    async def __call__(self, turn: Turn) -> None:
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
        )
        try:
            turn.replies = await self._assistant.respond(
                turn.conversation.id, turn.message.text, turn.choice, context
            )
        except AssistantUnavailable as error:
            log.warning("degraded", conversation=turn.conversation.id, reason=str(error))
            turn.replies = self._look_up(turn)
            turn.note = ("degraded", {"reason": str(error)})
            turn.outcome = "degraded"
        for reply in turn.replies:
            if LANGUAGE in reply.values:
                turn.language = reply.values[LANGUAGE]
            if reply.service is not None:
                turn.service = reply.service

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
        hits = self._search().find(turn.message.text, turn.language)
        if hits.clear is not None:
            answer = Reply("service", service=hits.clear, choices=("human",))
            return [Reply("degraded"), answer]
        if hits.candidates:
            codes = tuple(f"service:{item}" for item in hits.candidates)
            return [Reply("degraded", candidates=hits.candidates, choices=(*codes, "human"))]
        return [Reply("degraded_nothing", choices=("human",))]
