"""A town that writes to the guide on every channel while its processes are killed at random."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from tests.stack import Citizen
from tests.standins.meta import MetaStandIn
from tests.standins.twilio import TwilioStandIn

TEXTS = ("hej", "hvad koster et pas?", "jeg er flyttet", "tak", "hvad koster det?", "farvel")
"""What people write: it is answered by one message or more, with Rasa and without."""
Result = TypeVar("Result")
_PATIENCE = 120.0
"""Seconds for which somebody tries to hand a message over: providers try for longer."""


@dataclass
class Writer:
    """Somebody who writes messages one after the other and waits for none of the answers."""

    channel: str
    write: Callable[[str], None]
    """Returns when the guide has acknowledged the message."""
    texts: list[str] = field(default_factory=list)


def sms_writer(twilio: TwilioStandIn, number: str, duplicates: random.Random) -> Writer:
    def write(text: str) -> None:
        copies = 1 if duplicates.random() < 0.1 else 0
        twilio.deliver(number, text, duplicates=copies, deadline=_PATIENCE, pause=0.2)

    return Writer("sms", write)


def messenger_writer(meta: MetaStandIn, psid: str, duplicates: random.Random) -> Writer:
    def write(text: str) -> None:
        copies = 1 if duplicates.random() < 0.1 else 0
        meta.deliver(
            [meta.events.text(psid, text)], duplicates=copies, deadline=_PATIENCE, pause=0.2
        )

    return Writer("messenger", write)


def web_writer(url: str) -> Writer:
    citizen = _patiently(lambda: Citizen(url, "da"))

    def write(text: str) -> None:
        client_message_id = uuid.uuid4().hex

        def post() -> None:
            citizen.post(text=text, client_message_id=client_message_id).raise_for_status()

        _patiently(post)

    return Writer("web", write)


def _patiently(work: Callable[[], Result]) -> Result:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return work()
        except httpx.HTTPError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def write_all(writers: list[Writer], each: int, rng: random.Random) -> None:
    """Everybody writes ``each`` messages, all at the same time. Raises what a writer raises."""
    for writer in writers:
        writer.texts = [f"{rng.choice(TEXTS)}" for _ in range(each)]

    def run(writer: Writer) -> None:
        for text in writer.texts:
            writer.write(text)

    with ThreadPoolExecutor(len(writers)) as pool:
        list(pool.map(run, writers))


Victim = tuple[Callable[[], None], Callable[[], None]]
"""How to kill it, and how to start it again."""


class Chaos:
    """Kills one process after the other and starts it again, in a thread, until told to end."""

    def __init__(
        self,
        victims: Mapping[str, Victim],
        rng: random.Random,
        pause: tuple[float, float],
    ) -> None:
        """``pause``: seconds between two kills, at least and at most."""
        self._victims = victims
        self._rng = rng
        self._pause = pause
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.kills: list[str] = []
        self.error: Exception | None = None

    def _run(self) -> None:
        names = sorted(self._victims)
        while not self._end.wait(self._rng.uniform(*self._pause)):
            # Everybody's turn comes, in an order that chance decides.
            if not names:
                names = sorted(self._victims)
            name = names.pop(self._rng.randrange(len(names)))
            kill, start = self._victims[name]
            try:
                kill()
                self.kills.append(name)
                time.sleep(self._rng.uniform(0.2, 1.5))
                start()
            except Exception as error:
                self.error = error
                return

    def __enter__(self) -> Chaos:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(60)
