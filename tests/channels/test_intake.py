"""Events from providers, each to where it belongs."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from app import Parts
from channels.intake import ReadUntil
from conversations.delivery.port import DeliveryState, StatusReport
from conversations.store.inbox import Inbox
from tests.conversations.delivery.guide import BOX, Guide, serving


@pytest.fixture
async def guide(parts: Parts) -> AsyncIterator[Guide]:
    async with serving(parts) as guide:
        yield guide


async def states(guide: Guide) -> list[str]:
    return [state for _, state in await guide.deliveries()]


def status(state: DeliveryState, **values: str) -> StatusReport:
    return StatusReport("paper", state, str(state), **values)  # type: ignore[arg-type]


async def test_what_a_citizen_says_is_answered(guide: Guide) -> None:
    assert len(await guide.write("hej")) == 2


async def test_events_are_taken_in_order(guide: Guide) -> None:
    await guide.take(*(guide.received(f"nummer {n}") for n in range(3)))
    await guide.settled()
    assert await guide.heard() == ["nummer 0", "nummer 1", "nummer 2"]


@pytest.mark.parametrize("by", ["delivery_id", "provider_id"])
async def test_a_status_is_written_to_its_delivery(guide: Guide, by: str) -> None:
    letter = (await guide.write("hej"))[1]
    name = letter.delivery if by == "delivery_id" else letter.id
    await guide.take(status(DeliveryState.delivered, **{by: name}))
    assert await states(guide) == ["sent", "delivered"]


async def test_a_status_only_goes_forward(guide: Guide) -> None:
    letter = (await guide.write("hej"))[0]
    for state in (DeliveryState.read, DeliveryState.sent, DeliveryState.delivered):
        await guide.take(status(state, provider_id=letter.id))
    assert (await states(guide))[0] == "read"


@pytest.mark.parametrize("name", ["", "unknown", "letter-1"])
async def test_a_status_of_anothers_message_is_nothing(guide: Guide, name: str) -> None:
    await guide.write("hej")
    other = StatusReport("fax", DeliveryState.read, "read", provider_id=name)
    await guide.take(other, status(DeliveryState.read, delivery_id=name))
    assert await states(guide) == ["sent", "sent"]


async def test_who_has_read_has_read_everything_before(guide: Guide) -> None:
    await guide.write("hej")
    moment = dt.datetime.now(tz=dt.UTC)
    await guide.write("hej igen")
    await guide.take(ReadUntil("paper", "box 2", moment), ReadUntil("fax", BOX, moment))
    assert await states(guide) == ["sent", "sent", "sent"]
    await guide.take(ReadUntil("paper", BOX, moment))
    assert await states(guide) == ["read", "read", "sent"]


async def test_a_status_that_stops_ends_the_messages(guide: Guide) -> None:
    letter = (await guide.write("hej"))[0]
    failed = StatusReport(
        "paper", DeliveryState.failed, "failed", provider_id=letter.id, stopped=True
    )
    await guide.take(failed)
    assert await guide.opted_out() == [BOX]
    assert await guide.write("er du der?") == []


async def test_after_an_error_the_same_events_can_be_taken_again(
    guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, calls = Inbox.receive, 0

    async def failing(self: Inbox, *values: object) -> str | None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ConnectionError
        return await receive(self, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(Inbox, "receive", failing)
    events = [guide.received(text) for text in ("en ting", "to ting", "tre ting")]
    with pytest.raises(ConnectionError):
        await guide.take(*events)
    await guide.take(*events)
    await guide.settled()
    assert await guide.heard() == ["en ting", "to ting", "tre ting"]


async def test_nothing_is_taken_without_harm(guide: Guide) -> None:
    await guide.take()
    assert await states(guide) == []
