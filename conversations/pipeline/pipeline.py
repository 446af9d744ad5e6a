"""Runs the steps, renders what they decided, and stores it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import structlog

from conversations.metrics import TURN_SECONDS, TURNS
from conversations.models import Capabilities, Message, Reply
from conversations.pipeline.language import LANGUAGE_SWITCHED
from conversations.pipeline.turn import Step, Turn
from conversations.rendering.renderer import Renderer
from conversations.store.store import ConversationStore

log = structlog.get_logger(__name__)

_HISTORY = 12
"""Messages before this one that the steps may look at."""


class Pipeline:
    """Takes a stored citizen message to its stored answer."""

    def __init__(
        self,
        store: ConversationStore,
        steps: Sequence[Step],
        renderer: Renderer,
        capabilities: Callable[[str], Capabilities],
        knowledge_version: Callable[[], str],
    ) -> None:
        self._store = store
        self._steps = steps
        self._renderer = renderer
        self._capabilities = capabilities
        self._knowledge_version = knowledge_version

    async def run(self, message_id: str) -> list[Message]:
        """Answer a message; nothing, if it is gone or answered already.

        Whatever a step raises, the citizen gets an answer: the failure is logged and the guide
        says that it could not understand.
        """
        found = await self._store.message(message_id)
        if found is None or not found[1]:
            return []
        message, _, redacted = found
        started = time.perf_counter()
        conversation = await self._store.get(message.conversation_id)
        turn = Turn(
            conversation=conversation,
            message=message,
            redacted=redacted,
            history=await self._store.latest(conversation.id, message.seq, _HISTORY),
            language=conversation.language,
            choice=message.choice,
            service=conversation.service,
        )
        can = self._capabilities(conversation.channel)
        try:
            for step in self._steps:
                await step(turn)
                if turn.replies is not None:
                    break
            replies = [self._renderer.render(item, turn.language, can) for item in _said(turn)]
        except Exception:
            log.exception("turn_failed", conversation=conversation.id, message=message.id)
            turn.outcome = "failed"
            apology = Reply("fallback_2", choices=("human",))
            replies = [self._renderer.render(apology, turn.language, can)]
        stored = await self._store.finish_turn(
            message.id,
            replies,
            language=turn.language,
            language_chosen=_chose_language(turn),
            service=turn.service,
            knowledge_version=self._knowledge_version(),
            note=turn.note,
        )
        seconds = time.perf_counter() - started
        TURNS.labels(conversation.channel, turn.language, turn.outcome).inc()
        TURN_SECONDS.observe(seconds)
        log.info(
            "turn",
            conversation=conversation.id,
            message=message.id,
            language=turn.language,
            outcome=turn.outcome,
            replies=[reply.reply for reply in replies],
            milliseconds=round(seconds * 1000, 1),
        )
        return stored


def _said(turn: Turn) -> list[Reply]:
    replies = list(turn.replies or ())
    if not replies:
        return []
    notice = [Reply("cpr_removed")] if turn.redacted else []
    # Numbers to call come before everything, also before the notice.
    if turn.outcome == "crisis":
        return replies + notice
    return turn.first + notice + replies


def _chose_language(turn: Turn) -> bool:
    return any(reply.key == LANGUAGE_SWITCHED for reply in turn.replies or ())
