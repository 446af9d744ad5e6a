"""What the database and the providers say about every message afterwards."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import select

from conversations.delivery.port import OPEN, DeliveryState
from conversations.store.tables import DeliveryRow, MessageRow
from storage.engine import open_engine
from storage.sessions import Sessions
from tests.standins.meta import MetaStandIn
from tests.standins.twilio import TwilioStandIn


@dataclass
class Account:
    """One channel's messages, from the citizens' point of view."""

    sent: int = 0
    """By citizens, and acknowledged."""
    stored: int = 0
    answered: int = 0
    doubled: int = 0
    """Stored or answered more than once."""
    lost: int = 0
    """Not stored, or without an answer."""
    out_of_order: int = 0
    delivered: int = 0
    """Replies that the provider has taken."""
    undelivered: int = 0
    provider_doubles: int = 0
    """Replies that the provider was given twice, though it could have told."""
    unknowable: int = 0
    """Replies that it was given twice, when it no longer showed that it had them."""


@dataclass
class Rows:
    """All messages and deliveries, in order."""

    messages: list[MessageRow] = field(default_factory=list)
    deliveries: list[DeliveryRow] = field(default_factory=list)

    @property
    def at_rest(self) -> bool:
        """Nothing waits for an answer, and nothing waits to be sent."""
        open_turns = any(row.awaits_answer for row in self.messages)
        return not open_turns and not any(row.state in OPEN for row in self.deliveries)


async def read_rows(url: str) -> Rows:
    """What stands in the database now."""
    engine = open_engine(url)
    try:
        async with Sessions(engine).read() as session:
            messages = await session.scalars(
                select(MessageRow).order_by(MessageRow.conversation_id, MessageRow.seq)
            )
            deliveries = await session.scalars(select(DeliveryRow).order_by(DeliveryRow.id))
            return Rows(list(messages), list(deliveries))
    finally:
        await engine.dispose()


def settle(
    rows: Rows, sent: dict[str, int], twilio: TwilioStandIn, meta: MetaStandIn
) -> dict[str, Account]:
    """An account per channel; ``sent`` is how many messages citizens handed over on each."""
    accounts: dict[str, Account] = defaultdict(Account)
    for channel, count in sent.items():
        accounts[channel].sent = count
    answers: Counter[str] = Counter()
    turns: dict[str, list[str]] = defaultdict(list)
    for row in rows.messages:
        if row.author == "guide" and row.answers is not None:
            order = turns[row.conversation_id]
            # One turn's replies stand together; the same message again later is a second turn.
            if not order or order[-1] != row.answers:
                order.append(row.answers)
                answers[row.answers] += 1
    asked: dict[str, list[str]] = defaultdict(list)
    for row in rows.messages:
        if row.author == "citizen":
            account = accounts[row.channel]
            account.stored += 1
            account.answered += answers[row.id] >= 1
            account.doubled += answers[row.id] > 1
            asked[row.conversation_id].append(row.id)
    channel_of = {row.conversation_id: row.channel for row in rows.messages}
    for conversation_id, order in asked.items():
        accounts[channel_of[conversation_id]].out_of_order += turns[conversation_id] != order
    for account in accounts.values():
        account.doubled += max(0, account.stored - account.sent)
        account.lost = max(0, account.sent - account.answered)
    _settle_deliveries(rows, accounts, twilio, meta)
    return dict(accounts)


def _settle_deliveries(
    rows: Rows, accounts: dict[str, Account], twilio: TwilioStandIn, meta: MetaStandIn
) -> None:
    taken: dict[str, list[tuple[str, str]]] = {
        "sms": [(item.to, _delivery_id(item.status_callback)) for item in twilio.sent],
        "messenger": [(item.psid, str(item.message.get("metadata"))) for item in meta.sent],
    }
    counted = {name: Counter(public_id for _, public_id in items) for name, items in taken.items()}
    for row in rows.deliveries:
        account = accounts[row.channel]
        copies = counted[row.channel][row.public_id]
        account.delivered += copies >= 1
        account.undelivered += copies == 0 or row.state not in _ARRIVED
        account.provider_doubles += max(0, copies - 1)
    for psid, mids in _copies(meta).values():
        hidden = sum(meta.threads.between(psid, *pair) >= _SHOWN for pair in pairwise(mids))
        accounts["messenger"].unknowable += hidden
        accounts["messenger"].provider_doubles -= hidden
    for name, items in taken.items():
        accounts[name].out_of_order += _disordered(rows, name, items)


_SHOWN = 20
"""Messages of a conversation whose details Meta gives: the latest."""


def _copies(meta: MetaStandIn) -> dict[str, tuple[str, list[str]]]:
    """By delivery: to whom it went, and Meta's ids of it, in order."""
    found: dict[str, tuple[str, list[str]]] = {}
    for item in meta.sent:
        found.setdefault(str(item.message.get("metadata")), (item.psid, []))[1].append(item.mid)
    return found


_ARRIVED = (DeliveryState.sent, DeliveryState.delivered, DeliveryState.read)


def _disordered(rows: Rows, channel: str, items: Iterable[tuple[str, str]]) -> int:
    """How many addresses got their messages in another order than they were put in the outbox."""
    rank = {row.public_id: row.id for row in rows.deliveries if row.channel == channel}
    seen: dict[str, list[int]] = defaultdict(list)
    for address, public_id in items:
        if public_id in rank and rank[public_id] not in seen[address]:
            seen[address].append(rank[public_id])
    return sum(order != sorted(order) for order in seen.values())


def _delivery_id(callback: str) -> str:
    return parse_qs(urlsplit(callback).query).get("delivery", [""])[0]


def table(accounts: dict[str, Account], seconds: float, kills: Counter[str]) -> str:
    """The accounts as a table, for people."""
    columns = ["sent", "stored", "answered", "doubled", "lost", "out of order", "replies"]
    columns += ["not delivered", "provider doubles", "unknowable doubles"]
    lines = ["| channel | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, a in sorted(accounts.items()):
        cells = [a.sent, a.stored, a.answered, a.doubled, a.lost, a.out_of_order, a.delivered]
        cells += [a.undelivered, a.provider_doubles, a.unknowable]
        lines.append(f"| {name} | " + " | ".join(map(str, cells)) + " |")
    killed = ", ".join(f"{name} {count}" for name, count in sorted(kills.items()))
    return "\n".join([*lines, f"{seconds:.0f} s; killed: {killed}"])
