"""The turn that the steps work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from conversations.handover import Effect
from conversations.models import Author, Conversation, Message, Reply

FAILED_REPLIES = frozenset(
    {"fallback_1", "fallback_2", "fallback_3", "not_answerable", "out_of_scope", "which_service"}
)


@dataclass
class Turn:
    """A message on its way through the steps.

    ``replies`` is None until a step has decided what to say; an empty list is the decision to
    say nothing.
    """

    conversation: Conversation
    message: Message
    redacted: bool
    history: list[Message]
    """The messages before this one, newest first."""
    language: str
    choice: str | None
    service: str | None
    replies: list[Reply] | None = None
    introduced: bool = True
    """The guide has said in this conversation that it is a machine."""
    first: list[Reply] = field(default_factory=list)
    """What goes before the replies, whoever decides on them."""
    note: tuple[str, dict[str, Any]] | None = None
    """An entry for the activity trail: its kind and details."""
    effect: Effect | None = None
    """What has to happen in the transaction that stores the replies."""
    outcome: str = field(default="answered")
    """How the turn ended, for the metrics."""

    @property
    def last_answer(self) -> Message | None:
        """The guide's latest message."""
        return next((m for m in self.history if m.author is Author.guide), None)

    @property
    def offered(self) -> tuple[str, ...]:
        """The choice codes that are open: those since anybody but the guide last wrote."""
        codes: list[str] = []
        for message in self.history:
            if message.author is not Author.guide:
                break
            codes += [choice.choice for choice in reversed(message.choices)]
        return tuple(reversed(codes))

    @property
    def numbered(self) -> tuple[str, ...]:
        """The choice codes that a number stands for: those of the latest list that was shown.

        Where a message had room for some of its choices only, the others have no number there.
        """
        for message in self.history:
            if message.author is not Author.guide:
                break
            shown = message.choices
            if message.channel == self.message.channel:
                shown = shown[: message.offered]
            if shown:
                return tuple(choice.choice for choice in shown)
        return ()

    @property
    def failures(self) -> int:
        """How many of the guide's latest messages in a row were failures to understand."""
        count = 0
        for message in self.history:
            if message.author is not Author.guide:
                continue
            if message.reply not in FAILED_REPLIES:
                break
            count += 1
        return count


class Step(Protocol):
    """One concern. A step that decides sets ``turn.replies``; the later ones are then skipped."""

    async def __call__(self, turn: Turn) -> None: ...
