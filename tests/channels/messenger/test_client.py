"""Sending, looking up and typing, against a stand-in of Meta."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
import structlog

from channels.messenger import client as module
from channels.messenger.client import MessengerClient
from channels.meta import graph
from conversations.delivery.port import DeliveryFailure, Outgoing, Rejected, TryLater, Unclear
from conversations.models import Author
from tests.channels.messenger.conftest import PAGE, PSID, TOKEN, settings_for, write
from tests.standins.faults import Fault
from tests.standins.meta import MetaStandIn
from tests.standins.meta_rules import THROTTLED, TOO_MANY_FOR_APP, TOO_MANY_REQUESTS, Refusal

DELIVERY = "0123456789abcdef0123456789abcdef"
NOW = dt.datetime.now(dt.UTC)


def outgoing(text: str = "Et pas koster 891 kr.", *, ago: dt.timedelta | None = None) -> Outgoing:
    """A message to the citizen, who wrote so long ago."""
    return Outgoing(
        id=DELIVERY,
        channel="messenger",
        address=PSID,
        payload={"text": text},
        author=Author.guide,
        attempt=1,
        maybe_sent=False,
        first_tried=dt.datetime.now(dt.UTC),
        heard_at=NOW - (ago or dt.timedelta()),
    )


@pytest.fixture
async def client(meta: MetaStandIn) -> AsyncIterator[MessengerClient]:
    client = MessengerClient(settings_for(api_url=meta.url), lambda: NOW)
    yield client
    await client.close()


# Sending.


async def test_a_message_is_sent_under_our_name(client: MessengerClient, meta: MetaStandIn) -> None:
    reply = {"content_type": "text", "title": "Tal med et menneske", "payload": "human"}
    payload = {"text": "Hej æøå 😀", "quick_replies": [reply]}
    mid = await client.send(replace(outgoing(), payload=payload))
    (sent,) = meta.sent
    assert (sent.mid, sent.psid, sent.messaging_type, sent.tag) == (mid, PSID, "RESPONSE", None)
    assert sent.message == {**payload, "metadata": DELIVERY}
    assert "metadata" not in payload


HOURS, DAYS = dt.timedelta(hours=1), dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("author", "ago", "kind"),
    [
        (Author.guide, 0 * HOURS, "RESPONSE"),
        (Author.guide, 24 * HOURS, "RESPONSE"),
        (Author.guide, 24 * HOURS + SECOND, None),
        (Author.guide, -HOURS, "RESPONSE"),
        (None, 23 * HOURS, "RESPONSE"),
        (None, 25 * HOURS, None),
        (Author.system, 25 * HOURS, None),
        (Author.staff, 24 * HOURS, "RESPONSE"),
        (Author.staff, 24 * HOURS + SECOND, "MESSAGE_TAG"),
        (Author.staff, 7 * DAYS, "MESSAGE_TAG"),
        (Author.staff, 7 * DAYS + SECOND, None),
    ],
)
async def test_the_window(
    client: MessengerClient,
    meta: MetaStandIn,
    author: Author | None,
    ago: dt.timedelta,
    kind: str | None,
) -> None:
    message = replace(outgoing(ago=ago), author=author)
    if kind is None:
        with pytest.raises(Rejected, match="window closed"):
            await client.send(message)
        assert not meta.requests
    else:
        await client.send(message)
        (sent,) = meta.sent
        assert (sent.messaging_type, sent.tag) == (
            kind,
            "HUMAN_AGENT" if kind == "MESSAGE_TAG" else None,
        )


async def test_nobody_is_written_to_first(client: MessengerClient, meta: MetaStandIn) -> None:
    with pytest.raises(Rejected, match="never written"):
        await client.send(replace(outgoing(), heard_at=None))
    assert not meta.requests


@pytest.mark.parametrize(
    ("throttling", "reason"),
    [(THROTTLED, "613: "), (TOO_MANY_FOR_APP, "4: "), (TOO_MANY_REQUESTS, "4: ")],
)
async def test_throttled_is_later(
    client: MessengerClient, meta: MetaStandIn, throttling: Refusal, reason: str
) -> None:
    meta.throttling = throttling
    meta.faults.extend([Fault.throttled])
    with pytest.raises(TryLater, match=reason):
        await client.send(outgoing())
    assert not meta.sent
    await client.send(outgoing())
    assert len(meta.sent) == 1


def closed(meta: MetaStandIn) -> None:
    meta.age(PSID, dt.timedelta(hours=25))


def blocked(meta: MetaStandIn) -> None:
    meta.blocked.add(PSID)


def another_token(meta: MetaStandIn) -> None:
    meta.page_token = "renewed"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (closed, "10/2018278: "),
        (blocked, "551/1545041: "),
        (another_token, "190: "),
    ],
)
async def test_what_meta_will_never_send_is_rejected(
    client: MessengerClient,
    meta: MetaStandIn,
    spoil: Callable[[MetaStandIn], None],
    reason: str,
) -> None:
    spoil(meta)
    with pytest.raises(Rejected) as raised:
        await client.send(outgoing("Hemmelig besked"))
    said = str(raised.value)
    assert said.startswith(reason)
    assert not any(secret in said for secret in ("Hemmelig", TOKEN, PSID))


async def test_a_stranger_is_rejected(client: MessengerClient) -> None:
    with pytest.raises(Rejected, match=r"^100/2018001: "):
        await client.send(replace(outgoing(), address="42"))


AMBIGUOUS = [
    Fault.server_error,
    Fault.error_after,
    Fault.reset_before,
    Fault.reset_after,
    Fault.timeout_before,
    Fault.timeout_after,
]


@pytest.mark.parametrize("fault", AMBIGUOUS)
async def test_after_no_clear_answer_meta_is_asked(
    client: MessengerClient,
    meta: MetaStandIn,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(graph, "TOTAL_SECONDS", 0.5)
    meta.faults.extend([fault])
    message = outgoing("Et pas koster\n891 kr. æøå 😀")
    with pytest.raises(Unclear):
        await client.send(message)
    found = await client.find(message)
    assert found == (meta.sent[0].mid if fault.accepted else None)


async def test_a_slow_answer_is_an_answer(client: MessengerClient, meta: MetaStandIn) -> None:
    meta.slow_seconds = 0.2
    meta.faults.extend([Fault.slow])
    assert await client.send(outgoing()) == meta.sent[0].mid


async def test_nothing_was_sent_while_meta_was_away(
    client: MessengerClient, meta: MetaStandIn
) -> None:
    meta.stop()
    with pytest.raises(TryLater):
        await client.send(outgoing())
    meta.start()
    await client.send(outgoing())
    assert len(meta.sent) == 1


# Looking up.


async def test_another_text_is_another_message(client: MessengerClient) -> None:
    await client.send(outgoing("noget andet"))
    assert await client.find(outgoing()) is None


async def test_a_citizens_own_words_are_not_ours(
    client: MessengerClient, meta: MetaStandIn
) -> None:
    write(meta)
    assert await client.find(outgoing("hej")) is None


async def test_what_is_known_is_another_one(client: MessengerClient) -> None:
    first = await client.send(outgoing())
    assert await client.find(replace(outgoing(), known=frozenset({first}))) is None
    second = await client.send(outgoing())
    assert await client.find(replace(outgoing(), known=frozenset({first}))) == second


@pytest.mark.parametrize(("minutes", "found"), [(0.5, True), (2, False)])
async def test_an_older_message_is_another_one(
    client: MessengerClient, minutes: float, found: bool
) -> None:
    mid = await client.send(outgoing())
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
    assert await client.find(replace(outgoing(), first_tried=later)) == (mid if found else None)


async def test_a_short_look_back_is_enough(client: MessengerClient) -> None:
    mid = await client.send(outgoing())
    for number in range(19):
        await client.send(outgoing(f"besked {number}"))
    assert await client.find(outgoing()) == mid


async def test_what_meta_will_never_show_again_counts_as_not_sent(
    client: MessengerClient, meta: MetaStandIn
) -> None:
    await client.send(outgoing())
    with structlog.testing.capture_logs() as logs:
        assert await client.find(outgoing()) is not None
        for _ in range(20):
            write(meta)
        assert await client.find(outgoing()) is None
    assert [entry["event"] for entry in logs] == ["delivery_cannot_be_known"]


async def test_behind_what_is_known_there_is_no_need_to_look(
    client: MessengerClient, meta: MetaStandIn
) -> None:
    for _ in range(19):
        write(meta)
    known = await client.send(outgoing("svaret før"))
    with structlog.testing.capture_logs() as logs:
        assert await client.find(replace(outgoing(), known=frozenset({known}))) is None
    assert logs == []


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault.server_error, Unclear), (Fault.throttled, TryLater), (Fault.reset_before, Unclear)],
)
async def test_a_question_without_an_answer_says_nothing(
    client: MessengerClient, meta: MetaStandIn, fault: Fault, kind: type[DeliveryFailure]
) -> None:
    await client.send(outgoing())
    meta.query_faults.extend([fault])
    with pytest.raises(kind):
        await client.find(outgoing())


async def test_a_refused_question_says_nothing(client: MessengerClient, meta: MetaStandIn) -> None:
    await client.send(outgoing())
    another_token(meta)
    with pytest.raises(Unclear, match="cannot ask: 190: "):
        await client.find(outgoing())


async def test_a_conversation_that_is_not_shown_says_nothing(client: MessengerClient) -> None:
    with pytest.raises(Unclear, match="no conversation"):
        await client.find(replace(outgoing(), address="42"))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"data": {}},
        {"data": [{"id": "t_1"}]},
        {"data": [{"messages": {"data": [{"id": "m_1", "created_time": "yesterday"}]}}]},
        {"data": [{"messages": {"data": [None]}}]},
    ],
)
async def test_a_list_that_cannot_be_read_says_nothing(
    client: MessengerClient, answer: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def get(*_: object) -> dict[str, object]:
        return answer

    monkeypatch.setattr(graph.Graph, "get", get)
    with pytest.raises(Unclear, match="cannot ask"):
        await client.find(outgoing())


async def test_pictures_and_strangers_in_a_conversation_are_passed_over(
    client: MessengerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%S}+0000"
    listed = [
        {"id": "m_1", "created_time": now},
        {"id": "m_2", "created_time": now, "message": None, "from": {"id": PAGE, "name": "x"}},
        {"id": "m_3", "created_time": now, "message": "Et pas  koster 891 kr.\n"},
        {
            "id": "m_4",
            "created_time": now,
            "message": "Et pas  koster 891 kr.\n",
            "from": {"id": PAGE},
        },
    ]

    async def get(*_: object) -> dict[str, object]:
        return {"data": [{"id": "t_1", "messages": {"data": listed}}]}

    monkeypatch.setattr(graph.Graph, "get", get)
    assert await client.find(outgoing()) == "m_4"


# Typing.


async def test_typing_is_shown(client: MessengerClient, meta: MetaStandIn) -> None:
    await client.typing(PSID)
    assert meta.actions == [(PSID, "mark_seen"), (PSID, "typing_on")]


@pytest.mark.parametrize("fault", [Fault.server_error, Fault.reset_before, Fault.timeout_before])
async def test_typing_never_fails_and_never_lasts(
    client: MessengerClient, meta: MetaStandIn, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TYPING_SECONDS", 0.3)
    meta.action_faults.extend([fault])
    started = time.monotonic()
    await client.typing(PSID)
    assert time.monotonic() - started < 2


async def test_typing_can_be_cancelled(client: MessengerClient, meta: MetaStandIn) -> None:
    meta.action_faults.extend([Fault.timeout_before])
    task = asyncio.create_task(client.typing(PSID))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
