"""Links: what they open, and every way in which they do not."""

from __future__ import annotations

import asyncio
import base64
import json
import zlib
from dataclasses import dataclass

import pytest

from booking.errors import (
    LinkError,
    LinkExpired,
    LinkForeign,
    LinkReplayed,
    LinkStale,
    LinkStolen,
    LinkTampered,
    NotFound,
)
from booking.links import Links, Purpose
from booking.models import Appointment
from booking.states import State
from tests.booking.world import CONTACT, Booking, at, passport_at

SECRET = "a secret that only the tests know, 1"
OTHER = "a secret that only the tests know, 2"


@dataclass
class World:
    booking: Booking
    links: Links
    appointment: Appointment

    async def cancel(self, token: str) -> Appointment:
        """What a page does after its button was pressed."""
        async with self.booking.sessions.write() as session:
            found = await self.links.redeem(session, token, Purpose.cancel)
            return await self.booking.appointments.cancel(found.id, session=session)


@pytest.fixture
async def world(booking: Booking) -> World:
    held = await booking.appointments.hold(passport_at("2026-03-04 09:00"))
    appointment = await booking.appointments.confirm(held.id, CONTACT)
    return World(booking, Links(booking.engine, [SECRET], booking.clock), appointment)


async def test_to_look_changes_nothing_and_to_act_works_once(world: World) -> None:
    token = world.links.make(world.appointment, Purpose.cancel)
    for _ in range(3):
        assert await world.links.peek(token, Purpose.cancel) == world.appointment
    assert (await world.cancel(token)).state is State.cancelled
    for attempt in (world.links.peek(token, Purpose.cancel), world.cancel(token)):
        with pytest.raises(LinkReplayed):
            await attempt


async def test_a_link_is_not_used_up_by_an_act_that_failed(world: World) -> None:
    token = world.links.make(world.appointment, Purpose.cancel)

    async def fail() -> None:
        async with world.booking.sessions.write() as session:
            await world.links.redeem(session, token, Purpose.cancel)
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        await fail()
    assert (await world.cancel(token)).state is State.cancelled


async def test_two_clicks_at_once_are_one(world: World) -> None:
    token = world.links.make(world.appointment, Purpose.cancel)
    found = await asyncio.gather(*(world.cancel(token) for _ in range(5)), return_exceptions=True)
    assert sorted(type(item).__name__ for item in found) == ["Appointment"] + ["LinkReplayed"] * 4


async def test_a_link_from_before_a_change_is_stale(world: World) -> None:
    token = world.links.make(world.appointment, Purpose.cancel)
    held = await world.booking.appointments.hold(passport_at("2026-03-05 09:00"))
    moved = await world.booking.appointments.reschedule(world.appointment.id, held.id)
    with pytest.raises(LinkStale):
        await world.cancel(token)
    fresh = world.links.make(moved, Purpose.cancel)
    assert (await world.cancel(fresh)).state is State.cancelled


def inside(token: str) -> dict[str, object]:
    """What anybody can read in a token."""
    body, _, _ = token.rpartition(".")
    packed = base64.urlsafe_b64decode(body.lstrip(".") + "=" * (-len(body.lstrip(".")) % 4))
    data: dict[str, object] = json.loads(zlib.decompress(packed) if body[0] == "." else packed)
    return data


def forged(token: str, **changes: object) -> str:
    """The same signature under another claim."""
    packed = json.dumps(inside(token) | changes, separators=(",", ":")).encode()
    _, _, signature = token.rpartition(".")
    return f"{base64.urlsafe_b64encode(packed).rstrip(b'=').decode()}.{signature}"


@pytest.mark.parametrize(
    "change",
    [
        lambda token: forged(token, p="reschedule"),
        lambda token: forged(token, x=99999999999),
        lambda token: forged(token, a="0" * 32),
        lambda token: token[:-3],
        lambda token: token.rpartition(".")[0],
        lambda token: token + "A",
        lambda _: "",
        lambda _: "a.b.c",
        lambda _: "\N{SNOWMAN}" * 10,
        lambda _: "x" * 100_000,
    ],
)
async def test_what_we_did_not_sign_opens_nothing(world: World, change: object) -> None:
    token = change(world.links.make(world.appointment, Purpose.cancel))  # type: ignore[operator]
    for purpose in Purpose:
        with pytest.raises(LinkTampered):
            await world.links.peek(token, purpose)


async def test_a_link_of_another_installation(world: World) -> None:
    stranger = Links(world.booking.engine, [OTHER], world.booking.clock)
    with pytest.raises(LinkTampered):
        await world.links.peek(stranger.make(world.appointment, Purpose.cancel), Purpose.cancel)


@pytest.mark.parametrize("act", [False, True])
@pytest.mark.parametrize(
    ("made", "shown", "error"),
    [
        ({"purpose": Purpose.reschedule}, {}, LinkForeign),
        ({}, {"appointment_id": "0" * 32}, LinkForeign),
        ({"holder": "conversation-1"}, {"holder": "conversation-2"}, LinkStolen),
        ({"holder": "conversation-1"}, {}, LinkStolen),
        ({"expires_at": at("2026-03-02 08:00")}, {}, LinkExpired),
    ],
)
async def test_ours_but_not_for_this(
    world: World, made: dict[str, object], shown: dict[str, str], error: type[LinkError], act: bool
) -> None:
    token = world.links.make(world.appointment, **({"purpose": Purpose.cancel} | made))  # type: ignore[arg-type]

    async def use() -> None:
        if not act:
            await world.links.peek(token, Purpose.cancel, **shown)
            return
        async with world.booking.sessions.write() as session:
            await world.links.redeem(session, token, Purpose.cancel, **shown)

    with pytest.raises(error):
        await use()
    assert await world.booking.appointments.get(world.appointment.id) == world.appointment


async def test_the_right_holder(world: World) -> None:
    token = world.links.make(world.appointment, Purpose.cancel, holder="conversation-1")
    found = await world.links.peek(
        token, Purpose.cancel, holder="conversation-1", appointment_id=world.appointment.id
    )
    assert found == world.appointment
    readable = str(inside(token))
    assert world.appointment.id in readable
    for private in ("conversation-1", CONTACT.name, CONTACT.address):
        assert private not in readable


async def test_a_link_lasts_until_the_appointment_begins(world: World) -> None:
    token = world.links.make(world.appointment, Purpose.cancel)
    world.booking.clock.set("2026-03-04 08:59")
    assert await world.links.peek(token, Purpose.cancel) == world.appointment
    world.booking.clock.set("2026-03-04 09:00")
    with pytest.raises(LinkExpired):
        await world.links.peek(token, Purpose.cancel)


async def test_secrets_can_be_replaced(world: World) -> None:
    token = world.links.make(world.appointment, Purpose.cancel)
    newer = Links(world.booking.engine, [SECRET, OTHER], world.booking.clock)
    assert await newer.peek(token, Purpose.cancel) == world.appointment
    with pytest.raises(LinkTampered):
        await world.links.peek(newer.make(world.appointment, Purpose.cancel), Purpose.cancel)
    for bad in ([], ["short"], [SECRET, ""]):
        with pytest.raises(ValueError, match="32"):
            Links(world.booking.engine, bad)


async def test_an_appointment_that_was_deleted(world: World) -> None:
    token = world.links.make(world.appointment, Purpose.cancel)
    await world.booking.appointments.forget_before(at("2026-03-05 00:00"))
    with pytest.raises(NotFound):
        await world.links.peek(token, Purpose.cancel)
    with pytest.raises(NotFound):
        await world.cancel(token)
