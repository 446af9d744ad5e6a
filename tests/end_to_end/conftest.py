"""Citizens of the shared stack, stacks of their own for tests that break things or use phones."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, Select, func, or_, select

from conversations.delivery.port import OPEN
from conversations.store.tables import (
    AddressRow,
    ConversationRow,
    DeliveryRow,
    InboundRow,
    MessageRow,
    OptOutRow,
)
from storage.base import Base
from storage.engine import open_engine
from storage.sessions import Sessions
from tests.balancer import Balancer
from tests.postgres import NoPostgres, PostgresServer
from tests.redis import NoRedis, RedisServer
from tests.stack import Citizen, Stack, running
from tests.standins.meta import MetaStandIn, Receipts, SentMessage
from tests.standins.meta_events import Event
from tests.standins.server import StandIn
from tests.standins.twilio import Callbacks, SentSms, TwilioStandIn

Meet = Callable[[str], Citizen]

PUBLIC = "https://guide.example"
"""What providers know and sign; what is behind it listens elsewhere, as behind a proxy."""
SMS_PATH, MESSENGER_PATH = "/channels/sms/twilio", "/channels/messenger"
ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "twilio-token", "+4552510000"
PAGE, SECRET, PAGE_TOKEN, VERIFY = "100", "app-secret", "page-token", "verify-token"
STORED: tuple[type[Base], ...] = (
    ConversationRow,
    AddressRow,
    MessageRow,
    InboundRow,
    DeliveryRow,
    OptOutRow,
)
"""What a webhook may fill."""
_PATIENCE = 40.0
"""Seconds for an answer to arrive: the machine may have other things to do."""
_numbers = itertools.count(1)


def until(holds: Callable[[], Any], seconds: float = _PATIENCE) -> None:
    """Look again until it holds. Raises ``TimeoutError``."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.05)


class Books:
    """What stands in the database, from outside the guide."""

    def __init__(self, url: str) -> None:
        self.url = url

    def _run(self, statement: Select[Any]) -> Sequence[Any]:
        async def run() -> Sequence[Any]:
            engine = open_engine(self.url)
            try:
                async with Sessions(engine).read() as session:
                    return (await session.scalars(statement)).all()
            finally:
                await engine.dispose()

        return asyncio.run(run())

    def change(self, statement: Executable) -> None:
        """What only time would do, say."""

        async def run() -> None:
            engine = open_engine(self.url)
            try:
                async with Sessions(engine).write() as session:
                    await session.execute(statement)
            finally:
                await engine.dispose()

        asyncio.run(run())

    def counts(self) -> dict[str, int]:
        """How many rows each table has that a webhook may fill."""
        return {
            table.__tablename__: self._run(select(func.count()).select_from(table))[0]
            for table in STORED
        }

    def messages(self, address: str) -> list[MessageRow]:
        """All of the conversation that the address leads to, in order."""
        return list(
            self._run(
                select(MessageRow)
                .join(AddressRow, AddressRow.conversation_id == MessageRow.conversation_id)
                .where(AddressRow.address == address)
                .order_by(MessageRow.seq)
            )
        )

    def said(self, address: str) -> list[str]:
        """What the guide said there, as the keys of its replies."""
        return [row.reply or "" for row in self.messages(address) if row.author == "guide"]

    def heard(self, address: str) -> list[str]:
        """What citizens said there."""
        return [row.text for row in self.messages(address) if row.author == "citizen"]

    def deliveries(self, address: str) -> list[DeliveryRow]:
        """Everything that was put into the outbox for the address, in order."""
        found = select(DeliveryRow).where(DeliveryRow.address == address)
        return list(self._run(found.order_by(DeliveryRow.id)))

    def states(self, address: str) -> list[str]:
        return [row.state for row in self.deliveries(address)]

    def stopped(self, address: str) -> bool:
        """Whether nothing may be sent there any more."""
        return bool(self._run(select(OptOutRow.channel).where(OptOutRow.address == address)))

    def at_rest(self, address: str) -> bool:
        """Nothing waits for an answer, and nothing waits to be sent."""
        waiting = self._run(
            select(func.count())
            .select_from(MessageRow)
            .where(MessageRow.address == address, MessageRow.awaits_answer)
        )
        leaving = self._run(
            select(func.count())
            .select_from(DeliveryRow)
            .where(DeliveryRow.address == address, or_(*(DeliveryRow.state == s for s in OPEN)))
        )
        return not waiting[0] and not leaving[0]


class Phone:
    """Somebody with a number of their own who writes text messages."""

    def __init__(self, twilio: TwilioStandIn, books: Books) -> None:
        self.twilio, self.books = twilio, books
        self.number = f"+4520{next(_numbers):06}"
        self.read = 0

    @property
    def inbox(self) -> list[SentSms]:
        return [sms for sms in self.twilio.sent if sms.to == self.number]

    @property
    def bodies(self) -> list[str]:
        return [sms.body for sms in self.inbox]

    def write(self, text: str, **how: Any) -> None:
        """Returns when the guide has acknowledged the message."""
        self.twilio.deliver(self.number, text, **how)

    def answers(self, seconds: float = _PATIENCE) -> list[str]:
        """What has arrived since the last call, once everything is answered and sent."""
        until(lambda: self.books.at_rest(self.number), seconds)
        new = self.bodies[self.read :]
        self.read += len(new)
        return new

    def say(self, text: str, **how: Any) -> list[str]:
        """Write, and wait for the answer."""
        self.write(text, **how)
        return self.answers()


class Thread:
    """Somebody who writes to the page on Messenger."""

    def __init__(self, meta: MetaStandIn, books: Books) -> None:
        self.meta, self.books = meta, books
        self.psid = f"7000{next(_numbers):06}"
        self.read = 0

    @property
    def inbox(self) -> list[SentMessage]:
        return [message for message in self.meta.sent if message.psid == self.psid]

    def answers(self, seconds: float = _PATIENCE) -> list[SentMessage]:
        """What has arrived since the last call, once everything is answered and sent."""
        until(lambda: self.books.at_rest(self.psid), seconds)
        new = self.inbox[self.read :]
        self.read += len(new)
        return new

    def send(self, *events: Event, **how: Any) -> list[SentMessage]:
        """Events in one batch, and the answers to them."""
        self.meta.deliver(events, **how)
        return self.answers()

    def say(self, text: str) -> list[SentMessage]:
        """Write, and wait for the answer."""
        return self.send(self.meta.events.text(self.psid, text))

    def tap(self, message: SentMessage, place: int) -> list[SentMessage]:
        """Tap a quick reply, and wait for the answer."""
        button = message.message["quick_replies"][place]
        return self.send(
            self.meta.events.text(self.psid, button["title"], quick_reply=button["payload"])
        )


@dataclass
class Reached:
    """A stack that providers reach, with the providers."""

    stack: Stack
    twilio: TwilioStandIn
    meta: MetaStandIn
    books: Books

    def phone(self) -> Phone:
        return Phone(self.twilio, self.books)

    def thread(self) -> Thread:
        return Thread(self.meta, self.books)

    def through(self, url: str) -> None:
        """Let the providers' requests arrive at ``url`` from now on."""
        for standin in (self.twilio, self.meta):
            standin.behind_proxy(PUBLIC, url)

    def calm(self) -> None:
        """The providers as they are on a good day."""
        standins: tuple[StandIn[Any], ...] = (self.twilio, self.meta)
        for standin in standins:
            standin.faults.clear()
            standin.query_faults.clear()
            standin.callback_deadline = standin.list_lag = 0.0
        self.twilio.plan = lambda _: Callbacks()
        self.meta.plan = lambda _: Receipts()
        self.meta.action_faults.clear()


def channel_settings(twilio: TwilioStandIn, meta: MetaStandIn) -> dict[str, str]:
    """The gateway's settings for both channels."""
    return {
        "public_url": PUBLIC,
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_sender": NUMBER,
        "twilio_api_url": twilio.url,
        "messenger_page_id": PAGE,
        "messenger_page_token": PAGE_TOKEN,
        "messenger_app_secret": SECRET,
        "messenger_verify_token": VERIFY,
        "messenger_api_url": meta.url,
    }


@contextmanager
def providers() -> Iterator[tuple[TwilioStandIn, MetaStandIn]]:
    """Both providers, with webhooks at the public address."""
    with (
        TwilioStandIn(ACCOUNT, TOKEN, NUMBER, webhook=PUBLIC + SMS_PATH) as twilio,
        MetaStandIn(SECRET, PAGE_TOKEN, PAGE, VERIFY, PUBLIC + MESSENGER_PATH) as meta,
    ):
        yield twilio, meta


@pytest.fixture
def meet(stack: Stack) -> Meet:
    """A new citizen who writes in a language."""
    return lambda language: Citizen(stack.url, language)


@pytest.fixture(scope="session")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Default limits, a short patience with Rasa, and nobody minds if a process is killed."""
    with running(tmp_path_factory.mktemp("fragile"), rasa_timeout="3") as stack:
        yield stack


@pytest.fixture(scope="session")
def shared_reached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reached]:
    folder = tmp_path_factory.mktemp("reached")
    with (
        providers() as (twilio, meta),
        running(folder, gateways=1, **channel_settings(twilio, meta)) as stack,
    ):
        books = Books(f"sqlite+aiosqlite:///{folder / 'guide.db'}")
        reached = Reached(stack, twilio, meta, books)
        reached.through(stack.url)
        yield reached


@pytest.fixture
def reached(shared_reached: Reached) -> Iterator[Reached]:
    """SMS and Messenger set up on one gateway with default limits, shared by all tests; the
    providers are calm again after each."""
    yield shared_reached
    shared_reached.calm()


@dataclass
class Pair(Reached):
    """Two gateways behind a balancer, on one PostgreSQL and one Redis."""

    redis: RedisServer
    balancer: Balancer

    def restart(self, name: str) -> None:
        """Start a gateway that was killed, and wait for it."""
        self.stack.start_gateway(name)
        self.stack.wait()


@pytest.fixture(scope="module")
def shared_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder: Path = tmp_path_factory.mktemp("pair")
    try:
        with (
            PostgresServer() as postgres,
            RedisServer() as redis,
            providers() as (twilio, meta),
        ):
            settings = channel_settings(twilio, meta)
            stack = Stack(
                folder, gateways=2, database_url=postgres.url, redis_url=redis.url, **settings
            )
            with Balancer(stack.ports) as balancer:
                stack.set(actions_url=f"{balancer.url}/internal/actions")
                try:
                    stack.migrate()
                    stack.start_rasa()
                    for name in stack.gateways:
                        stack.start_gateway(name)
                    stack.wait()
                    yield Pair(stack, twilio, meta, Books(postgres.url), redis, balancer)
                finally:
                    stack.close()
    except (NoPostgres, NoRedis) as missing:
        pytest.skip(str(missing))


@pytest.fixture
def pair(shared_pair: Pair) -> Iterator[Pair]:
    """Two gateways with default limits; all is well again after each test."""
    shared_pair.through(shared_pair.balancer.url)
    yield shared_pair
    shared_pair.calm()
