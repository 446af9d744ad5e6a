"""What every channel that pushes must keep: its webhooks, and what it makes of what is said."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Sequence
from typing import cast

import pytest
from fastapi.routing import iter_route_contexts
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from channels.base import (
    Access,
    MalformedWebhook,
    PushChannel,
    Webhook,
    WrongSignature,
)
from channels.intake import ReadUntil
from channels.webhooks import PREFIX
from conversations.delivery.port import Outgoing, Rejected, StatusReport
from conversations.models import Author, Capabilities, MessageRejected, Rendered, Reply
from conversations.reception import Received
from conversations.redaction import MASK
from conversations.states import State
from conversations.store.rows import now
from conversations.store.tables import (
    AddressRow,
    ConversationRow,
    DeliveryRow,
    InboundRow,
    MessageRow,
    OptOutRow,
)
from settings import ROOT
from tests.conftest import ScriptedAssistant
from tests.contract import payloads
from tests.contract.conftest import Registered, Said
from tests.contract.installed import PUSHING, build
from tests.contract.providers import BODIES, HEADERS, QUERIES
from tests.conversations.citizen import until

ADDRESS = "+4520123456"
EXAMPLES = settings(max_examples=150, deadline=None)
REPLIES = (ROOT / "bot" / "replies" / "da.yml").read_text(encoding="utf-8")


def paths(channel: PushChannel, method: str, access: Access | None = None) -> list[str]:
    """The channel's paths; its routes can be looked at without anything behind them."""
    router = channel.router(access or cast(Access, object()))
    return [
        context.path or ""
        for context in iter_route_contexts(router.routes)
        if method in (context.methods or ())
    ]


def outgoing(channel: PushChannel) -> Outgoing:
    payload = channel.render(Rendered("hej", "da", "greet"), None)[0]
    moment = now()
    return Outgoing("a" * 32, channel.name, ADDRESS, payload, None, 1, False, moment, moment)


# --- what it is


def test_it_keeps_the_protocol(channel: PushChannel) -> None:
    assert isinstance(channel.capabilities, Capabilities)
    assert 0 < len(channel.name) <= 20


def test_providers_call_where_they_may_send_much(channel: PushChannel) -> None:
    found = paths(channel, "POST")
    assert found
    assert all(path.startswith(PREFIX) for path in [*found, *paths(channel, "GET")])


# --- what it makes of what is said


def report(problems: Sequence[str]) -> None:
    assert not problems, f"{len(problems)} problems, such as:\n" + "\n".join(problems[:15])


@pytest.mark.parametrize("link", [payloads.LINK, None])
def test_everything_that_is_said_fits(channel: PushChannel, said: Said, link: str | None) -> None:
    report(
        [
            f"{saying.what}: {problem}"
            for saying in (*said.sayings, said.many)
            for problem in payloads.limits(channel, channel.render(saying.rendered, link))
        ]
    )


def test_what_is_left_out_can_be_read_behind_the_link(channel: PushChannel, said: Said) -> None:
    report(
        [
            f"{saying.what}: {problem}"
            for saying in said.sayings
            if saying.rendered.neutral is None and not saying.rendered.reply.startswith("crisis_")
            for problem in payloads.losses(
                saying.rendered, channel.render(saying.rendered, payloads.LINK)
            )
        ]
    )


def test_only_what_is_shown_has_a_number(channel: PushChannel, said: Said) -> None:
    """A typed "2" must never pick what nobody could read."""
    problems = []
    for saying in (*said.sayings, said.many):
        rendered = saying.rendered
        shown = channel.render(rendered, payloads.LINK)
        text = json.dumps(shown, ensure_ascii=False)
        offered = channel.offered(rendered, shown)
        if rendered.neutral is not None and offered:
            problems.append(f"{saying.what}: a choice of a private answer")
        for number, choice in enumerate(rendered.choices, 1):
            # A title may be folded or cut for a button: its first word tells.
            there = choice.choice in text or f"{number}. {choice.title.split()[0]}" in text
            if number <= offered and not there:
                problems.append(f"{saying.what}: {choice.title} is not there")
            if number > offered and f"{number}. {choice.title}" in text:
                problems.append(f"{saying.what}: {choice.title} is there")
    report(problems)


def test_what_is_private_is_said_elsewhere(channel: PushChannel, said: Said) -> None:
    private = [
        saying
        for saying in said.sayings
        if saying.rendered.neutral is not None and not saying.rendered.reply.startswith("crisis_")
    ]
    assert len(private) > 50
    report(
        [
            f"{saying.what}: {problem}"
            for saying in private
            for problem in payloads.leaks(
                saying.rendered, channel.render(saying.rendered, payloads.LINK)
            )
        ]
    )


def test_danger_is_never_private(said: Said) -> None:
    crises = [saying for saying in said.sayings if saying.rendered.reply.startswith("crisis_")]
    assert [saying.what for saying in crises if saying.rendered.neutral is not None] == []


@pytest.mark.parametrize("link", [payloads.LINK, None])
def test_numbers_to_call_are_there_whole(
    channel: PushChannel, said: Said, link: str | None
) -> None:
    crises = [saying for saying in said.sayings if saying.rendered.reply.startswith("crisis_")]
    assert len(crises) == 4
    report(
        [
            f"{saying.what}: {problem}"
            for saying in crises
            for whole in [dataclasses.replace(saying.rendered, neutral=None)]
            for problem in payloads.dangers(whole, channel.render(whole, link))
        ]
    )


def test_a_code_is_there_whole(channel: PushChannel, said: Said) -> None:
    (saying,) = [saying for saying in said.sayings if saying.what == "one_time_code"]
    assert "123456" in payloads.seen(channel.render(saying.rendered, payloads.LINK))


def test_without_a_link_nothing_points_to_one(channel: PushChannel, said: Said) -> None:
    more = payloads.letters(said.sayings[0].rendered.more)
    for saying in said.sayings:
        text = payloads.seen(channel.render(saying.rendered, None))
        assert "None" not in text
        if saying.what != "more":
            assert not payloads.letters(text).endswith(more)


def test_the_same_is_rendered_alike(channel: PushChannel, said: Said) -> None:
    # A letter is found again by its words.
    for saying in said.sayings[::20]:
        first = channel.render(saying.rendered, payloads.LINK)
        assert list(channel.render(saying.rendered, payloads.LINK)) == list(first)


@given(text=st.text(min_size=1, max_size=5000), titles=st.lists(st.text(max_size=100), max_size=20))
@EXAMPLES
def test_no_text_at_all_breaks_it(channel: PushChannel, text: str, titles: list[str]) -> None:
    # What stands in the knowledge may be anything.
    assert channel.render(Rendered(f"a{text}", "da", "greet"), payloads.LINK)


# --- what it believes


@given(body=BODIES, headers=HEADERS, query=QUERIES)
@EXAMPLES
def test_what_nobody_signed_is_refused(
    channel: PushChannel, body: bytes, headers: dict[str, str], query: str
) -> None:
    for path in paths(channel, "POST"):
        with pytest.raises(WrongSignature):
            channel.verify(Webhook(path + query, headers, body))


@given(body=BODIES, query=QUERIES)
@EXAMPLES
def test_whatever_is_signed_is_read_or_refused(
    channel: PushChannel, body: bytes, query: str
) -> None:
    for path in paths(channel, "POST"):
        try:
            events = channel.parse(Webhook(path + query, {}, body))
        except MalformedWebhook:
            continue
        for event in events:
            assert event.channel == channel.name
            match event:
                case Received():
                    storable(event.address, 80)
                    storable(event.provider_message_id, 200)
                    assert event.address
                    assert event.provider_message_id
                    storable(event.title or "", 2000)
                case StatusReport():
                    assert event.delivery_id or event.provider_id
                    storable(event.status, 24)
                    storable(event.delivery_id or "", 32)
                    storable(event.provider_id or "", 200)
                    storable(event.error or "", 200)
                case ReadUntil():
                    storable(event.address, 80)
                    assert event.moment.tzinfo is not None


def storable(text: str, length: int) -> None:
    """Every database takes it, in a column of so many characters."""
    assert len(text) <= length
    assert "\0" not in text
    text.encode()


@given(text=st.text(max_size=200) | st.from_regex(r"\+?[0-9 ()\-]{0,20}", fullmatch=True))
@EXAMPLES
def test_an_address_has_one_form_or_is_refused_with_a_sentence(
    channel: PushChannel, text: str
) -> None:
    try:
        address = channel.address_of(text)
    except MessageRejected as error:
        refused: MessageRejected | None = error
    else:
        refused = None
    if refused is not None:
        assert f"\n{refused.reply}: " in REPLIES
        return
    storable(address, 80)
    assert channel.address_of(address) == address


# --- not set up


@pytest.fixture(params=sorted(set(PUSHING) - {"paper"}))
def bare(request: pytest.FixtureRequest) -> PushChannel:
    """A channel of an installation that does not use it."""
    built = build(request.param, set_up=False)
    assert isinstance(built, PushChannel)
    return built


async def test_a_channel_that_is_not_set_up_refuses_everything(bare: PushChannel) -> None:
    for path in paths(bare, "POST"):
        with pytest.raises(WrongSignature):
            bare.verify(Webhook(path, {}, b"{}"))
    with pytest.raises(Rejected):
        await bare.send(outgoing(bare))
    with pytest.raises(Rejected):
        await bare.find(outgoing(bare))
    await bare.typing(ADDRESS)
    await bare.close()


def test_a_channel_that_is_not_set_up_is_offered_to_nobody(bare: PushChannel) -> None:
    assert not bare.capabilities.typed_addresses
    with pytest.raises(MessageRejected):
        bare.address_of(ADDRESS)


async def test_a_channel_can_be_closed_twice(channel: PushChannel) -> None:
    built = build(channel.name)
    assert isinstance(built, PushChannel)
    await built.close()
    await built.close()


# --- inside the application


TABLES = (ConversationRow, MessageRow, InboundRow, DeliveryRow, AddressRow, OptOutRow)


async def rows(pushing: Registered) -> int:
    async with pushing.parts.engine.connect() as connection:
        counts = [
            await connection.scalar(select(func.count()).select_from(table)) for table in TABLES
        ]
        return sum(count or 0 for count in counts)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b""),
        ("application/json", b"{}"),
        ("application/json", b'[{"kind": "letter", "id": "1", "box": "box 1", "text": "hej"}]'),
        ("application/json", b'{"object": "page", "entry": []}'),
        ("application/json", b"[" * 50_000),
        ("application/x-www-form-urlencoded", b"MessageSid=SM1&From=%2B4520123456&Body=hej"),
        ("application/x-www-form-urlencoded", b"a=%ff&" * 1000),
        ("application/octet-stream", bytes(range(256)) * 2000),
    ],
)
async def test_an_unsigned_request_is_refused_and_stores_nothing(
    pushing: Registered, content_type: str, body: bytes
) -> None:
    channel = cast(PushChannel, pushing.channel)
    for path in paths(channel, "POST", pushing.access):
        answer = await pushing.client.post(
            path, content=body, headers={"Content-Type": content_type}
        )
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "forbidden"
    assert await rows(pushing) == 0


async def test_looking_at_a_webhook_tells_nothing(pushing: Registered) -> None:
    channel = cast(PushChannel, pushing.channel)
    for path in {*paths(channel, "POST"), *paths(channel, "GET")}:
        assert (await pushing.client.get(path)).status_code in {403, 404, 405}


async def hear(pushing: Registered, text: str, number: int, choice: str | None = None) -> None:
    title = "Vælg" if choice else None
    received = Received(
        pushing.name, ADDRESS, f"in-{number}", text=text, choice=choice, title=title
    )
    await pushing.access.intake.take([received])

    async def answered() -> bool:
        return not await pushing.store.unanswered()

    await until(answered)


async def written(pushing: Registered) -> list[DeliveryRow]:
    """What is to be sent, or has been."""
    async with pushing.parts.engine.connect() as connection:
        found = await connection.execute(select(DeliveryRow).order_by(DeliveryRow.id))
        return [DeliveryRow(**row._mapping) for row in found]


async def heard(pushing: Registered) -> list[tuple[Author, str]]:
    async with pushing.parts.engine.connect() as connection:
        found = await connection.execute(
            select(MessageRow.author, MessageRow.text).order_by(MessageRow.seq)
        )
        return [(Author(author), text) for author, text in found]


async def test_a_message_is_stored_and_its_answer_goes_back_to_its_address(
    pushing: Registered,
) -> None:
    await hear(pushing, "Hvad koster et pas?", 1)
    parcels = await written(pushing)
    assert {(row.channel, row.address) for row in parcels} == {(pushing.name, ADDRESS)}
    assert [author for author, _ in await heard(pushing)] == ["citizen", "guide", "guide"]
    assert len({row.message_id for row in parcels}) == 2
    first = payloads.letters(payloads.seen([parcels[0].payload]))
    assert first.startswith(payloads.letters("Borgerguiden, Københavns Kommune. Jeg er en maskine"))


async def test_copies_of_a_message_are_one(pushing: Registered) -> None:
    await asyncio.gather(*(hear(pushing, "hej", 1) for _ in range(10)))
    assert [author for author, _ in await heard(pushing)].count(Author.citizen) == 1


@pytest.mark.parametrize("picked", ["2", None])
async def test_a_choice_can_be_picked(
    pushing: Registered, assistant: ScriptedAssistant, picked: str | None
) -> None:
    codes = ("service:pas-voksen", "service:pas-boern", "human")
    assistant.answer = lambda *_: [Reply("candidates", choices=codes)]
    await hear(pushing, "pas", 1)
    if picked is not None:
        await hear(pushing, picked, 2)
    else:
        await hear(pushing, "", 2, choice=codes[1])
    assert assistant.asked[-1][2] == codes[1]


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Det brænder i min lejlighed", "crisis_danger"),
        ("Min mand slår mig", "crisis_violence"),
        ("Jeg vil ikke leve mere", "crisis_self_harm"),
        ("Min nabo slår sit barn", "crisis_child"),
    ],
)
async def test_danger_is_answered_at_once_with_numbers_to_call(
    pushing: Registered, assistant: ScriptedAssistant, text: str, reply: str
) -> None:
    await hear(pushing, text, 1)
    async with pushing.parts.engine.connect() as connection:
        keys = await connection.scalars(select(MessageRow.reply).order_by(MessageRow.seq))
        assert keys.all()[1] == reply
    parcels = await written(pushing)
    assert "112" in payloads.seen([parcels[0].payload])
    assert parcels[0].despite_stop
    assert assistant.asked == []


async def test_a_cpr_number_is_stored_nowhere(pushing: Registered) -> None:
    await hear(pushing, "mit cpr er 010190-1234", 1)
    texts = [text for _, text in await heard(pushing)]
    assert any(MASK in text for text in texts)
    assert not any("010190" in text for text in texts)
    assert not any("010190" in str(row.payload) for row in await written(pushing))


async def test_while_a_person_has_the_conversation_nothing_is_sent(pushing: Registered) -> None:
    await hear(pushing, "hej", 1)
    before = len(await written(pushing))
    async with pushing.parts.engine.begin() as connection:
        await connection.execute(update(ConversationRow).values(state=State.assigned))
    await hear(pushing, "er du der?", 2)
    assert len(await written(pushing)) == before
    assert (await heard(pushing))[-1] == (Author.citizen, "er du der?")


async def test_a_private_answer_is_kept_whole_and_sent_without_its_words(
    pushing: Registered, assistant: ScriptedAssistant
) -> None:
    services = pushing.parts.knowledge.catalogue().services
    private = next(key for key, item in services.items() if item.facts.sensitive)
    assistant.answer = lambda *_: [Reply("service", service=private, choices=("human",))]
    await hear(pushing, "hej", 1)
    title = pushing.parts.knowledge.catalogue().text(private, "da")[1].title
    assert any(title in text for _, text in await heard(pushing))
    sent = payloads.seen([row.payload for row in await written(pushing)])
    assert payloads.letters(title) not in payloads.letters(sent)
    assert "/s/" in sent
