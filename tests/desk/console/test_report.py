"""The figures of a period, by the desk's own clock."""

from __future__ import annotations

import datetime as dt

import pytest

from conversations.models import Reply
from desk.accounts.models import Role, StaffMember
from desk.console.report import Reports, times
from tests.desk.queue.conftest import engine, postgres, renderer, team, url, world
from tests.desk.queue.world import MORNING, World, keys

__all__ = ["engine", "postgres", "renderer", "team", "url", "world"]


@pytest.fixture
async def mette(world: World, team: object) -> StaffMember:
    return await world.member("Mette", teams=("borgerservice",))


async def handed_over(world: World, service: str = "") -> str:
    conversation = await world.begin()
    if service:
        world.says(Reply("service", service=service))
        await world.write(conversation.id, service)
    world.says(Reply("human"))
    await world.write(conversation.id, "et menneske tak")
    return conversation.id


async def test_the_figures(world: World, mette: StaffMember) -> None:
    alone = await world.begin()
    await world.write(alone.id, "hej")
    await world.begin()  # nobody wrote: not a conversation yet
    for stars, minutes in ((5, 4), (2, 10), (None, 6)):
        conversation_id = await handed_over(world, service="pas-voksen")
        world.clock.forward(minutes=1)
        await world.desk.claim(mette, conversation_id)
        world.clock.forward(minutes=minutes)
        await world.desk.resolve(mette, conversation_id)
        await world.desk.presence.beat(mette.id)
        if stars:
            assert keys(await world.write(conversation_id, choice=f"rate:{stars}"))
    await world.desk.mark_spam(mette, await handed_over(world))
    reports = Reports(world.engine, world.staff, world.live.catalogue)
    # Conversations begin by the machine's clock, handovers by the desk's.
    today = dt.datetime.now(tz=dt.UTC).date()
    day = dt.timedelta(days=1)
    begun = await reports.between(mette, today - day, today + day, None)
    assert (begun.conversations, begun.guide_alone, begun.share_alone) == (5, 1, 0.2)
    then = (MORNING.date(), MORNING.date(), None)
    report = await reports.between(mette, *then)
    ((service, language, count),) = [
        (row.service and row.service.id, row.language, row.count) for row in report.handovers
    ]
    assert (service, language, count) == ("pas-voksen", "da", 3)
    assert (report.waiting.count, report.waiting.median) == (3, 60.0)
    assert (report.handling.median, report.handling.nine_of_ten) == (360.0, 600.0)
    assert (report.ratings, report.rating) == ({5: 1, 2: 1}, 3.5)
    editor = await world.member("Eva", role=Role.editor)
    assert (await reports.between(editor, *then)).waiting.count == 3
    nobody = await world.member("Per", role=Role.specialist)
    assert (await reports.between(nobody, *then)).waiting.count == 0


def test_times_of_nothing() -> None:
    assert (times([]).median, times([3.0]).nine_of_ten) == (None, 3.0)
