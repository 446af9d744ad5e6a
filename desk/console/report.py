"""The figures of a period by day, service and language, for one team or all within reach."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncEngine

from conversations.models import Author
from conversations.store.tables import ConversationRow, MessageRow
from desk.accounts.models import StaffMember
from desk.accounts.store import StaffStore
from desk.console.lines import Titled, titled
from desk.errors import NotFound, Refused
from desk.queue.hours import ZONE
from desk.queue.models import Kind, Outcome
from desk.queue.rows import of_team
from desk.queue.tables import HandoverRow
from desk.queue.views import within
from desk.rights import Action, Rights, Subject
from knowledge.catalogue import Catalogue
from storage.sessions import Sessions

_NOT_OURS = (Outcome.spam, Outcome.merged)
_MOST_DAYS = 366


@dataclass(frozen=True)
class Day:
    """A day in Denmark."""

    day: dt.date
    conversations: int
    handovers: int


@dataclass(frozen=True)
class Handovers:
    service: Titled | None
    language: str
    count: int


@dataclass(frozen=True)
class Times:
    """Seconds. None where there is nothing to measure."""

    count: int
    median: float | None
    nine_of_ten: float | None
    """Nine of ten were no longer."""


def times(seconds: Sequence[float]) -> Times:
    """The nearest value, never one between two."""
    ordered = sorted(seconds)
    if not ordered:
        return Times(0, None, None)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return Times(len(ordered), at(0.5), at(0.9))


@dataclass(frozen=True)
class Report:
    waiting: Times
    handling: Times
    guide_alone: int
    """Conversations without a handover; of the whole city, since they have no team."""
    conversations: int
    handovers: tuple[Handovers, ...]
    """Most frequent first."""
    ratings: Mapping[int, int]
    days: tuple[Day, ...]

    @property
    def share_alone(self) -> float | None:
        """The guide's share, 0 to 1; None without any conversation."""
        return self.guide_alone / self.conversations if self.conversations else None

    @property
    def rating(self) -> float | None:
        """How many of five stars on average; None if nobody gave any."""
        count = sum(self.ratings.values())
        return sum(star * n for star, n in self.ratings.items()) / count if count else None


class Reports:
    """The query, and the counting."""

    def __init__(
        self, engine: AsyncEngine, staff: StaffStore, catalogue: Callable[[], Catalogue]
    ) -> None:
        self._sessions = Sessions(engine)
        self._staff = staff
        self._catalogue = catalogue

    async def between(
        self, member: StaffMember, first: dt.date, last: dt.date, team: str | None
    ) -> Report:
        """Both days included, as they begin and end in Denmark.

        Raises ``NotAllowed``; :class:`Refused` with ``period_invalid`` for one that ends before
        it begins or is longer than a year; :class:`NotFound` for a team that is unknown or out
        of the member's reach.
        """
        rights = Rights(member)
        rights.require(Action.see_statistics)
        if not dt.date(2000, 1, 1) <= first <= last < dt.date(2200, 1, 1):
            raise Refused("period_invalid")
        if (last - first).days >= _MOST_DAYS:
            raise Refused("period_invalid")
        if team is not None:
            reachable = rights.can(Action.see_statistics, Subject(team))
            if not reachable or not await self._staff.teams([team]):
                raise NotFound
        start = dt.datetime.combine(first, dt.time(), ZONE)
        stop = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), ZONE)
        wrote = exists().where(
            MessageRow.conversation_id == ConversationRow.id, MessageRow.author == Author.citizen
        )
        handed = exists().where(HandoverRow.conversation_id == ConversationRow.id)
        query = select(HandoverRow).where(
            HandoverRow.queued_at >= start,
            HandoverRow.queued_at < stop,
            HandoverRow.outcome.is_(None) | HandoverRow.outcome.not_in(_NOT_OURS),
            within(rights.reach(Action.see_statistics)),
        )
        if team is not None:
            query = query.where(of_team(team))
        async with self._sessions.read() as session:
            begun = (
                await session.execute(
                    select(ConversationRow.created_at, handed).where(
                        ConversationRow.created_at >= start,
                        ConversationRow.created_at < stop,
                        wrote,
                    )
                )
            ).all()
            rows = (await session.scalars(query)).all()
        chats = [row for row in rows if row.kind == Kind.chat]
        by_day = Counter(at.astimezone(ZONE).date() for at, _ in begun)
        handed_by_day = Counter(row.queued_at.astimezone(ZONE).date() for row in rows)
        groups = Counter((row.service, row.language) for row in rows)
        catalogue = self._catalogue()
        return Report(
            waiting=times(
                [
                    (row.claimed_at - row.queued_at).total_seconds()
                    for row in chats
                    if row.claimed_at
                ]
            ),
            handling=times(
                [
                    (row.closed_at - row.claimed_at).total_seconds()
                    for row in chats
                    if row.closed_at and row.claimed_at
                ]
            ),
            guide_alone=sum(not handed for _, handed in begun),
            conversations=len(begun),
            handovers=tuple(
                Handovers(titled(catalogue, service, member.ui_language), language, count)
                for (service, language), count in groups.most_common()
            ),
            ratings=Counter(row.rating for row in rows if row.rating is not None),
            days=tuple(
                Day(day, by_day[day], handed_by_day[day])
                for day in (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
            ),
        )


_FORMULA = "=+-@\t\r\n＝＋－＠"
"""What makes a spreadsheet take a cell for a formula, also in the wide forms of East Asia."""


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet runs: text that could be a formula begins with an apostrophe."""
    if value is None:
        return ""
    text = str(value)
    if isinstance(value, int | float):
        return text
    # Spreadsheets look past spaces and quotes in front.
    return f"'{text}" if text.lstrip(" \"'\u00a0").startswith(tuple(_FORMULA)) else text


def as_csv(report: Report) -> str:
    """The report as a table: figure, what it is about, language, value. Times are seconds."""
    rows: list[tuple[object, ...]] = [("figure", "of", "language", "value")]
    for name, found in (("waiting", report.waiting), ("handling", report.handling)):
        rows.append((f"{name}_median", "", "", _whole(found.median)))
        rows.append((f"{name}_p90", "", "", _whole(found.nine_of_ten)))
    rows.append(("conversations", "", "", report.conversations))
    rows.append(("guide_alone", "", "", report.guide_alone))
    rows += [
        ("handovers", row.service.title if row.service else "", row.language, row.count)
        for row in report.handovers
    ]
    rows += [("ratings", star, "", report.ratings.get(star, 0)) for star in range(1, 6)]
    for day in report.days:
        rows.append(("conversations_by_day", day.day.isoformat(), "", day.conversations))
        rows.append(("handovers_by_day", day.day.isoformat(), "", day.handovers))
    out = io.StringIO()
    # Danish spreadsheets divide at semicolons, and need the mark to see that it is UTF-8.
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def _whole(seconds: float | None) -> int | None:
    return round(seconds) if seconds is not None else None
