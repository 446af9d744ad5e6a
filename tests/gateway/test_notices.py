"""Reminders go out once, say nothing of the matter, and are stored or not with their claim."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from app import build_renderer
from booking.models import Appointment, Contact, HoldRequest, ServiceWish
from conversations.delivery.dispatch import Dispatch
from conversations.delivery.port import Payload
from conversations.models import Capabilities, Rendered
from conversations.store.outbox import Outbox
from conversations.store.store import ConversationStore
from conversations.store.tables import ConversationRow, DeliveryRow, OptOutRow
from gateway.booking import Booking, build_booking
from knowledge.live import LiveKnowledge
from settings import Settings
from storage.base import Base
from storage.engine import open_engine
from storage.sessions import Sessions
from tests.booking.world import HandClock, at, booking_on, small_town

NUMBER = "+4520123456"


class Paper:
    """An outlet that only writes down."""

    name = "sms"
    capabilities = Capabilities(buttons=False, cards=False, typed_addresses=True)

    def render(self, rendered: Rendered, link: str | None) -> list[dict[str, str]]:
        return [{"body": rendered.text}]

    def offered(self, rendered: Rendered, payloads: Sequence[Payload]) -> int:
        return 0


@dataclass
class Town:
    engine: AsyncEngine
    clock: HandClock
    guide: Booking
    appointment: Appointment
    wakes: list[int]

    async def sent(self) -> list[DeliveryRow]:
        async with Sessions(self.engine).read() as session:
            return list(await session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))


@pytest.fixture
async def town(tmp_path: Path, live: LiveKnowledge) -> AsyncIterator[Town]:
    """An appointment on Thursday at ten, booked on Monday by somebody with a number."""
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'guide.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    clock = HandClock()
    core = booking_on(engine, clock)
    await small_town(core.supply)
    store = ConversationStore(engine)
    conversation, _ = await store.create("sms", "en", language_chosen=False)
    wish = (ServiceWish("pas-voksen"),)
    request = HoldRequest("raadhus", at("2026-03-05 10:00"), wish, None, conversation.id)
    hold = await core.appointments.hold(request)
    booked = await core.appointments.confirm(hold.id, Contact("Mette", "sms", NUMBER))
    wakes: list[int] = []
    guide = build_booking(
        engine=engine,
        secrets=("n" * 40,),
        live=live,
        store=store,
        renderer=build_renderer(Settings(internal_token=SecretStr("test")), live),
        dispatch=Dispatch({"sms": Paper()}, "https://guide.example"),  # type: ignore[dict-item]
        sent=lambda: wakes.append(1),
        clock=clock,
    )
    yield Town(engine, clock, guide, booked, wakes)
    await engine.dispose()


async def test_it_goes_out_once_the_day_before(town: Town) -> None:
    town.clock.set("2026-03-04 09:59")
    await town.guide.look()
    assert await town.sent() == []
    town.clock.set("2026-03-04 10:01")
    await town.guide.look()
    await town.guide.look()
    (sent,) = await town.sent()
    assert (sent.channel, sent.address, len(town.wakes)) == ("sms", NUMBER, 1)
    body = sent.payload["body"]
    assert "Thursday, 5 March 2026 at 10:00" in body
    assert town.appointment.reference in body
    assert "/b/" in body


async def test_it_says_nothing_of_what_the_visit_is_for(town: Town) -> None:
    town.clock.set("2026-03-04 10:01")
    await town.guide.look()
    (sent,) = await town.sent()
    body = sent.payload["body"].casefold()
    assert "passport" not in body
    assert "mette" not in body


async def test_whoever_wrote_stop_gets_none(town: Town) -> None:
    async with Sessions(town.engine).write() as session:
        session.add(OptOutRow(channel="sms", address=NUMBER, created_at=dt.datetime.now(dt.UTC)))
    town.clock.set("2026-03-04 10:01")
    await town.guide.look()
    assert await Outbox(town.engine).claim(10, 60) == []
    assert [row.state for row in await town.sent()] == ["stopped"]


async def test_a_conversation_that_was_erased_is_no_reason_to_be_silent(town: Town) -> None:
    async with Sessions(town.engine).write() as session:
        await session.execute(delete(ConversationRow))
    town.clock.set("2026-03-04 10:01")
    await town.guide.look()
    (sent,) = await town.sent()
    assert sent.address == NUMBER


async def test_it_is_not_lost_with_a_transaction_that_fails(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.clock.set("2026-03-04 10:01")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("gateway.notices.say", broken)
        with pytest.raises(RuntimeError):
            await town.guide.look()
    assert await town.sent() == []
    await town.guide.look()
    assert len(await town.sent()) == 1
