"""What is kept of an unfinished booking, and short names for links."""

from __future__ import annotations

import pytest

from booking.drafts import Drafts
from booking.errors import LinkReplayed, LinkTampered
from booking.links import Links, Purpose
from booking.short_links import ShortLinks
from conversations.store.store import ConversationStore
from tests.booking.world import CONTACT, Booking, passport_at


async def started(booking: Booking) -> str:
    conversation, _ = await ConversationStore(booking.engine).create(
        "web", "da", language_chosen=False
    )
    return conversation.id


async def test_the_last_word_counts(booking: Booking) -> None:
    drafts, key = Drafts(booking.engine, booking.clock), await started(booking)
    assert await drafts.find(key) is None
    for number in (1, 2):
        async with drafts.sessions.write() as session:
            await drafts.keep(session, key, f"m{number}", {"n": number}, [{"key": "a"}])
    kept = await drafts.find(key)
    assert kept is not None
    assert (kept.message_id, kept.state, kept.said) == ("m2", {"n": 2}, [{"key": "a"}])


async def test_what_is_not_stored_was_not_said(booking: Booking) -> None:
    drafts, key = Drafts(booking.engine, booking.clock), await started(booking)

    async def fall() -> None:
        async with drafts.sessions.write() as session:
            await drafts.keep(session, key, "m", {}, [])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fall()
    assert await drafts.find(key) is None


async def test_an_old_draft_is_forgotten_but_not_its_answer(booking: Booking) -> None:
    drafts, key = Drafts(booking.engine, booking.clock), await started(booking)
    async with drafts.sessions.write() as session:
        await drafts.keep(session, key, "m", {"n": 1}, [])
    booking.clock.forward(hours=13)
    kept = await drafts.find(key)
    assert kept is not None
    assert (kept.message_id, kept.state) == ("m", None)


async def test_it_goes_with_its_conversation(booking: Booking) -> None:
    drafts, key = Drafts(booking.engine, booking.clock), await started(booking)
    async with drafts.sessions.write() as session:
        await drafts.keep(session, key, "m", {"n": 1}, [])
    await ConversationStore(booking.engine).erase(key)
    assert await drafts.find(key) is None


async def test_a_short_name_stands_for_a_link_that_works_once(booking: Booking) -> None:
    links = Links(booking.engine, ["s" * 40], booking.clock)
    short = ShortLinks(booking.engine, links)
    hold = await booking.appointments.hold(passport_at("2026-03-03 10:00"))
    booked = await booking.appointments.confirm(hold.id, CONTACT)
    async with booking.sessions.write() as session:
        code = await short.make(session, booked)
    assert len(code) <= 12
    token = await short.token(code)
    assert (await links.peek(token, Purpose.manage)).id == booked.id
    async with booking.sessions.write() as session:
        await links.redeem(session, token, Purpose.manage)
    with pytest.raises(LinkReplayed):
        await links.peek(token, Purpose.manage)
    with pytest.raises(LinkTampered):
        await short.token("nosuchname22")


async def test_a_calendar_link_always_gives_what_is_true_now(booking: Booking) -> None:
    links = Links(booking.engine, ["s" * 40], booking.clock)
    hold = await booking.appointments.hold(passport_at("2026-03-03 10:00"))
    booked = await booking.appointments.confirm(hold.id, CONTACT)
    token = links.make(booked, Purpose.calendar)
    await booking.appointments.cancel(booked.id)
    for _ in range(2):
        assert (await links.read(token, Purpose.calendar)).sequence == 1
