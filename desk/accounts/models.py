"""Who works at the desk. No I/O here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

Clock = Callable[[], dt.datetime]
"""This moment, aware and in UTC."""


def utc_now() -> dt.datetime:
    """The clock of every process but a test."""
    return dt.datetime.now(tz=dt.UTC)


class Role(StrEnum):
    """What somebody is here for. One each; what it allows stands in ``desk.rights``."""

    guide = "guide"
    """Takes whatever comes in: the queue of the own teams and the common one."""
    specialist = "specialist"
    """Answers for the subjects of the own teams."""
    ambassador = "ambassador"
    """The digital ambassador: helps citizens to get on with what is digital."""
    editor = "editor"
    """Keeps the guide's knowledge and texts; reads no conversations."""
    administrator = "administrator"
    """Members, teams, and everything that runs the desk."""


@dataclass(frozen=True)
class Team:
    """A group of members, with what it answers for."""

    id: str
    """Lower-case ASCII words joined by ``-``, as settings and links name it."""
    name: str
    administrations: tuple[str, ...] = ()
    """Organisations of the knowledge base, by id."""
    services: tuple[str, ...] = ()
    """Single services, beside those of the administrations."""


@dataclass(frozen=True)
class StaffMember:
    """A member of staff. Members are never deleted, only deactivated: the trail names them."""

    id: str
    name: str
    email: str
    """In lower case; unique."""
    role: Role
    teams: tuple[str, ...]
    """Ids, sorted."""
    languages: tuple[str, ...]
    """Codes of the languages that the member answers in."""
    skills: tuple[str, ...]
    capacity: int
    """How many conversations at once."""
    ui_language: str
    """Of the desk's own texts."""
    active: bool
    created_at: dt.datetime


@dataclass(frozen=True)
class NewMember:
    """What is needed to make a :class:`StaffMember`."""

    name: str
    email: str
    role: Role
    teams: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("da",)
    skills: tuple[str, ...] = ()
    capacity: int = 3
    ui_language: str = "da"


def normal_email(email: str) -> str:
    """One spelling per address: without spaces around it, in lower case."""
    return email.strip().casefold()
