"""What every channel of the registry must keep: a new line there is tested by itself."""

from __future__ import annotations

import asyncio

import pytest
from fastapi.routing import iter_route_contexts

from conversations.models import Author, Capabilities, ConversationNotFound, Message, Reply
from conversations.redaction import MASK
from conversations.service import View
from knowledge.catalogue import Catalogue
from tests.conftest import ScriptedAssistant
from tests.contract.conftest import Registered
from tests.contract.installed import ALL, ENVIRONMENT


async def begin(registered: Registered, language: str | None = None) -> tuple[View, str]:
    conversations = registered.conversations
    conversation, token = await conversations.start(registered.name, language, "contract")
    return await conversations.open(conversation.id, token), token


async def say(
    registered: Registered, view: View, text: str = "", choice: str | None = None
) -> list[Message]:
    """Write, and wait for what the guide says."""
    conversations = registered.conversations
    said = await conversations.say(
        view, text, channel=registered.name, choice=choice, client_message_id=None
    )
    async with asyncio.timeout(10), conversations.follow(view) as subscription:
        while await conversations.typing(view):
            await subscription.wait(0.05)
    return await conversations.read(view, said.seq)


def test_the_name_is_the_registrys_and_fits_its_column(registered: Registered) -> None:
    assert registered.channel.name == registered.name
    assert 0 < len(registered.name) <= 20


def test_the_capabilities_can_be_rendered_for(registered: Registered) -> None:
    can = registered.channel.capabilities
    assert isinstance(can, Capabilities)
    for limit in (can.max_length, can.max_choices, can.max_title):
        assert limit is None or limit > 0


def test_a_channel_of_the_registry_can_be_set_up_here() -> None:
    assert set(ALL) == set(ENVIRONMENT), "say in installed.py what sets the new channel up"


def test_the_router_has_routes_of_its_own(registered: Registered) -> None:
    contexts = iter_route_contexts(registered.channel.router(registered.access).routes)
    found = [context.path or "" for context in contexts]
    assert found
    assert all(path.startswith("/") for path in found)
    assert not any(path.startswith(("/internal", "/health", "/metrics")) for path in found)


async def test_a_conversation_starts_with_a_welcome(
    registered: Registered, catalogue: Catalogue
) -> None:
    for language in (None, *catalogue.language_codes):
        view, _ = await begin(registered, language)
        assert view.conversation.channel == registered.name
        assert view.conversation.language == language or language is None
        (welcome,) = await registered.conversations.read(view, 0)
        assert (welcome.author, welcome.reply) == (Author.guide, "welcome")


async def test_a_conversation_can_be_answered(
    registered: Registered, assistant: ScriptedAssistant
) -> None:
    view, _ = await begin(registered)
    (answer,) = await say(registered, view, "hej")
    assert (answer.author, answer.reply) == (Author.guide, "greet")
    assert assistant.asked[0][3].channel == registered.name


@pytest.mark.parametrize("choice", ["service:pas-voksen", "human"])
async def test_a_choice_is_taken(
    registered: Registered, assistant: ScriptedAssistant, choice: str
) -> None:
    view, _ = await begin(registered)
    assert await say(registered, view, choice=choice)
    assert assistant.asked[0][2] == choice


async def test_every_service_is_stored_with_all_that_any_channel_can_show(
    registered: Registered, catalogue: Catalogue, assistant: ScriptedAssistant
) -> None:
    offered = ("human",)
    replies = [Reply("service", service=item, choices=offered) for item in catalogue.services]
    assistant.answer = lambda *_: replies
    view, _ = await begin(registered)
    answers = await say(registered, view, "alt")
    assert [answer.service for answer in answers] == list(catalogue.services)
    for answer in answers:
        assert answer.text
        assert answer.card is not None
        assert answer.channel == registered.name
    # One list of choices at a time: that of what was said last.
    choices = [[choice.choice for choice in answer.choices] for answer in answers]
    assert choices == [[]] * (len(answers) - 1) + [["human"]]


async def test_choices_can_be_picked_in_the_channel(
    registered: Registered, assistant: ScriptedAssistant
) -> None:
    codes = ("service:pas-voksen", "service:pas-boern")
    assistant.answer = lambda *_: [Reply("candidates", candidates=codes, choices=codes)]
    view, _ = await begin(registered)
    (answer,) = await say(registered, view, "pas")
    assert tuple(choice.choice for choice in answer.choices) == codes
    await say(registered, view, "2")
    assert assistant.asked[-1][2] == codes[1]


async def test_danger_is_answered_with_numbers_to_call(
    registered: Registered, assistant: ScriptedAssistant
) -> None:
    view, _ = await begin(registered)
    answer = (await say(registered, view, "Det brænder i min lejlighed"))[0]
    assert answer.reply == "crisis_danger"
    assert "112" in answer.text
    assert not assistant.asked


async def test_a_cpr_number_is_stored_nowhere(registered: Registered) -> None:
    view, _ = await begin(registered)
    await say(registered, view, "mit cpr er 010190-1234")
    texts = [message.text for message in await registered.conversations.read(view, 0)]
    assert any(MASK in text for text in texts)
    assert not any("010190" in text for text in texts)


async def test_an_erased_conversation_is_gone(registered: Registered) -> None:
    view, token = await begin(registered)
    await say(registered, view, "hej")
    await registered.conversations.erase(view)
    with pytest.raises(ConversationNotFound):
        await registered.conversations.open(view.conversation.id, token)
    assert await registered.conversations.read(view, 0) == []
