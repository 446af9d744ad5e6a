"""What the accounts ask of the rest of the desk."""

from __future__ import annotations

from typing import Protocol

from desk.accounts.models import StaffMember


class Attendance(Protocol):
    """Whether a member is there for citizens, which is more than being signed in."""

    async def state(self, member_id: str) -> str:
        """``online``, ``away`` or ``offline``, as colleagues see it."""

    async def leave(self, member: StaffMember) -> None:
        """The member goes: nothing is given to them any more."""
