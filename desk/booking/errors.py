"""What the calendar refuses, as the desk says it.

DeskError
├── NotFound                  no such appointment, place, caseworker or day
├── BookingConflict (409)     not as things stand: taken, over, the wrong state
└── Refused (422)             what was asked for can never be
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from booking import errors as core
from desk.errors import DeskError, NotFound, Refused


class BookingConflict(DeskError):
    """Somebody was faster, or the appointment is no longer what the page shows."""

    status = 409

    def __init__(self, code: str, **values: core.Value) -> None:
        self.code = code
        super().__init__(**values)


def translated(error: core.BookingError) -> DeskError:
    """The desk's error for one of the calendar's."""
    if isinstance(error, core.NotFound):
        return NotFound()
    if isinstance(error, core.Closed):
        values = {**error.values}
        return Refused(f"visit_closed_{values.pop('reason')}", **values)
    if isinstance(error, core.NotOffered):
        return Refused(f"visit_not_offered_{error.values['what']}")
    if isinstance(error, core.TooMany):
        return Refused(f"visit_too_many_{error.values['unit']}", limit=error.values["limit"])
    code = error.reply.replace("booking.", "visit_")
    if isinstance(error, core.Unbookable):
        return Refused(code, **error.values)
    return BookingConflict(code, **error.values)


@contextmanager
def speaking() -> Iterator[None]:
    """Within it, what the calendar refuses is raised as a :class:`DeskError`."""
    try:
        yield
    except core.BookingError as error:
        raise translated(error) from error
