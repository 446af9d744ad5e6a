"""Whatever fails, every message is answered once and in order.

The number of messages is ``FAULT_MESSAGES`` (the full run: 2000), the seed ``FAULT_SEED``.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.balancer import Balancer
from tests.faults.ledger import Rows, read_rows, settle, table
from tests.faults.town import (
    Chaos,
    Victim,
    Writer,
    messenger_writer,
    sms_writer,
    web_writer,
    write_all,
)
from tests.postgres import NoPostgres, PostgresServer
from tests.redis import NoRedis, RedisServer
from tests.stack import Stack
from tests.standins.meta import MetaStandIn, Receipts
from tests.standins.twilio import Callbacks, TwilioStandIn

MESSAGES = int(os.environ.get("FAULT_MESSAGES", "240"))
SEED = int(os.environ.get("FAULT_SEED", "1"))
_WRITERS = 8
"""On each channel."""
_REST_SECONDS = 240
ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "twilio-token", "+4552510000"
PAGE, SECRET, PAGE_TOKEN, VERIFY = "100", "app-secret", "page-token", "verify-token"


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    try:
        with PostgresServer(durable=True) as server:
            yield server
    except NoPostgres as missing:
        pytest.skip(str(missing))


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    try:
        with RedisServer() as server:
            yield server
    except NoRedis as missing:
        pytest.skip(str(missing))


@pytest.mark.timeout(3000)
def test_every_message_is_answered_once_and_in_order(
    tmp_path: Path, postgres: PostgresServer, redis: RedisServer
) -> None:
    rng = random.Random(SEED)
    with (
        TwilioStandIn(ACCOUNT, TOKEN, NUMBER) as twilio,
        MetaStandIn(SECRET, PAGE_TOKEN, PAGE, VERIFY) as meta,
    ):
        stack = Stack(
            tmp_path,
            gateways=2,
            database_url=postgres.url,
            redis_url=redis.url,
            messages_per_minute="1000000",
            message_burst="1000000",
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=TOKEN,
            twilio_sender=NUMBER,
            twilio_api_url=twilio.url,
            messenger_page_id=PAGE,
            messenger_page_token=PAGE_TOKEN,
            messenger_app_secret=SECRET,
            messenger_verify_token=VERIFY,
            messenger_api_url=meta.url,
        )
        with Balancer(stack.ports) as balancer:
            stack.set(public_url=balancer.url, actions_url=f"{balancer.url}/internal/actions")
            twilio.webhook = f"{balancer.url}/channels/sms/twilio"
            meta.webhook = f"{balancer.url}/channels/messenger"
            twilio.plan = lambda _: Callbacks(copies=rng.choice((1, 1, 2)))
            meta.plan = lambda _: Receipts(copies=rng.choice((1, 1, 2)))
            try:
                stack.migrate()
                stack.start_rasa()
                for name in stack.gateways:
                    stack.start_gateway(name)
                stack.wait()
                _run(World(stack, postgres, redis, twilio, meta, balancer.url), rng)
            finally:
                stack.close()


@dataclass
class World:
    """Everything that takes part."""

    stack: Stack
    postgres: PostgresServer
    redis: RedisServer
    twilio: TwilioStandIn
    meta: MetaStandIn
    url: str

    def victims(self) -> dict[str, Victim]:
        """What can be killed, and how it is started again."""
        stack = self.stack
        found: dict[str, Victim] = {
            name: (partial(stack.kill, name), partial(stack.start_gateway, name))
            for name in stack.gateways
        }
        found["rasa"] = (partial(stack.kill, "rasa"), stack.start_rasa)
        found["redis"] = (self.redis.kill, self.redis.start)
        found["postgres"] = (self.postgres.kill, self.postgres.start)
        return found


def _run(world: World, rng: random.Random) -> None:
    twilio, meta = world.twilio, world.meta
    writers = [sms_writer(twilio, f"+455252{n:04}", rng) for n in range(_WRITERS)]
    writers += [messenger_writer(meta, f"9000{n}", rng) for n in range(_WRITERS)]
    writers += [web_writer(world.url) for _ in range(_WRITERS)]
    each = max(1, MESSAGES // len(writers))
    for standin in (twilio, meta):
        standin.chaos(rng, share=0.05)
    started = time.monotonic()
    with Chaos(world.victims(), rng, pause=(2.0, 6.0)) as chaos:
        write_all(writers, each, rng)
    assert chaos.error is None, chaos.error
    for standin in (twilio, meta):
        standin.faults.clear()
    rows = _at_rest(world.postgres.url)
    seconds = time.monotonic() - started
    sent: Counter[str] = Counter()
    for writer in writers:
        sent[writer.channel] += len(writer.texts)
    accounts = settle(rows, dict(sent), twilio, meta)
    print("\n" + table(accounts, seconds, Counter(chaos.kills)))
    _check_texts(rows, writers)
    for name, account in accounts.items():
        assert account.stored == account.sent, name
        assert account.answered == account.sent, name
        assert account.doubled == account.lost == account.out_of_order == 0, name
        assert account.undelivered == account.provider_doubles == 0, name


def _at_rest(url: str) -> Rows:
    """The rows, once everything is answered and sent."""
    until = time.monotonic() + _REST_SECONDS
    while True:
        rows = asyncio.run(read_rows(url))
        if rows.at_rest or time.monotonic() > until:
            return rows
        time.sleep(1)


def _check_texts(rows: Rows, writers: list[Writer]) -> None:
    """Each conversation holds what one writer wrote, in the order in which it was written."""
    stored: dict[str, list[str]] = {}
    for row in rows.messages:
        if row.author == "citizen":
            stored.setdefault(row.conversation_id, []).append(row.text)
    assert sorted(stored.values()) == sorted(writer.texts for writer in writers)
