"""Slows guessing down: after some failures the next try has to wait, longer each time.

Failures are counted by account and by address, for accounts that do not exist as well. A try
that comes too early is refused unread and counts nothing, so no block is ever made longer from
outside than ``longest``. Where the member has signed in from before, the account's count by that
address stands in for the account's: whoever guesses from elsewhere cannot keep the member out.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from desk.accounts.models import Clock, normal_email, utc_now
from desk.accounts.tables import KnownAddressRow, SignInTriesRow
from desk.errors import TooManyTries
from storage.sessions import Sessions

_KNOWN_FOR = dt.timedelta(days=90)


@dataclass(frozen=True)
class Policy:
    """How many failures are free, and how the wait grows after them."""

    free: int
    first: dt.timedelta
    longest: dt.timedelta
    forget: dt.timedelta
    """Without a try for this long, the count starts anew."""

    def wait(self, failures: int) -> dt.timedelta | None:
        """How long after that many failures, or None for not at all."""
        over = failures - self.free
        if over < 0:
            return None
        # The exponent is bounded: it would overflow long before the counter does.
        return min(self.first * (1 << min(over, 30)), self.longest)


ACCOUNT = Policy(5, dt.timedelta(seconds=2), dt.timedelta(minutes=15), dt.timedelta(hours=24))
ADDRESS = Policy(30, dt.timedelta(seconds=2), dt.timedelta(minutes=15), dt.timedelta(hours=1))


@dataclass(frozen=True)
class Attempt:
    """One try that was let through, and what it was counted by."""

    account: str
    address: str
    keys: tuple[str, str]
    """The account's, with or without the address, and the address's."""
    locked: bool
    """This try, if it fails, makes the next one wait."""


def account_key(email: str) -> str:
    """What stands for an account, whether it exists or not."""
    return hashlib.sha256(normal_email(email).encode()).hexdigest()


def address_key(address: str) -> str:
    """What stands for a client's address. In IPv6 everybody has a whole /64 to choose from."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return hashlib.sha256(address.encode()).hexdigest()
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


class Lockout:
    """The counters. Every gateway on the database shares them."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock = utc_now,
        *,
        account: Policy = ACCOUNT,
        address: Policy = ADDRESS,
    ) -> None:
        self._sessions = Sessions(engine)
        self._clock = clock
        self._account = account
        self._address = address

    async def begin(self, email: str, address: str) -> Attempt:
        """Count a try as failed before anything is looked at: tries at one moment all count.

        Raises :class:`TooManyTries`.
        """
        who, where = account_key(email), address_key(address)
        now = self._clock()
        async with self._sessions.write() as session:
            known = await session.get(KnownAddressRow, (who, where))
            trusted = known is not None and known.last_at > now - _KNOWN_FOR
            first = f"{_pairs(who)}{_short(where)}" if trusted else f"account:{who}"
            keys = (first, f"address:{where}")
            rows = await self._lock(session, keys, now)
            blocked = [row.blocked_until for row in rows if row.blocked_until is not None]
            wait = max((until - now for until in blocked), default=dt.timedelta(0))
            if wait > dt.timedelta(0):
                raise TooManyTries(wait.total_seconds())
            locked = False
            for row, policy in zip(rows, (self._account, self._address), strict=True):
                if row.last_at < now - policy.forget:
                    row.failures = 0
                row.failures += 1
                row.last_at = now
                delay = policy.wait(row.failures)
                row.blocked_until = now + delay if delay is not None else None
                locked = locked or delay is not None
        return Attempt(who, where, keys, locked)

    async def succeeded(self, attempt: Attempt) -> None:
        """The try was right: the account's count is gone, and this one is taken off the address.

        The address's other failures stay: one good account must not pay for guesses at others.
        """
        now = self._clock()
        async with self._sessions.write() as session:
            first, second = await self._lock(session, attempt.keys, now)
            await session.delete(first)
            second.failures = max(0, second.failures - 1)
            # The block that this try made in advance. Anybody else's ended before it began.
            second.blocked_until = None
            await session.merge(
                KnownAddressRow(account=attempt.account, address=attempt.address, last_at=now)
            )

    async def forgive(self, session: AsyncSession, email: str, address: str | None) -> None:
        """Forget the failures on an account: its member has just proved who they are.

        From ``address`` they can sign in now, however much others guess elsewhere.
        """
        who = account_key(email)
        key = SignInTriesRow.key
        await session.execute(
            delete(SignInTriesRow).where((key == f"account:{who}") | key.startswith(_pairs(who)))
        )
        if address is not None:
            await session.merge(
                KnownAddressRow(account=who, address=address_key(address), last_at=self._clock())
            )

    async def erase_expired(self) -> None:
        """Remove what no longer counts."""
        now = self._clock()
        forgotten = now - max(self._account.forget, self._address.forget)
        async with self._sessions.write() as session:
            await session.execute(delete(SignInTriesRow).where(SignInTriesRow.last_at < forgotten))
            await session.execute(
                delete(KnownAddressRow).where(KnownAddressRow.last_at < now - _KNOWN_FOR)
            )

    async def _lock(
        self, session: AsyncSession, keys: Sequence[str], now: dt.datetime
    ) -> list[SignInTriesRow]:
        """The rows of the keys, made if they are missing, locked in one order by everybody."""
        dialect = session.get_bind().dialect.name
        insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
        rows = {}
        for key in sorted(keys):
            await session.execute(
                insert(SignInTriesRow)
                .values(key=key, failures=0, last_at=now, blocked_until=None)
                .on_conflict_do_nothing()
            )
            rows[key] = await session.scalar(
                select(SignInTriesRow).where(SignInTriesRow.key == key).with_for_update()
            )
        return [row for key in keys if (row := rows[key]) is not None]


def _pairs(account: str) -> str:
    """What the keys of an account with an address begin with; they must fit the column."""
    return f"pair:{account[:40]}:"


def _short(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()[:32]
