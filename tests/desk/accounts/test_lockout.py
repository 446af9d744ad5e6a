from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from desk.accounts.lockout import ACCOUNT, ADDRESS, Lockout, address_key
from desk.errors import TooManyTries
from storage.sessions import Sessions
from tests.desk.accounts.conftest import TurnedClock

HOME, AWAY = "192.0.2.1", "198.51.100.7"
EMAIL = "ida@example.dk"


@pytest.fixture
def lockout(engine: AsyncEngine, clock: TurnedClock) -> Lockout:
    return Lockout(engine, clock)


async def fail_until_blocked(lockout: Lockout, email: str, address: str) -> int:
    """How many tries were let through, and counted as failures."""
    for tries in range(200):
        try:
            await lockout.begin(email, address)
        except TooManyTries:
            return tries
    raise AssertionError("never blocked")


async def wait_after(lockout: Lockout, clock: TurnedClock) -> float:
    try:
        await lockout.begin(EMAIL, AWAY)
    except TooManyTries as error:
        clock.forward(seconds=error.retry_after)
        return error.retry_after
    return 0


async def test_the_wait_grows_and_has_an_end(lockout: Lockout, clock: TurnedClock) -> None:
    assert await fail_until_blocked(lockout, EMAIL, AWAY) == ACCOUNT.free
    waits = []
    for _ in range(20):
        waits.append(await wait_after(lockout, clock))
        await lockout.begin(EMAIL, AWAY)
    assert waits == sorted(waits)
    assert waits[:3] == [2, 4, 8]
    assert max(waits) == ACCOUNT.longest.total_seconds()


async def test_a_try_that_is_refused_makes_nothing_longer(
    lockout: Lockout, clock: TurnedClock
) -> None:
    await fail_until_blocked(lockout, EMAIL, AWAY)
    for _ in range(50):
        with pytest.raises(TooManyTries):
            await lockout.begin(EMAIL, AWAY)
    clock.forward(seconds=2)
    await lockout.begin(EMAIL, AWAY)


async def test_whoever_guesses_elsewhere_does_not_keep_the_member_out(
    lockout: Lockout, clock: TurnedClock
) -> None:
    await lockout.succeeded(await lockout.begin(EMAIL, HOME))
    await fail_until_blocked(lockout, EMAIL, AWAY)
    await lockout.succeeded(await lockout.begin(EMAIL, HOME))
    with pytest.raises(TooManyTries):
        await lockout.begin(EMAIL, AWAY)
    clock.forward(days=91)
    await fail_until_blocked(lockout, EMAIL, AWAY)
    with pytest.raises(TooManyTries):
        await lockout.begin(EMAIL, HOME)


async def test_a_known_address_is_counted_too(lockout: Lockout) -> None:
    await lockout.succeeded(await lockout.begin(EMAIL, HOME))
    assert await fail_until_blocked(lockout, EMAIL, HOME) == ACCOUNT.free


async def test_success_forgets_the_account_but_not_the_address(lockout: Lockout) -> None:
    for number in range(ADDRESS.free - 1):
        await lockout.begin(f"guess{number}@example.dk", AWAY)
    await lockout.succeeded(await lockout.begin("mallory@example.dk", AWAY))
    await lockout.begin(EMAIL, AWAY)
    with pytest.raises(TooManyTries):
        await lockout.begin(EMAIL, AWAY)


async def test_success_in_time_forgets_the_account(lockout: Lockout) -> None:
    for _ in range(3):
        for _ in range(ACCOUNT.free - 1):
            await lockout.begin(EMAIL, AWAY)
        await lockout.succeeded(await lockout.begin(EMAIL, AWAY))


async def test_tries_at_the_same_moment_all_count(lockout: Lockout) -> None:
    results = await asyncio.gather(
        *(lockout.begin(EMAIL, AWAY) for _ in range(20)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, TooManyTries)]
    assert len(refused) == 20 - ACCOUNT.free
    assert len(results) - len(refused) == ACCOUNT.free


async def test_a_count_ends_by_itself(lockout: Lockout, clock: TurnedClock) -> None:
    await fail_until_blocked(lockout, EMAIL, AWAY)
    clock.forward(hours=25)
    assert await fail_until_blocked(lockout, EMAIL, AWAY) == ACCOUNT.free
    clock.forward(hours=25)
    await lockout.erase_expired()
    await lockout.begin(EMAIL, AWAY)


def test_the_wait_is_bounded_however_long_it_goes_on() -> None:
    assert ACCOUNT.wait(10**9) == ACCOUNT.longest
    assert ACCOUNT.wait(ACCOUNT.free - 1) is None
    assert ACCOUNT.longest <= dt.timedelta(minutes=15)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::1", True),
        ("unknown", "testclient", False),
    ],
)
def test_addresses_of_one_client(one: str, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same


async def test_whoever_has_used_a_link_gets_in_from_there_while_others_guess(
    lockout: Lockout, engine: AsyncEngine, clock: TurnedClock
) -> None:
    await fail_until_blocked(lockout, EMAIL, AWAY)
    async with Sessions(engine).write() as session:
        await lockout.forgive(session, EMAIL, HOME)
    await fail_until_blocked(lockout, EMAIL, AWAY)
    await lockout.begin(EMAIL, HOME)
