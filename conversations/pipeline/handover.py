"""Steps: lead to a person, out of the queue again, and whatever is said on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conversations.delivery.port import Outlet
from conversations.handover import (
    CHOICES,
    HUMAN,
    Case,
    Draft,
    Handover,
    Plan,
    Reason,
    Step,
    both,
)
from conversations.models import Reply
from conversations.pipeline.leaving import CANCEL, SEND, Leaving
from conversations.pipeline.turn import FAILED_REPLIES, Turn
from conversations.rendering.renderer import SERVICE
from conversations.states import State
from knowledge.catalogue import Catalogue
from knowledge.folding import fold, words

_TO_A_PERSON = frozenset({"human", "human_service"})
"""What the dialogue answers to whoever asks for a person."""
_DISSATISFIED = "feedback_sorry"
_WITHDRAWN = "handover_withdrawn"
_FAILURES = 2
"""Tries after which the guide looks for a person by itself, this one included."""
NO_WORDS, CANCEL_WORDS, YES_WORDS = "words_no", "words_cancel", "words_yes"
"""Texts that list what a plain no, giving up and a plain yes may look like, parted by commas."""


class HandOver:
    """Two steps around the dialogue.

    Called, it answers what is about handing over. :meth:`follow` looks at what the others
    decided, and sends for a person where that is called for.
    """

    def __init__(
        self,
        handover: Handover,
        catalogue: Callable[[], Catalogue],
        outlet: Callable[[str], Outlet | None],
        sentence: Callable[[str, str], str],
    ) -> None:
        """``sentence`` gives a text by its key and language."""
        self._handover = handover
        self._catalogue = catalogue
        self._leaving = Leaving(outlet)
        self._sentence = sentence

    async def __call__(self, turn: Turn) -> None:
        draft = await self._handover.draft(turn.conversation.id)
        if turn.choice == "book":
            # The dialogue books, or says where else to.
            turn.choice = "book:start"
        if turn.choice == HUMAN:
            plan = await self._handover.request(_case(turn), Reason.asked)
        elif turn.choice in CHOICES:
            plan = await self._chosen(turn, draft) or Plan((Reply("choice_gone"),))
        elif turn.choice is not None:
            plan = None
        elif draft is not None:
            plan = await self._typed(turn, draft)
        elif turn.conversation.state is State.queued and self._gives_up(turn):
            plan = await self._handover.withdraw(_case(turn))
        else:
            return
        if plan is not None:
            turn.replies = list(plan.replies)
            turn.effect = plan.effect
            turn.outcome = "handover"
        elif draft is not None:
            # Something else was picked: what was being left is left undone.
            turn.effect = self._handover.keep(None)

    async def _chosen(self, turn: Turn, draft: Draft | None) -> Plan | None:
        kind, _, rest = (turn.choice or "").partition(":")
        case = _case(turn)
        if kind == "withdraw":
            return await self._handover.withdraw(case)
        if kind == "rate":
            if rest == "words":
                asked = Reply("rating_words", choices=(CANCEL,))
                return Plan((asked,), self._handover.keep(Draft(Step.comment)))
            return await self._handover.rate(case, int(rest))
        if turn.choice == "leave":
            begun = self._leaving.begin()
            return Plan((begun.reply,), self._handover.keep(begun.draft))
        if turn.choice == "call":
            key = "human" if turn.service is None else "human_service"
            return Plan((Reply(key, service=turn.service),))
        if draft is None or draft.step is Step.comment:
            # A cancel after everything is over does no harm; a send would send nothing.
            return Plan((Reply("leave_cancelled"),), self._handover.keep(None)) if draft else None
        return await self._go_on(turn, draft)

    async def _typed(self, turn: Turn, draft: Draft) -> Plan | None:
        no = self._says(turn, NO_WORDS) or self._says(turn, CANCEL_WORDS)
        if draft.step is not Step.comment:
            if no:
                turn.choice = CANCEL
            return await self._go_on(turn, draft)
        if no:
            return Plan((Reply("leave_cancelled"),), self._handover.keep(None))
        return await self._handover.comment(_case(turn))

    async def _go_on(self, turn: Turn, draft: Draft) -> Plan | None:
        yes = self._says(turn, YES_WORDS)
        if draft.seq is None and turn.choice not in (None, CANCEL):
            # A button of an earlier round: the message itself is still to come.
            begun = self._leaving.begin()
            return Plan((begun.reply,), self._handover.keep(begun.draft))
        done = self._leaving.go_on(draft, turn.message.seq, turn.message.text, turn.choice, yes=yes)
        if done.finished:
            return await self._handover.leave(_case(turn), draft)
        return Plan((done.reply,), self._handover.keep(done.draft))

    def _gives_up(self, turn: Turn) -> bool:
        """A bare no is about the queue only if the queue was what was last spoken of."""
        last = turn.last_answer
        about = last is not None and (last.reply or "").startswith("handover_")
        return self._says(turn, CANCEL_WORDS) or (about and self._says(turn, NO_WORDS))

    def _says(self, turn: Turn, key: str) -> bool:
        """Whether the whole message is one of the words, in a language that is spoken here.

        Not in any language of the guide: "nu" is now in Danish and no in Romanian.
        """
        if turn.choice == SEND:
            return key == YES_WORDS
        said = words(fold(turn.message.text))
        fallbacks = self._catalogue().fallbacks
        codes = [*fallbacks(turn.language), *fallbacks(turn.conversation.language)]
        listed = (item for code in codes for item in self._sentence(key, code).split(","))
        return bool(said) and any(words(fold(item)) == said for item in listed)

    async def follow(self, turn: Turn) -> None:
        """A person, where what was decided asks for one."""
        if self._called_off(turn):
            plan = await self._handover.withdraw(_case(turn))
            if plan is not None:
                turn.replies, turn.effect = list(plan.replies), both(turn.effect, plan.effect)
            return
        reason = self._reason(turn)
        if reason is None:
            return
        plan = await self._handover.request(_case(turn), reason)
        if plan is None:
            return
        turn.effect = both(turn.effect, plan.effect)
        if plan.replies:
            replies = turn.replies or []
            kept = [reply for reply in replies if reply.key not in _TO_A_PERSON]
            turn.replies = [_without_human(reply) for reply in kept] + list(plan.replies)

    def _reason(self, turn: Turn) -> Reason | None:
        if turn.outcome == "crisis":
            return Reason.crisis
        if turn.outcome == "handover" or not turn.replies:
            return None
        keys = {reply.key for reply in turn.replies}
        if keys & _TO_A_PERSON:
            return Reason.asked
        if turn.conversation.state is State.queued or self._declined(turn):
            return None
        if _DISSATISFIED in keys:
            return Reason.dissatisfied
        if keys & FAILED_REPLIES and turn.failures + 1 >= _FAILURES:
            return Reason.failed
        return Reason.rule if self._ruled(turn) else None

    @staticmethod
    def _declined(turn: Turn) -> bool:
        """Who has just said no is not asked again."""
        return any(message.reply == _WITHDRAWN for message in turn.history)

    @staticmethod
    def _called_off(turn: Turn) -> bool:
        """The dialogue has understood a no that is in no list of ours."""
        if turn.conversation.state is not State.queued or turn.outcome == "handover":
            return False
        last = turn.last_answer
        asked = last is not None and (last.reply or "").startswith("handover_queued")
        keys = {reply.key for reply in turn.replies or ()}
        return "cancelled" in keys or ("deny_open" in keys and asked)

    def _ruled(self, turn: Turn) -> bool:
        """One answer, about a service whose rule it is, and that is newly spoken of."""
        about = [reply.service for reply in turn.replies or () if reply.key == SERVICE]
        if len(about) != 1 or about[0] is None or about[0] == turn.conversation.service:
            return False
        service = self._catalogue().services.get(about[0])
        return service is not None and service.facts.handover


def _without_human(reply: Reply) -> Reply:
    return replace(reply, choices=tuple(code for code in reply.choices if code != HUMAN))


def _case(turn: Turn) -> Case:
    return Case(turn.conversation, turn.message, turn.language, turn.service)
