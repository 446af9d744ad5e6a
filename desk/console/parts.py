"""What the console's routes are built from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from conversations.rendering.replies import ReplyTexts
from conversations.store.outbox import Outbox
from desk.accounts.build import Accounts
from desk.accounts.sessions import StaffSession
from desk.booking.view import Visit
from desk.console.canned import CannedReplies
from desk.console.door import Door
from desk.console.feeds import Feeds
from desk.console.lines import Lines
from desk.console.remarks import Remarks
from desk.console.report import Reports
from desk.console.shelf import Shelf
from desk.queue.desk import Desk
from desk.queue.teams import TeamBoard
from desk.queue.views import Console

Appointments = Callable[[StaffSession, str], Awaitable[list[Visit]]]
"""What was booked in a conversation that the member has open."""


@dataclass(frozen=True)
class ConsoleParts:
    accounts: Accounts
    desk: Desk
    console: Console
    lines: Lines
    door: Door
    shelf: Shelf
    canned: CannedReplies
    remarks: Remarks
    reports: Reports
    teams: TeamBoard
    feeds: Feeds
    outbox: Outbox
    sent: Callable[[], None]
    """Told when the outbox may have something new."""
    texts: ReplyTexts
    appointments: Appointments | None
    """None: nothing can be booked here."""
    page_root: Path
    """Where the desk's built page is, if it has been built."""
