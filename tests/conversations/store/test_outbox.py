"""The outbox in real databases: who sends what next, and what became of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections import defaultdict

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.delivery.port import (
    DEAD,
    OPEN,
    DeliveryState,
    Outgoing,
    StatusReport,
)
from conversations.models import Author
from conversations.store.inbox import Inbox, Verdict, Wish
from conversations.store.outbox import Outbox, moves
from conversations.store.store import ConversationStore
from conversations.store.tables import (
    ConversationRow,
    DeliveryRow,
    EarlyReportRow,
    MessageRow,
    OptOutRow,
)
from conversations.store.writing import Said, lock, say
from storage.engine import open_engine
from storage.sessions import Sessions
from tests.conversations.store.samples import (
    ANSWER,
    LONG_AGO,
    change,
    change_delivery,
    counts,
    letter,
    parcels,
    rows,
)
from tests.deliveries import put as fill
from tests.deliveries import put_code

LEASE = 60.0
S = DeliveryState
PAIRS = list(itertools.product(S, S))

REPORTED = {
    S.pending: {S.unclear, S.sending, S.sent, S.delivered, S.read, S.failed, S.rejected, S.stopped},
    S.unclear: {S.sending, S.sent, S.delivered, S.read, S.failed, S.rejected, S.stopped},
    S.sending: {S.sent, S.delivered, S.read, S.failed, S.rejected, S.stopped},
    S.sent: {S.delivered, S.read, S.failed, S.rejected, S.stopped},
    S.delivered: {S.read},
    S.read: set(),
    S.failed: set(),
    S.rejected: set(),
    S.stopped: set(),
}
"""What each state may become by a provider's report. What the citizen has got stays got."""


@pytest.fixture
def outbox(engine: AsyncEngine) -> Outbox:
    return Outbox(engine)


@pytest.fixture
async def conversation_id(store: ConversationStore) -> str:
    conversation, _ = await store.create("web", "da", language_chosen=False)
    return conversation.id


def numbers(claimed: list[Outgoing]) -> list[int]:
    return [outgoing.payload["n"] for outgoing in claimed]


async def claim(outbox: Outbox, limit: int = 10, lease: float = LEASE) -> list[int]:
    return numbers(await outbox.claim(limit, lease))


async def put(outbox: Outbox, conversation_id: str, *ns: int, address: str = "anna") -> None:
    await fill(outbox, conversation_id, parcels(*ns, address=address))


async def one(outbox: Outbox, conversation_id: str) -> Outgoing:
    """A delivery that is being sent."""
    await put(outbox, conversation_id, 1)
    (outgoing,) = await outbox.claim(1, LEASE)
    return outgoing


async def tell(engine: AsyncEngine, conversation_id: str, *ns: int) -> None:
    """Messages of the guide, with what is to be sent for them."""
    async with Sessions(engine).write() as session:
        conversation = await lock(session, conversation_id)
        for n in ns:
            say(session, conversation, Said(ANSWER, tuple(parcels(n))), "notes")


async def in_state(engine: AsyncEngine, conversation_id: str, state: DeliveryState) -> str:
    """A delivery in this state; its id."""
    await tell(engine, conversation_id, 1)
    (row,) = await rows(engine, DeliveryRow)
    await change_delivery(engine, row.public_id, state=state, due_at=LONG_AGO)
    return str(row.public_id)


def trial(delivery_id: str, attempt: int = 0) -> Outgoing:
    """A try in the hands of a worker that nobody waits for any more."""
    return Outgoing(delivery_id, "notes", "anna", {}, None, attempt, False, LONG_AGO, None)


def report(delivery_id: str | None, state: DeliveryState, **more: object) -> StatusReport:
    return StatusReport("notes", state, str(state), delivery_id, **more)  # type: ignore[arg-type]


# --- who sends what next


async def test_an_empty_outbox_gives_nothing(outbox: Outbox) -> None:
    assert await outbox.claim(10, LEASE) == []
    assert (await outbox.waiting(), await outbox.dead_count()) == (0, 0)


async def test_to_one_address_they_leave_one_by_one_in_order(
    outbox: Outbox, conversation_id: str
) -> None:
    await put(outbox, conversation_id, 1, 2)
    await put(outbox, conversation_id, 3)
    for n in (1, 2, 3):
        assert await outbox.waiting() == 4 - n
        (outgoing,) = await outbox.claim(10, LEASE)
        assert outgoing.payload == {"n": n}
        assert await claim(outbox) == []
        await outbox.sent(outgoing.id, f"p{n}")
    assert await claim(outbox) == []
    assert await outbox.waiting() == 0


async def test_addresses_do_not_wait_for_each_other(outbox: Outbox, conversation_id: str) -> None:
    await put(outbox, conversation_id, 1, 2)
    await put(outbox, conversation_id, 3, 4, address="bo")
    await fill(outbox, conversation_id, parcels(5, channel="wall"))
    assert await claim(outbox) == [1, 3, 5]


async def test_no_more_are_claimed_than_wanted_and_the_oldest_first(
    outbox: Outbox, conversation_id: str
) -> None:
    for n in range(5):
        await put(outbox, conversation_id, n, address=f"a{n}")
    assert await claim(outbox, 2) == [0, 1]
    assert await claim(outbox, 2) == [2, 3]
    assert await claim(outbox, 2) == [4]


@pytest.mark.parametrize("state", OPEN)
async def test_what_is_open_holds_up_what_comes_after_it(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str, state: DeliveryState
) -> None:
    delivery_id = await in_state(engine, conversation_id, state)
    later = dt.datetime.now(tz=dt.UTC) + dt.timedelta(hours=1)
    await change_delivery(engine, delivery_id, due_at=later)
    await put(outbox, conversation_id, 2)
    assert await claim(outbox) == []


@pytest.mark.parametrize("state", sorted(set(S) - set(OPEN)))
async def test_what_has_ended_holds_nothing_up(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str, state: DeliveryState
) -> None:
    await in_state(engine, conversation_id, state)
    await put(outbox, conversation_id, 2)
    assert await claim(outbox) == [2]


async def test_what_a_worker_gets_says_all_that_there_is_to_know(
    outbox: Outbox, engine: AsyncEngine, store: ConversationStore
) -> None:
    before = dt.datetime.now(tz=dt.UTC)
    said = Said(ANSWER, tuple(parcels(1)))
    conversation_id = await Inbox(engine).receive(
        letter(), lambda *_: Verdict(awaits_answer=False, said=(said,))
    )
    assert conversation_id is not None
    await put_code(outbox, conversation_id, parcels(2))
    (first,) = await outbox.claim(10, LEASE)
    assert (first.channel, first.address, first.payload) == ("notes", "anna", {"n": 1})
    assert (first.author, first.attempt, first.maybe_sent) == (Author.guide, 1, False)
    assert first.heard_at is not None
    assert before <= first.heard_at <= first.first_tried <= dt.datetime.now(tz=dt.UTC)
    await outbox.sent(first.id, "p1")
    (second,) = await outbox.claim(10, LEASE)
    assert (second.author, second.payload) == (None, {"n": 2})
    assert second.id != first.id


async def test_an_address_that_was_never_heard_from(outbox: Outbox, conversation_id: str) -> None:
    assert (await one(outbox, conversation_id)).heard_at is None


async def test_several_workers_claim_each_once_and_in_order(
    outbox: Outbox, engine: AsyncEngine, url: str, conversation_id: str
) -> None:
    addresses = [f"a{n}" for n in range(6)]
    for n in range(8):
        for address in addresses:
            await put(outbox, conversation_id, n, address=address)
    sent: dict[str, list[int]] = defaultdict(list)
    ids: list[str] = []
    under_way: set[str] = set()
    doubled: list[str] = []

    async def work(limit: int) -> None:
        own = open_engine(url)
        mine = Outbox(own)
        while await mine.waiting():
            for outgoing in await mine.claim(limit, LEASE):
                if outgoing.address in under_way:
                    doubled.append(outgoing.address)
                under_way.add(outgoing.address)
                ids.append(outgoing.id)
                sent[outgoing.address].append(outgoing.payload["n"])
                await asyncio.sleep(0)
                under_way.remove(outgoing.address)
                await mine.sent(outgoing.id, outgoing.id)
        await own.dispose()

    await asyncio.wait_for(asyncio.gather(*(work(limit) for limit in (1, 2, 3, 16))), 60)
    assert sent == {address: list(range(8)) for address in addresses}
    assert len(ids) == len(set(ids)) == 48
    assert not doubled
    assert {(row.state, row.attempts) for row in await rows(engine, DeliveryRow)} == {("sent", 1)}


async def test_many_claims_at_the_same_moment_share_what_there_is(
    outbox: Outbox, conversation_id: str
) -> None:
    for n in range(12):
        await put(outbox, conversation_id, n, n + 100, address=f"a{n}")
    claimed = await asyncio.gather(*(outbox.claim(5, LEASE) for _ in range(10)))
    assert sorted(n for found in claimed for n in numbers(found)) == list(range(12))


# --- a worker that is never heard of again


async def test_what_a_dead_worker_held_is_taken_up_as_maybe_sent(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    assert await outbox.claim(1, LEASE) == []
    await change_delivery(engine, outgoing.id, due_at=LONG_AGO)
    (again,) = await outbox.claim(1, LEASE)
    assert (again.id, again.attempt, again.maybe_sent) == (outgoing.id, 2, True)
    assert again.first_tried == outgoing.first_tried
    (row,) = await rows(engine, DeliveryRow)
    assert row.created_at <= again.first_tried == row.tried_at
    assert await outbox.claim(1, LEASE) == []


async def test_a_lease_ends_by_itself(outbox: Outbox, conversation_id: str) -> None:
    await put(outbox, conversation_id, 1)
    assert await claim(outbox, lease=0.1) == [1]
    assert await claim(outbox) == []
    await asyncio.sleep(0.15)
    assert await claim(outbox) == [1]


async def test_a_worker_that_was_given_up_may_still_say_that_it_was_sent(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    slow = await one(outbox, conversation_id)
    await change_delivery(engine, slow.id, due_at=LONG_AGO)
    await outbox.claim(1, LEASE)
    await outbox.sent(slow.id, "p1")
    assert await outbox.claim(1, LEASE) == []
    ((row),) = await rows(engine, DeliveryRow)
    assert (row.state, row.provider_id) == (S.sent, "p1")


async def test_a_worker_that_was_given_up_does_not_hand_the_next_ones_work_on(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    slow = await one(outbox, conversation_id)
    await change_delivery(engine, slow.id, due_at=LONG_AGO)
    (second,) = await outbox.claim(1, LEASE)
    # The second worker is sending. What the first one says of its own try is old news.
    await outbox.later(slow, 0, "throttled", unclear=False)
    third = await outbox.claim(1, LEASE)
    assert third == []
    await outbox.later(second, 0, "timeout", unclear=True)
    (fourth,) = await outbox.claim(1, LEASE)
    assert fourth.maybe_sent


async def test_who_asks_the_provider_knows_the_ids_of_the_others(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    await put(outbox, conversation_id, 1, 2, 3)
    await put(outbox, conversation_id, 4, address="bo")
    await fill(outbox, conversation_id, parcels(5, channel="wall"))
    for found in await outbox.claim(10, LEASE):
        await outbox.sent(found.id, f"p{found.payload['n']}")
    (second,) = await outbox.claim(1, LEASE)
    assert second.known == frozenset()
    await outbox.later(second, 0, "timeout", unclear=True)
    (again,) = await outbox.claim(1, LEASE)
    assert (again.payload, again.maybe_sent, again.known) == ({"n": 2}, True, frozenset({"p1"}))


# --- how a try ends


async def test_sent_ends_it(outbox: Outbox, engine: AsyncEngine, conversation_id: str) -> None:
    outgoing = await one(outbox, conversation_id)
    await outbox.later(outgoing, 0, "throttled", unclear=False)
    await outbox.claim(1, LEASE)
    await outbox.sent(outgoing.id, "p1")
    (row,) = await rows(engine, DeliveryRow)
    assert (row.state, row.provider_id, row.error, row.attempts) == (S.sent, "p1", None, 2)


@pytest.mark.parametrize("unclear", [False, True])
async def test_later_means_later(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str, *, unclear: bool
) -> None:
    outgoing = await one(outbox, conversation_id)
    await outbox.later(outgoing, 100, "x" * 500, unclear=unclear)
    assert await outbox.claim(1, LEASE) == []
    (row,) = await rows(engine, DeliveryRow)
    assert (row.state, row.error) == (S.unclear if unclear else S.pending, "x" * 200)
    assert 90 < (row.due_at - dt.datetime.now(tz=dt.UTC)).total_seconds() <= 100
    await change_delivery(engine, outgoing.id, due_at=LONG_AGO)
    (again,) = await outbox.claim(1, LEASE)
    assert (again.id, again.attempt, again.maybe_sent) == (outgoing.id, 2, unclear)


async def test_what_was_certainly_not_sent_is_no_more_unclear(
    outbox: Outbox, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    seen = []
    for unclear in (True, True, False, False):
        await outbox.later(outgoing, 0, "fault", unclear=unclear)
        (outgoing,) = await outbox.claim(1, LEASE)
        seen.append(outgoing.maybe_sent)
    assert seen == [True, True, False, False]


async def test_rejected_ends_it(outbox: Outbox, engine: AsyncEngine, conversation_id: str) -> None:
    await tell(engine, conversation_id, 1)
    (outgoing,) = await outbox.claim(1, LEASE)
    await outbox.rejected(outgoing, "x" * 500)
    (row,) = await rows(engine, DeliveryRow)
    assert (row.state, row.error) == (S.rejected, "x" * 200)
    assert await outbox.claim(1, LEASE) == []
    assert (await outbox.waiting(), await outbox.dead_count()) == (0, 1)


async def test_stopped_ends_it_and_everything_after_it(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    await put(outbox, conversation_id, 1, 2)
    await put(outbox, conversation_id, 3, address="bo")
    first, other = await outbox.claim(10, LEASE)
    await outbox.stopped(first)
    await outbox.stopped(first)
    assert await outbox.claim(10, LEASE) == []
    await outbox.sent(other.id, "p3")
    states = [row.state for row in await rows(engine, DeliveryRow)]
    assert states == [S.stopped, S.stopped, S.sent]
    (opted_out,) = await rows(engine, OptOutRow)
    assert (opted_out.channel, opted_out.address) == ("notes", "anna")
    assert await outbox.dead_count() == 0


@pytest.mark.parametrize("state", sorted(set(S) - {S.sending, S.unclear}))
async def test_a_try_that_is_over_has_no_say(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str, state: DeliveryState
) -> None:
    delivery_id = await in_state(engine, conversation_id, state)
    before = await rows(engine, DeliveryRow)
    await outbox.later(trial(delivery_id), 10, "late", unclear=True)
    await outbox.rejected(trial(delivery_id), "late")
    assert await rows(engine, DeliveryRow) == before


async def test_nobody_is_surprised_by_an_unknown_id(outbox: Outbox, engine: AsyncEngine) -> None:
    for delivery_id in ("", "0" * 32, "å" * 500):
        await outbox.sent(delivery_id, "p1")
        await outbox.later(trial(delivery_id), 1, "x", unclear=True)
        await outbox.rejected(trial(delivery_id), "x")
        assert not await outbox.report(report(delivery_id, S.delivered))
        assert not await outbox.resend(delivery_id)
    assert await outbox.states("0" * 32) == {}
    assert not any((await counts(engine)).values())


# --- who wants no messages


async def test_who_wants_no_messages_gets_none_but_those_about_danger(
    outbox: Outbox, engine: AsyncEngine
) -> None:
    conversation_id = await Inbox(engine).receive(
        letter(), lambda *_: Verdict(awaits_answer=False, wish=Wish.stop)
    )
    assert conversation_id is not None
    await fill(
        outbox,
        conversation_id,
        [*parcels(1), *parcels(2, despite_stop=True), *parcels(3), *parcels(4, address="bo")],
    )
    sent = []
    for _ in range(4):
        for outgoing in await outbox.claim(10, LEASE):
            sent.append(outgoing.payload["n"])
            await outbox.sent(outgoing.id, str(outgoing.payload["n"]))
    assert sorted(sent) == [2, 4]
    states = [row.state for row in await rows(engine, DeliveryRow)]
    assert states == [S.stopped, S.sent, S.stopped, S.sent]
    assert await outbox.waiting() == 0


async def test_who_stops_between_two_tries_gets_no_second_one(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    await outbox.later(outgoing, 0, "throttled", unclear=False)
    await Inbox(engine).receive(letter(), lambda *_: Verdict(wish=Wish.stop))
    assert await outbox.claim(10, LEASE) == []
    assert [row.state for row in await rows(engine, DeliveryRow)] == [S.stopped]


async def test_who_starts_again_gets_what_is_said_from_then_on(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    inbox = Inbox(engine)
    await inbox.receive(letter(), lambda *_: Verdict(wish=Wish.stop))
    await put(outbox, conversation_id, 1)
    assert await claim(outbox) == []
    await inbox.receive(letter(), lambda *_: Verdict(wish=Wish.start))
    await put(outbox, conversation_id, 2)
    assert await claim(outbox) == [2]


async def test_many_stops_at_the_same_moment_are_one(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    await put(outbox, conversation_id, *range(10))
    ids = [row.public_id for row in await rows(engine, DeliveryRow)]
    await asyncio.gather(
        *(outbox.report(report(item, S.failed, stopped=True)) for item in ids),
        *(outbox.stopped(trial(item)) for item in ids),
    )
    assert await counts(engine, [OptOutRow]) == {"opt_out": 1}


# --- what providers report


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            *pair,
        )
        for pair in PAIRS
    ],
    ids=str,
)
def test_a_report_moves_forward_only(before: DeliveryState, after: DeliveryState) -> None:
    assert moves(before, after) == (after in REPORTED[before])


@pytest.mark.parametrize("before", S)
async def test_a_row_moves_as_its_report_may(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str, before: DeliveryState
) -> None:
    delivery_id = await in_state(engine, conversation_id, before)
    for after in S:
        await change_delivery(
            engine, delivery_id, state=before, provider_id=None, provider_status="old", error="old"
        )
        assert await outbox.report(report(delivery_id, after, provider_id="p1", error="new"))
        (row,) = await rows(engine, DeliveryRow)
        expected = (after, str(after), "new") if moves(before, after) else (before, "old", "old")
        assert (row.state, row.provider_status, row.error, row.provider_id) == (*expected, "p1")


@pytest.mark.parametrize(
    "order", list(itertools.permutations(["sent()", S.sent, S.delivered, S.read]))
)
async def test_in_whatever_order_the_good_news_comes_the_best_stays(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str, order: tuple[str, ...]
) -> None:
    outgoing = await one(outbox, conversation_id)
    for news in order:
        if news == "sent()":
            await outbox.sent(outgoing.id, "p1")
        else:
            await outbox.report(report(outgoing.id, S(news), provider_id="p1"))
    (row,) = await rows(engine, DeliveryRow)
    assert (row.state, row.provider_id) == (S.read, "p1")


@pytest.mark.parametrize("order", list(itertools.permutations(["sent()", S.sent, S.failed])))
async def test_failed_is_final_whatever_comes_after_it(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str, order: tuple[str, ...]
) -> None:
    outgoing = await one(outbox, conversation_id)
    for news in order:
        if news == "sent()":
            await outbox.sent(outgoing.id, "p1")
        else:
            await outbox.report(report(outgoing.id, S(news), provider_id="p1"))
    (row,) = await rows(engine, DeliveryRow)
    assert (row.state, row.provider_id) == (S.failed, "p1")


async def test_a_report_that_overtakes_the_answer_lets_the_next_one_leave(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    await put(outbox, conversation_id, 2)
    assert await outbox.report(report(outgoing.id, S.delivered, provider_id="p1"))
    assert await claim(outbox) == [2]
    # The connection broke on the way back: the worker does not know what we know.
    await outbox.later(outgoing, 0, "timeout", unclear=True)
    await outbox.rejected(outgoing, "given up")
    first, second = await rows(engine, DeliveryRow)
    assert (first.state, first.error, second.state) == (S.delivered, None, S.sending)


async def test_a_report_by_the_providers_own_id(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    early = report(None, S.delivered, provider_id="p1")
    assert not await outbox.report(early)
    await outbox.sent(outgoing.id, "p1")
    assert await outbox.report(early)
    assert not await outbox.report(report(None, S.read, provider_id="p2"))
    (row,) = await rows(engine, DeliveryRow)
    assert row.state == S.delivered


async def test_a_report_by_both_ids_lets_the_next_come_by_the_providers(
    outbox: Outbox, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    assert await outbox.report(report(outgoing.id, S.sent, provider_id="p1"))
    assert await outbox.report(report(None, S.delivered, provider_id="p1"))


async def test_ids_belong_to_their_channel(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    await outbox.sent(outgoing.id, "p1")
    for ours, theirs in ((outgoing.id, None), (None, "p1")):
        assert not await outbox.report(StatusReport("wall", S.delivered, "read", ours, theirs))
    assert [row.state for row in await rows(engine, DeliveryRow)] == [S.sent]


@pytest.mark.parametrize("order", list(itertools.permutations([S.sent, S.delivered, S.read])))
async def test_the_best_of_the_reports_that_came_too_early_counts(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str, order: tuple[DeliveryState, ...]
) -> None:
    outgoing = await one(outbox, conversation_id)
    for state in order:
        assert not await outbox.report(report(None, state, provider_id="p1"))
    await outbox.report(report(None, S.read, provider_id="p2"))
    await outbox.sent(outgoing.id, "p1")
    (row,) = await rows(engine, DeliveryRow)
    assert (row.state, row.provider_status) == (S.read, "read")


async def test_bad_news_that_comes_too_early_keeps_its_reason(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    await outbox.report(report(None, S.sent, provider_id="p1"))
    await outbox.report(report(None, S.failed, provider_id="p1", error="30003"))
    await outbox.sent(outgoing.id, "p1")
    (row,) = await rows(engine, DeliveryRow)
    assert (row.state, row.provider_status, row.error) == (S.failed, "failed", "30003")


async def test_a_stop_that_is_reported_too_early_counts(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    await outbox.report(report(None, S.failed, provider_id="p1", stopped=True))
    await outbox.sent(outgoing.id, "p1")
    assert await counts(engine, [OptOutRow]) == {"opt_out": 1}


async def test_a_report_kept_while_the_id_was_being_written_is_taken_in_later(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    for provider_id in ("p1", "stranger"):
        early = report(None, S.failed, provider_id=provider_id, error="30003", stopped=True)
        assert not await outbox.report(early)
    # As it is when neither transaction has seen the other.
    await change_delivery(engine, outgoing.id, state=S.sent, provider_id="p1")
    assert [await outbox.settle() for _ in range(2)] == [1, 0]
    (row,) = await rows(engine, DeliveryRow)
    assert (row.state, row.error) == (S.failed, "30003")
    assert await counts(engine, [OptOutRow, EarlyReportRow]) == {"opt_out": 1, "early_report": 1}


async def test_a_report_that_names_nothing_is_about_nothing(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    await put(outbox, conversation_id, 1)
    assert not await outbox.report(report(None, S.delivered))
    assert await claim(outbox) == [1]


async def test_long_words_of_a_provider_are_no_fault(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    wordy = StatusReport("notes", S.failed, "s" * 300, outgoing.id, error="e" * 300)
    assert await outbox.report(wordy)
    (row,) = await rows(engine, DeliveryRow)
    assert (row.state, row.error[:200]) == (S.failed, "e" * 200)


async def test_a_report_may_say_that_the_citizen_wants_no_more(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    await put(outbox, conversation_id, 2)
    for _ in range(2):
        assert await outbox.report(report(outgoing.id, S.failed, stopped=True, error="21610"))
    assert await outbox.claim(10, LEASE) == []
    assert [row.state for row in await rows(engine, DeliveryRow)] == [S.failed, S.stopped]
    assert await counts(engine, [OptOutRow]) == {"opt_out": 1}


async def test_many_reports_at_the_same_moment_end_at_the_best(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    news = [S.sent, S.delivered, S.read] * 5
    await asyncio.gather(
        *(outbox.report(report(outgoing.id, state, provider_id="p1")) for state in news),
        outbox.sent(outgoing.id, "p1"),
    )
    (row,) = await rows(engine, DeliveryRow)
    assert (row.state, row.provider_id) == (S.read, "p1")


async def test_read_until_a_moment(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    states = list(S)
    await put(outbox, conversation_id, *range(len(states)))
    await put(outbox, conversation_id, 100, address="bo")
    await fill(outbox, conversation_id, parcels(101, channel="wall"))
    before = await rows(engine, DeliveryRow)
    for row, state in zip(before, [*states, S.sent, S.sent], strict=True):
        await change_delivery(engine, row.public_id, state=state)
    moment = dt.datetime.now(tz=dt.UTC)
    await put(outbox, conversation_id, 102)
    await change_delivery(
        engine, (await rows(engine, DeliveryRow))[-1].public_id, state=S.delivered
    )
    await outbox.read_until("notes", "anna", LONG_AGO)
    assert [row.state for row in await rows(engine, DeliveryRow)].count(S.read) == 1
    await outbox.read_until("notes", "anna", moment)
    after = [row.state for row in await rows(engine, DeliveryRow)]
    seen = {S.sent: S.read, S.delivered: S.read}
    assert after == [*(seen.get(state, state) for state in states), S.sent, S.sent, S.delivered]


async def test_what_is_reported_after_the_reading_was_read_all_the_same(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    await outbox.sent(outgoing.id, "p1")
    read_at = dt.datetime.now(tz=dt.UTC)
    await outbox.report(report(None, S.delivered, provider_id="p1"))
    await outbox.read_until("notes", "anna", read_at)
    assert [row.state for row in await rows(engine, DeliveryRow)] == [S.read]


# --- dead letters


async def test_dead_letters_are_shown_the_latest_first(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    await tell(engine, conversation_id, *range(len(S)))
    before = await rows(engine, DeliveryRow)
    for row, state in zip(before, S, strict=True):
        await change_delivery(engine, row.public_id, state=state, error=f"as {state}", attempts=3)
    letters = await outbox.dead()
    assert [letter.state for letter in letters] == [S.rejected, S.failed]
    (first, _) = letters
    row = next(row for row in await rows(engine, DeliveryRow) if row.state == S.rejected)
    assert (first.id, first.conversation_id, first.channel) == (
        row.public_id,
        conversation_id,
        "notes",
    )
    assert (first.error, first.attempts) == ("as rejected", 3)
    assert (first.created_at, first.updated_at) == (row.created_at, row.updated_at)
    assert [letter.state for letter in await outbox.dead(1)] == [S.rejected]
    assert await outbox.dead_count() == 2


@pytest.mark.parametrize("state", S)
async def test_only_a_dead_letter_is_sent_again_and_only_once(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str, state: DeliveryState
) -> None:
    delivery_id = await in_state(engine, conversation_id, state)
    again = [await outbox.resend(delivery_id) for _ in range(2)]
    assert again == [state in DEAD, False]
    assert len(await rows(engine, DeliveryRow)) == (2 if state in DEAD else 1)


async def test_what_is_sent_again_is_a_new_delivery_of_the_same(
    outbox: Outbox, engine: AsyncEngine
) -> None:
    said = Said(ANSWER, tuple(parcels(7, despite_stop=True)))
    conversation_id = await Inbox(engine).receive(
        letter(), lambda *_: Verdict(awaits_answer=False, said=(said,))
    )
    (outgoing,) = await outbox.claim(1, LEASE)
    await outbox.rejected(outgoing, "no")
    assert await outbox.dead_count() == 1
    assert await outbox.resend(outgoing.id)
    assert (await outbox.dead_count(), await outbox.dead(), await outbox.waiting()) == (0, [], 1)
    old, new = await rows(engine, DeliveryRow)
    assert (old.state, new.state) == (S.rejected, S.pending)
    assert (new.conversation_id, new.message_id) == (conversation_id, old.message_id)
    assert (new.channel, new.address, new.payload) == ("notes", "anna", {"n": 7})
    assert (new.despite_stop, new.provider_id, new.error) == (True, None, None)
    (again,) = await outbox.claim(1, LEASE)
    assert again.id == new.public_id != outgoing.id
    assert (again.attempt, again.maybe_sent, again.author) == (1, False, Author.guide)


async def test_a_code_is_not_to_be_read_here_once_it_is_on_its_way(
    outbox: Outbox, engine: AsyncEngine, store: ConversationStore, conversation_id: str
) -> None:
    asked, _ = await store.add_citizen_message(conversation_id, "hej", channel="notes")
    await store.finish_turn(
        asked.id,
        [Said(ANSWER, tuple(parcels(1)))],
        language="da",
        language_chosen=False,
        service=None,
        knowledge_version=None,
    )
    await put_code(outbox, conversation_id, parcels(2, address="bo"))
    for outgoing in await outbox.claim(10, LEASE):
        assert outgoing.payload
        await outbox.later(outgoing, 0, "throttled", unclear=False)
    for outgoing in await outbox.claim(10, LEASE):
        assert outgoing.payload
        await outbox.sent(outgoing.id, outgoing.id)
    answer, code = await rows(engine, DeliveryRow)
    assert (answer.payload, code.payload) == ({"n": 1}, {})


@pytest.mark.parametrize("sent", [True, False])
async def test_a_code_whose_time_is_over_is_no_dead_letter(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str, *, sent: bool
) -> None:
    await put_code(outbox, conversation_id, parcels(1))
    (outgoing,) = await outbox.claim(1, LEASE)
    if sent:
        await outbox.sent(outgoing.id, "p1")
        await outbox.report(report(None, S.failed, provider_id="p1"))
    else:
        await outbox.rejected(outgoing, "no such number")
    assert (await outbox.dead_count(), await outbox.dead()) == (0, [])
    assert not await outbox.resend(outgoing.id)
    assert await outbox.claim(10, LEASE) == []


async def test_resending_at_the_same_moment_sends_once(
    outbox: Outbox, engine: AsyncEngine, conversation_id: str
) -> None:
    delivery_id = await in_state(engine, conversation_id, S.failed)
    ended = await asyncio.gather(*(outbox.resend(delivery_id) for _ in range(10)))
    assert ended.count(True) == 1
    assert await claim(outbox) == [1]


async def test_a_late_report_about_what_was_sent_again_changes_nothing(
    outbox: Outbox, engine: AsyncEngine
) -> None:
    said = Said(ANSWER, tuple(parcels(1)))
    await Inbox(engine).receive(letter(), lambda *_: Verdict(awaits_answer=False, said=(said,)))
    (outgoing,) = await outbox.claim(1, LEASE)
    await outbox.sent(outgoing.id, "p1")
    await outbox.report(report(None, S.failed, provider_id="p1"))
    assert await outbox.resend(outgoing.id)
    await outbox.report(report(None, S.failed, provider_id="p1"))
    await outbox.report(report(None, S.delivered, provider_id="p1"))
    assert not await outbox.resend(outgoing.id)
    assert await outbox.dead_count() == 0


# --- how far a message has come


async def test_a_message_has_come_as_far_as_its_slowest_part(
    outbox: Outbox, engine: AsyncEngine, store: ConversationStore, conversation_id: str
) -> None:
    said = [Said(ANSWER, tuple(parcels(1, 2, 3))), Said(ANSWER), Said(ANSWER, tuple(parcels(4)))]
    asked, _ = await store.add_citizen_message(conversation_id, "hej", channel="notes")
    first, _, third = await store.finish_turn(
        asked.id,
        said,
        language="da",
        language_chosen=False,
        service=None,
        knowledge_version=None,
    )
    await put_code(outbox, conversation_id, parcels(5))
    ids = [row.public_id for row in await rows(engine, DeliveryRow)]
    for states, expected in [
        ((S.pending, S.pending, S.pending, S.pending), (S.pending, S.pending)),
        ((S.read, S.delivered, S.sent, S.read), (S.sent, S.read)),
        ((S.read, S.sending, S.unclear, S.failed), (S.unclear, S.failed)),
        ((S.delivered, S.delivered, S.read, S.stopped), (S.delivered, S.stopped)),
    ]:
        for delivery_id, state in zip(ids, states, strict=False):
            await change_delivery(engine, delivery_id, state=state)
        found = await outbox.states(conversation_id)
        assert found == dict(zip((first.id, third.id), expected, strict=True))


async def test_a_dead_letter_that_arrived_the_second_time_has_arrived(
    outbox: Outbox, engine: AsyncEngine
) -> None:
    said = Said(ANSWER, tuple(parcels(1)))
    conversation_id = await Inbox(engine).receive(
        letter(), lambda *_: Verdict(awaits_answer=False, said=(said,))
    )
    assert conversation_id is not None
    (message_id,) = await outbox.states(conversation_id)
    (outgoing,) = await outbox.claim(1, LEASE)
    await outbox.rejected(outgoing, "no")
    assert await outbox.states(conversation_id) == {message_id: S.rejected}
    await outbox.resend(outgoing.id)
    assert await outbox.states(conversation_id) == {message_id: S.pending}
    (again,) = await outbox.claim(1, LEASE)
    await outbox.sent(again.id, "p2")
    await outbox.report(report(again.id, S.delivered))
    assert await outbox.states(conversation_id) == {message_id: S.delivered}


# --- erased meanwhile


async def test_a_conversation_erased_while_its_answer_is_being_sent(
    outbox: Outbox, engine: AsyncEngine, store: ConversationStore, conversation_id: str
) -> None:
    outgoing = await one(outbox, conversation_id)
    await put(outbox, conversation_id, 2)
    await store.erase(conversation_id)
    await outbox.sent(outgoing.id, "p1")
    await outbox.later(outgoing, 0, "x", unclear=True)
    await outbox.rejected(outgoing, "x")
    assert not await outbox.report(report(outgoing.id, S.delivered))
    assert not await outbox.resend(outgoing.id)
    assert await outbox.claim(10, LEASE) == []
    assert await counts(engine, [DeliveryRow, MessageRow]) == {"delivery": 0, "message": 0}
    # That somebody wants no more messages outlives the conversation.
    await outbox.stopped(outgoing)
    assert await counts(engine, [OptOutRow]) == {"opt_out": 1}


@pytest.mark.parametrize("maybe_sent", [False, True])
async def test_claiming_does_not_wait_for_who_works_on_the_conversation(
    outbox: Outbox,
    engine: AsyncEngine,
    conversation_id: str,
    *,
    maybe_sent: bool,
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time: everybody waits for everybody")
    delivery_id = await in_state(engine, conversation_id, S.pending)
    if maybe_sent:
        await change_delivery(engine, delivery_id, state=S.unclear)
    async with engine.begin() as connection:
        # Who erases it holds it, too, and waits for the delivery: waiting here is a deadlock.
        await connection.execute(select(ConversationRow).with_for_update())
        (outgoing,) = await asyncio.wait_for(outbox.claim(1, LEASE), 3)
    assert outgoing.maybe_sent == maybe_sent


async def test_erasing_and_claiming_at_the_same_moment_are_no_fault(
    outbox: Outbox, engine: AsyncEngine, store: ConversationStore
) -> None:
    for _ in range(10):
        ids = []
        for n in range(4):
            conversation, _ = await store.create("web", "da", language_chosen=False)
            await put(outbox, conversation.id, 1, 2, address=f"a{n}")
            ids.append(conversation.id)
        claimed = await outbox.claim(2, LEASE)
        await asyncio.gather(
            *(store.erase(item) for item in ids),
            *(outbox.claim(4, LEASE) for _ in range(4)),
            *(outbox.sent(outgoing.id, "p") for outgoing in claimed),
        )
    assert await counts(engine, [DeliveryRow]) == {"delivery": 0}
    await change(engine, DeliveryRow, due_at=LONG_AGO)
    assert await outbox.claim(10, LEASE) == []
