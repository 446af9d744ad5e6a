"""Who works at the desk, as far as the queue has to know."""

from __future__ import annotations

from typing import Protocol

from desk.accounts.models import StaffMember, Team


class Roster(Protocol):
    """``desk.accounts.store.StaffStore`` is one."""

    async def members(self) -> list[StaffMember]: ...

    async def teams(self) -> list[Team]: ...
