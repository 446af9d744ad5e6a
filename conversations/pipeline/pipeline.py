"""Runs the steps, renders what they decided, and stores it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

import structlog

from conversations.delivery.dispatch import Dispatch
from conversations.metrics import TURN_SECONDS, TURNS
from conversations.models import Message, Reply
from conversations.pipeline.language import LANGUAGE_SWITCHED
from conversations.pipeline.turn import Step, Turn
from conversations.rendering.renderer import Renderer
from conversations.states import State
from conversations.store.store import ConversationStore
from conversations.store.writing import Said

log = structlog.get_logger(__name__)

_HISTORY = 12
"""Messages before this one that the steps may look at."""


class Pipeline:
    """Takes a stored citizen message to its stored answer."""

    def __init__(
        self,
        *,
        store: ConversationStore,
        steps: Sequence[Step],
        follow: Step | None = None,
        renderer: Renderer,
        dispatch: Dispatch,
        sent: Callable[[], None],
        noticed: Callable[[], Awaitable[None]] | None = None,
        knowledge_version: Callable[[], str],
    ) -> None:
        """``follow`` runs after the steps, whoever decided; ``noticed`` is told of turns that
        concern staff."""
        self._store = store
        self._steps = steps
        self._follow = follow
        self._noticed = noticed
        self._renderer = renderer
        self._dispatch = dispatch
        self._sent = sent
        self._knowledge_version = knowledge_version

    async def run(self, conversation_id: str) -> list[Message]:
        """Answer the conversation's next open message; nothing, if there is none.

        Whatever a step raises, the citizen gets an answer: the failure is logged and the guide
        says that it could not understand.
        """
        found = await self._store.next_turn(conversation_id, _HISTORY)
        if found is None:
            return []
        started = time.perf_counter()
        conversation, message = found.conversation, found.message
        turn = Turn(
            conversation=conversation,
            message=message,
            redacted=found.redacted,
            history=found.history,
            language=conversation.language,
            choice=message.choice,
            service=conversation.service,
            introduced=found.introduced,
        )
        try:
            for step in self._steps:
                await step(turn)
                if turn.replies is not None:
                    break
            alone = said = self._speak(turn, _said(turn))
        except Exception:
            log.exception("turn_failed", conversation=conversation.id, message=message.id)
            turn.outcome, turn.effect = "failed", None
            turn.replies = [Reply("fallback_2", choices=("human",))]
            alone = said = self._speak(turn, _said(turn))
        said = await self._hand_over(turn, said)
        try:
            stored = await self._finish(turn, said)
        except Exception:
            if turn.effect is None:
                raise
            # Above all the numbers to call: they must not be lost with the way to a person.
            log.exception("handover_not_stored", conversation=conversation.id)
            turn.effect, said = None, alone
            stored = await self._finish(turn, said)
        if any(item.parcels for item in said):
            self._sent()
        await self._tell(turn)
        seconds = time.perf_counter() - started
        TURNS.labels(message.channel, turn.language, turn.outcome).inc()
        TURN_SECONDS.observe(seconds)
        log.info(
            "turn",
            conversation=conversation.id,
            message=message.id,
            language=turn.language,
            outcome=turn.outcome,
            replies=[item.rendered.reply for item in said],
            milliseconds=round(seconds * 1000, 1),
        )
        return stored

    async def _hand_over(self, turn: Turn, said: list[Said]) -> list[Said]:
        """What is said if a person is sent for; what was decided before, if that fails."""
        if self._follow is None or turn.outcome == "failed":
            return said
        before = turn.replies, turn.effect
        try:
            await self._follow(turn)
            return said if turn.replies is before[0] else self._speak(turn, _said(turn))
        except Exception:
            log.exception("handover_failed", conversation=turn.conversation.id)
            turn.replies, turn.effect = before
            return said

    async def _finish(self, turn: Turn, said: Sequence[Said]) -> list[Message]:
        return await self._store.finish_turn(
            turn.message.id,
            said,
            language=turn.language,
            language_chosen=_chose_language(turn),
            service=turn.service,
            knowledge_version=self._knowledge_version(),
            activity=turn.note,
            effect=turn.effect,
            urgent=turn.outcome == "crisis",
        )

    async def _tell(self, turn: Turn) -> None:
        if self._noticed is None or (turn.effect is None and turn.conversation.state is State.bot):
            return
        try:
            await self._noticed()
        except Exception:
            # The desk looks by itself after a while; the citizen's answer is stored.
            log.exception("desk_not_told", conversation=turn.conversation.id)

    def _speak(self, turn: Turn, replies: Sequence[Reply]) -> list[Said]:
        """The replies in words, and what leaves for the address that the citizen wrote from."""
        said = []
        for reply in replies:
            rendered = self._renderer.render(reply, turn.language)
            channel, address = turn.message.channel, turn.message.address
            parcels = self._dispatch.parcels(turn.conversation, channel, address, rendered)
            said.append(Said(rendered, parcels))
        return said


def _said(turn: Turn) -> list[Reply]:
    replies = list(turn.replies or ())
    if not replies:
        return []
    notice = [Reply("cpr_removed")] if turn.redacted else []
    # Who writes with a machine must hear so; on the website the welcome has said it.
    hello = [] if turn.introduced else [Reply("welcome_short")]
    # Numbers to call come before everything, also before the notice.
    if turn.outcome == "crisis":
        return replies + notice + hello
    return turn.first + hello + notice + replies


def _chose_language(turn: Turn) -> bool:
    return any(reply.key == LANGUAGE_SWITCHED for reply in turn.replies or ())
