"""How fast messages come in and go out over SMS, with one gateway and with two.

``python -m benchmarks.delivery`` prints the table; ``make bench`` puts it into
docs/performance.md. The provider is the tests' stand-in on loopback, and answers at once.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.figures import quantile, resident
from tests.balancer import Balancer
from tests.postgres import PostgresServer
from tests.redis import RedisServer
from tests.stack import Stack
from tests.standins.twilio import Callbacks, SentSms, TwilioStandIn

ACCOUNT, TOKEN, NUMBER = "AC" + "0" * 32, "twilio-token", "+4552510000"
CITIZENS = 16
EACH = 15
"""Messages from each citizen; the answer is awaited before the next."""
LIMITS = {"messages_per_minute": "1000000", "message_burst": "1000000"}
ABOUT = (
    f"{EACH} messages from each citizen, over signed webhooks to a provider on loopback. "
    "One gateway is on SQLite; two are on PostgreSQL and Redis behind a balancer. Everything, "
    "the provider too, shares the cores."
)
_PATIENCE = 60.0


@contextmanager
def town(folder: Path, gateways: int) -> Iterator[tuple[Stack, TwilioStandIn]]:
    """Gateways that send to a stand-in: one on SQLite, several on PostgreSQL and Redis."""
    with ExitStack() as opened:
        twilio = opened.enter_context(TwilioStandIn(ACCOUNT, TOKEN, NUMBER))
        twilio.plan = lambda _: Callbacks(statuses=("delivered",))
        settings = {
            **LIMITS,
            "twilio_account_sid": ACCOUNT,
            "twilio_auth_token": TOKEN,
            "twilio_sender": NUMBER,
            "twilio_api_url": twilio.url,
        }
        if gateways > 1:
            settings["database_url"] = opened.enter_context(PostgresServer(durable=True)).url
            settings["redis_url"] = opened.enter_context(RedisServer()).url
        stack = Stack(folder, gateways=gateways, **settings)
        opened.callback(stack.close)
        balancer = opened.enter_context(Balancer(stack.ports))
        stack.set(public_url=balancer.url, actions_url=f"{balancer.url}/internal/actions")
        twilio.webhook = f"{balancer.url}/channels/sms/twilio"
        stack.migrate()
        stack.start_rasa()
        for name in stack.gateways:
            stack.start_gateway(name)
        stack.wait()
        yield stack, twilio


def exchange(twilio: TwilioStandIn, number: str, count: int) -> tuple[list[float], list[float]]:
    """Seconds to the acknowledgement and to the reply, for each message of one citizen."""
    acknowledged, replied = [], []
    before = 0

    def replies() -> list[SentSms]:
        return [item for item in twilio.sent if item.to == number]

    def more(_: list[SentSms]) -> bool:
        return len(replies()) > before

    for turn in range(count):
        before = len(replies())
        started = time.time()
        twilio.text(number, "hvad koster et pas?" if turn % 2 else "hej").raise_for_status()
        acknowledged.append(time.time() - started)
        twilio.wait_for(more, _PATIENCE)
        # By the provider's own clock, which is ours: waiting looks only now and then.
        replied.append(replies()[before].at.timestamp() - started)
    return acknowledged, replied


def measure(twilio: TwilioStandIn, citizens: int) -> tuple[list[float], list[float], float]:
    """Times as of :func:`exchange`, and messages answered per second."""
    numbers = [f"+455252{n:04}" for n in range(citizens)]
    started = time.perf_counter()
    with ThreadPoolExecutor(citizens) as pool:
        results = list(pool.map(lambda number: exchange(twilio, number, EACH), numbers))
    seconds = time.perf_counter() - started
    acknowledged = [item for result in results for item in result[0]]
    replied = [item for result in results for item in result[1]]
    return acknowledged, replied, len(replied) / seconds


def table() -> list[str]:
    """Acknowledgements, replies, rate and memory, for one gateway and for two."""
    lines = [
        "| gateways | citizens | acknowledged p95 ms | reply p50 ms | p95 ms | messages/s | MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for gateways in (1, 2):
        with tempfile.TemporaryDirectory() as folder, town(Path(folder), gateways) as built:
            stack, twilio = built
            measure(twilio, 2)  # warm
            for citizens in (1, CITIZENS):
                acknowledged, replied, rate = measure(twilio, citizens)
                memory = max(resident(stack.processes[name].pid) for name in stack.gateways)
                lines.append(
                    f"| {gateways} | {citizens} | {quantile(acknowledged, 0.95):.0f} "
                    f"| {quantile(replied, 0.5):.0f} | {quantile(replied, 0.95):.0f} "
                    f"| {rate:.1f} | {memory:.0f} |"
                )
                print(lines[-1], flush=True)
    return lines


if __name__ == "__main__":
    table()
