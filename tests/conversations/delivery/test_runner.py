"""One worker and one post office: what is tried again, what is asked, what is given up."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from prometheus_client import REGISTRY

from conversations.delivery import runner
from conversations.delivery.port import Outgoing, Rejected, TryLater, Unclear
from conversations.store.outbox import Outbox
from tests.conversations.citizen import until
from tests.conversations.delivery.conftest import Sending, working
from tests.paper import Trouble


class DatabaseAway(Exception):
    pass


# --- all is well


async def test_a_letter_leaves_once_and_its_id_is_kept(sending: Sending) -> None:
    await sending.put("hej")
    await sending.work_off()
    (letter,) = sending.office.letters
    (row,) = await sending.rows()
    assert letter.text == "hej"
    assert (row.state, row.provider_id, row.attempts) == ("sent", letter.id, 1)
    assert (row.error, letter.delivery) == (None, row.public_id)
    assert sending.office.finds == []


async def test_letters_to_one_address_leave_in_order(sending: Sending) -> None:
    texts = [f"nummer {n}" for n in range(20)]
    await sending.put(*texts)
    await sending.work_off()
    assert sending.arrived() == texts


async def test_a_call_wakes_the_worker_at_once(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_IDLE", 3600.0)
    async with sending.working() as worker:
        await asyncio.sleep(0.1)
        await sending.put("hej")
        worker.wake()
        await sending.emptied()
    assert sending.arrived() == ["hej"]


async def test_what_another_gateway_put_there_is_found_without_a_call(sending: Sending) -> None:
    async with sending.working():
        await asyncio.sleep(0.05)
        await sending.put("hej")
        await sending.emptied()
    assert sending.arrived() == ["hej"]


async def test_the_next_letter_does_not_wait_for_the_next_look(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_IDLE", 3600.0)
    await sending.put("en", "to", "tre")
    await sending.work_off()
    assert sending.arrived() == ["en", "to", "tre"]


async def test_no_more_than_so_many_are_under_way(sending: Sending) -> None:
    gate = asyncio.Event()
    for n in range(6):
        sending.office.held[f"box {n}"] = gate
        await sending.put("hej", to=f"box {n}")

    async def three_wait() -> bool:
        return sending.office.under_way == 3

    async with sending.working(at_once=3):
        await until(three_wait)
        await asyncio.sleep(0.1)
        gate.set()
        await sending.emptied()
    assert sending.office.most_under_way == 3
    assert len(sending.office.letters) == 6


class Stuck(BaseException):
    """Nothing else got a turn: not an ``Exception``, so that nobody takes it for a fault."""


@contextmanager
def no_hog(seconds: float) -> Iterator[None]:
    """Raise :class:`Stuck` where this process is after so many seconds of its computing."""

    def stop(*_: object) -> None:
        raise Stuck

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


async def test_a_call_while_all_hands_are_full_leaves_the_others_their_turn(
    sending: Sending,
) -> None:
    gate = sending.office.held["box 1"] = asyncio.Event()
    await sending.put("hej")

    async def under_way() -> bool:
        return sending.office.under_way == 1

    async with sending.working(at_once=1) as worker:
        await until(under_way)
        before = time.process_time()
        with no_hog(2.0):
            worker.wake()
            await asyncio.sleep(0.1)
        assert time.process_time() - before < 1.0
        gate.set()
        await sending.emptied()
    assert sending.arrived() == ["hej"]


# --- faults that pass


@pytest.mark.parametrize("trouble", [Trouble.busy, Trouble.lost, Trouble.fire])
async def test_what_did_not_arrive_is_sent_again(sending: Sending, trouble: Trouble) -> None:
    sending.office.expect(trouble, trouble)
    await sending.put("hej", "igen")
    await sending.work_off()
    assert sending.arrived() == ["hej", "igen"]
    assert [row.attempts for row in await sending.rows()] == [3, 1]


async def test_each_try_says_which_it_is_and_keeps_its_name(sending: Sending) -> None:
    sending.office.expect(Trouble.busy, Trouble.busy)
    await sending.put("hej")
    await sending.work_off()
    assert [outgoing.attempt for outgoing in sending.office.sends] == [1, 2, 3]
    assert len({outgoing.id for outgoing in sending.office.sends}) == 1
    assert len({outgoing.first_tried for outgoing in sending.office.sends}) == 1


async def test_what_was_surely_not_taken_is_not_asked_about(sending: Sending) -> None:
    sending.office.expect(Trouble.busy)
    await sending.put("hej")
    await sending.work_off()
    assert sending.office.finds == []


async def test_the_providers_own_wish_is_kept(sending: Sending) -> None:
    sending.office.expect(TryLater("slow down", after=0.4))
    await sending.put("hej")
    started = time.monotonic()
    await sending.work_off()
    assert time.monotonic() - started >= 0.4
    assert sending.arrived() == ["hej"]


@pytest.mark.parametrize("trouble", [Trouble.receipt_lost, Trouble.fire_after])
async def test_what_may_have_arrived_is_asked_about_and_not_doubled(
    sending: Sending, trouble: Trouble
) -> None:
    sending.office.expect(trouble)
    await sending.put("hej", "igen")
    await sending.work_off()
    assert sending.arrived() == ["hej", "igen"]
    assert [outgoing.maybe_sent for outgoing in sending.office.finds] == [True]
    assert [row.provider_id for row in await sending.rows()] == ["letter-1", "letter-2"]


async def test_the_same_words_twice_are_two_letters(sending: Sending) -> None:
    sending.office.expect(None, Trouble.receipt_lost, Trouble.lost)
    await sending.put("ja", "ja", "ja")
    await sending.work_off()
    assert sending.arrived() == ["ja", "ja", "ja"]
    ids = [row.provider_id for row in await sending.rows()]
    assert ids == ["letter-1", "letter-2", "letter-3"]
    assert sending.office.finds[0].known == {"letter-1"}
    assert sending.office.finds[1].known == {"letter-1", "letter-2"}


@pytest.mark.parametrize("error", [TryLater("busy"), Unclear("lost"), OSError("fire")])
async def test_nothing_is_sent_while_nobody_knows(sending: Sending, error: Exception) -> None:
    sending.office.expect(Trouble.receipt_lost)
    sending.office.expect_finding(error, error)
    await sending.put("hej")
    await sending.work_off()
    assert sending.arrived() == ["hej"]
    assert (len(sending.office.sends), len(sending.office.finds)) == (1, 3)


async def test_one_that_waits_holds_up_its_own_address_only(sending: Sending) -> None:
    sending.office.expect(TryLater("slow down", after=0.5))
    await sending.put("en", "to")

    async def waits() -> bool:
        return len(sending.office.sends) == 1

    async with sending.working(at_once=1):
        await until(waits)
        await sending.put("a", "b", to="box 2")
        await sending.emptied()
    assert [letter.text for letter in sending.office.letters] == ["a", "b", "en", "to"]


async def test_a_slow_address_holds_up_itself_only(sending: Sending) -> None:
    gate = sending.office.held["box 1"] = asyncio.Event()
    await sending.put("en", "to")
    await sending.put("a", "b", to="box 2")

    async def other_one_done() -> bool:
        return sending.arrived("box 2") == ["a", "b"]

    async with sending.working():
        await until(other_one_done)
        assert sending.arrived() == []
        gate.set()
        await sending.emptied()
    assert sending.arrived() == ["en", "to"]


# --- bad ends


@pytest.mark.parametrize("trouble", [Trouble.busy, Trouble.lost, Trouble.fire])
async def test_after_so_many_tries_it_is_a_dead_letter_and_the_next_one_leaves(
    sending: Sending, trouble: Trouble
) -> None:
    sending.office.expect(*[trouble] * 3)
    await sending.put("tabt", "næste")
    await sending.work_off(attempts=3)
    assert sending.arrived() == ["næste"]
    assert await sending.states() == ["rejected", "sent"]
    (dead,) = await sending.outbox.dead()
    assert dead.attempts == 3
    assert (dead.error or "").startswith("given up: ")


async def test_a_dead_letter_can_be_sent_again(sending: Sending) -> None:
    sending.office.expect(Trouble.refused)
    await sending.put("hej")
    await sending.work_off()
    (dead,) = await sending.outbox.dead()
    assert await sending.outbox.resend(dead.id)
    await sending.work_off()
    assert sending.arrived() == ["hej"]
    assert await sending.outbox.dead_count() == 0


async def test_a_refused_letter_is_not_tried_again(sending: Sending) -> None:
    sending.office.expect(Rejected("21211: " + "x" * 500))
    await sending.put("hej", "næste")
    await sending.work_off()
    first, second = await sending.rows()
    assert (first.state, first.attempts, second.state) == ("rejected", 1, "sent")
    assert (first.error or "").startswith("21211: x")
    assert len(first.error or "") <= 200


async def test_whoever_wants_no_more_gets_no_more_but_numbers_to_call(sending: Sending) -> None:
    sending.office.expect(Trouble.stopped)
    await sending.put("en", "to")
    await sending.put_despite_stop("Ring 112")
    await sending.put("a", to="box 2")
    await sending.work_off()
    assert await sending.opted_out() == [("paper", "box 1")]
    assert await sending.states() == ["stopped", "stopped", "sent", "sent"]
    assert sending.arrived() == ["Ring 112"]
    assert sending.arrived("box 2") == ["a"]
    assert await sending.outbox.dead_count() == 0


async def test_a_channel_that_is_not_set_up_is_a_dead_letter(sending: Sending) -> None:
    await sending.put("hej", channel="fax")
    await sending.put("hej")
    await sending.work_off()
    assert await sending.states() == ["rejected", "sent"]
    assert [dead.channel for dead in await sending.outbox.dead()] == ["fax"]


async def test_how_each_try_ended_is_counted(sending: Sending) -> None:
    def counted() -> dict[str, float]:
        return {
            outcome: REGISTRY.get_sample_value(
                "borgerguide_deliveries_total", {"channel": "paper", "outcome": outcome}
            )
            or 0.0
            for outcome in ("sent", "later", "unclear", "rejected", "stopped", "given_up")
        }

    before = counted()
    sending.office.expect(
        Trouble.busy, Trouble.lost, None, Trouble.refused, *[Trouble.busy] * 4, Trouble.stopped
    )
    await sending.put("sendt", "afvist", "opgivet", "stoppet")
    await sending.work_off(attempts=4)
    after = counted()
    assert {key: after[key] - before[key] for key in after} == {
        "sent": 1,
        "later": 1 + 3,
        "unclear": 1,
        "rejected": 1,
        "given_up": 1,
        "stopped": 1,
    }


# --- our own faults


async def test_what_is_under_way_is_finished_before_the_end(sending: Sending) -> None:
    gate = sending.office.held["box 1"] = asyncio.Event()
    await sending.put("en", "to")

    async def under_way() -> bool:
        return sending.office.under_way == 1

    async with sending.working() as _:
        await until(under_way)
        asyncio.get_running_loop().call_later(0.1, gate.set)
    assert sending.arrived() == ["en"]
    assert await sending.states() == ["sent", "pending"]


async def test_a_database_that_is_away_for_a_while_stops_nobody(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, failures = Outbox.claim, 3

    async def failing(self: Outbox, limit: int, lease: float) -> list[Outgoing]:
        nonlocal failures
        if failures:
            failures -= 1
            raise DatabaseAway
        return await claim(self, limit, lease)

    monkeypatch.setattr(Outbox, "claim", failing)
    await sending.put("en", "to")
    await sending.work_off()
    assert sending.arrived() == ["en", "to"]


async def test_what_could_not_be_written_down_is_asked_about_after_the_lease(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, failures = Outbox.sent, 1

    async def failing(self: Outbox, delivery_id: str, provider_id: str) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise DatabaseAway
        await sent(self, delivery_id, provider_id)

    monkeypatch.setattr(Outbox, "sent", failing)
    await sending.put("en", "to")
    await sending.work_off(lease=0.5)
    assert sending.arrived() == ["en", "to"]
    assert len(sending.office.finds) == 1


@pytest.mark.parametrize("trouble", [Trouble.death, Trouble.death_after])
async def test_what_a_dead_worker_had_in_its_hands_is_asked_about(
    sending: Sending, trouble: Trouble
) -> None:
    sending.office.expect(trouble)
    await sending.put("en", "to")
    await sending.work_off(lease=0.5)
    assert sending.arrived() == ["en", "to"]
    assert [outgoing.maybe_sent for outgoing in sending.office.finds] == [True]


async def test_another_worker_waits_for_the_lease_to_end(sending: Sending) -> None:
    gate = sending.office.held["box 1"] = asyncio.Event()
    await sending.put("hej")

    async def under_way() -> bool:
        return sending.office.under_way == 1

    async with (
        sending.working() as first,
        working(sending.outbox, {"paper": sending.paper}) as second,
    ):
        await until(under_way)
        first.wake()
        second.wake()
        await asyncio.sleep(0.2)
        assert len(sending.office.sends) == 1
        gate.set()
        await sending.emptied()
    assert sending.arrived() == ["hej"]
