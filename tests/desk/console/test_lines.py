"""The console's own queries on every database."""

from __future__ import annotations

import datetime as dt

import desk.console.tables  # noqa: F401 - they register themselves
from desk.accounts.models import Role, StaffMember
from desk.console.canned import CannedReplies, NewReply
from desk.console.feeds import Feeds
from desk.console.lines import Counts, Lines
from desk.console.remarks import RemarkKind, Remarks
from desk.console.report import Reports
from tests.desk.queue.conftest import (
    engine,
    mette,
    omar,
    postgres,
    renderer,
    team,
    url,
    world,
)
from tests.desk.queue.world import World

__all__ = ["engine", "mette", "omar", "postgres", "renderer", "team", "url", "world"]


async def test_the_queries(world: World, mette: StaffMember, omar: StaffMember) -> None:
    lines = Lines(world.engine, world.staff, world.live.catalogue, world.clock)
    conversation = await world.begin()
    assert await lines.entry(conversation.id) is None
    await world.write(conversation.id, choice="human")
    entry = await lines.entry(conversation.id)
    assert entry is not None
    (before,) = await lines.of([entry], "da")
    assert await lines.counts(mette) == Counts(1, 0, 0, 0)
    await world.desk.claim(mette, conversation.id)
    assert await lines.counts(mette) == Counts(0, 1, 0, 0)
    assert await lines.counts(omar) == Counts(0, 0, 1, 0)
    await world.desk.offer(mette, conversation.id, omar.id, "")
    assert await lines.counts(omar) == Counts(0, 1, 1, 0)
    until = world.clock() + dt.timedelta(hours=1)
    entry = await world.desk.snooze(mette, conversation.id, until)
    assert await lines.counts(mette) == Counts(0, 0, 0, 1)
    line = await lines.line(entry, "da")
    assert line is not None
    assert line.version > before.version
    assert line.snoozed_until == until
    assert await lines.addresses(conversation.id) == {}


async def test_what_feeds_look_at(world: World, mette: StaffMember) -> None:
    feeds = Feeds(world.engine, world.events, None, world.staff, world.clock)  # type: ignore[arg-type]
    conversation = await world.begin()
    await world.write(conversation.id, choice="human")
    await world.desk.claim(mette, conversation.id)
    seen = await feeds._snapshot()
    assert seen.conversations[conversation.id].assignee == mette.id
    assert seen.presence[mette.id] == "online"


async def test_what_the_console_keeps(world: World, mette: StaffMember) -> None:
    boss = await world.member("Bo", role=Role.administrator, online=False)
    canned = CannedReplies(world.engine, world.staff, world.clock)
    made = await canned.add(boss, NewReply(None, "da", "hej", "Hej", "Hej"))
    assert await canned.list(mette) == [made]
    remarks = Remarks(world.engine, world.live.catalogue, world.clock)
    remark = await remarks.add(mette, "pas-voksen", RemarkKind.wrong, "Nej")
    await remarks.done(boss, remark.id)
    assert [one.done for one in await remarks.list(boss)] == [True]
    reports = Reports(world.engine, world.staff, world.live.catalogue)
    today = world.clock().date()
    report = await reports.between(boss, today, today, "borgerservice")
    assert len(report.days) == 1
