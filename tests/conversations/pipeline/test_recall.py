"""An answer that was stored with what it has changed is given, whatever became of the dialogue."""

from __future__ import annotations

import datetime as dt

import pytest

from conversations.assistant.port import AssistantUnavailable, Context
from conversations.models import Author, Conversation, Message, Reply
from conversations.pipeline.assistant import AskAssistant
from conversations.pipeline.turn import Turn
from conversations.states import State
from knowledge.live import LiveKnowledge

_NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
DONE = Reply("booking_kept")


class Dialogue:
    """Answers, or goes away after it has acted."""

    def __init__(self, *replies: Reply, stored: list[Reply] | None = None) -> None:
        self.replies, self.stored, self.asked = list(replies), stored, 0

    async def respond(
        self, conversation_id: str, text: str, choice: str | None, context: Context
    ) -> list[Reply]:
        self.asked += 1
        if not self.replies:
            self.stored = [DONE]
            raise AssistantUnavailable("gone")
        return self.replies

    async def ready(self) -> bool:
        return True

    async def recall(self, conversation_id: str, message_id: str) -> list[Reply] | None:
        return self.stored


def turn() -> Turn:
    conversation = Conversation("c", "web", "en", False, State.bot, 1, None, _NOW)
    message = Message("m", "c", 1, Author.citizen, "yes", "en", _NOW)
    return Turn(conversation, message, False, [], "en", None, None)


async def run(live: LiveKnowledge, dialogue: Dialogue) -> Turn:
    made = turn()
    await AskAssistant(dialogue, live.catalogue, live.search, dialogue.recall)(made)
    return made


async def test_a_stored_answer_is_given_without_asking_again(live: LiveKnowledge) -> None:
    dialogue = Dialogue(Reply("greet"), stored=[DONE])
    assert (await run(live, dialogue)).replies == [DONE]
    assert dialogue.asked == 0


async def test_a_dialogue_that_goes_away_after_it_acted_is_no_failure(live: LiveKnowledge) -> None:
    done = await run(live, Dialogue())
    assert (done.replies, done.outcome) == ([DONE], "answered")


@pytest.mark.parametrize("last", [(), ("book:yes",)])
async def test_only_the_last_question_keeps_its_choices(
    live: LiveKnowledge, last: tuple[str, ...]
) -> None:
    first, second = Reply("thanks", choices=("human",)), Reply("affirm_open", choices=last)
    done = await run(live, Dialogue(first, second))
    assert done.replies is not None
    kept = [reply.choices for reply in done.replies]
    assert kept == ([(), ("book:yes",)] if last else [("human",), ()])
