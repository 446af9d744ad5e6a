"""Several gateways, one outbox, and a post office that fails half of the time."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from conversations.store.outbox import Outbox
from storage.engine import open_engine
from tests.conversations.delivery.conftest import Sending, working
from tests.paper import Trouble

ADDRESSES, LETTERS, GATEWAYS = 4, 5, 3


@pytest.mark.parametrize("seed", range(6))
async def test_each_letter_arrives_once_and_in_order(sending: Sending, url: str, seed: int) -> None:
    rng = random.Random(seed)
    boxes = [f"box {n}" for n in range(ADDRESSES)]
    # Few different words, so that a letter can be taken for another one.
    written = {box: [rng.choice(["ja", "nej", "måske"]) for _ in range(LETTERS)] for box in boxes}
    for n in range(LETTERS):
        for box in boxes:
            await sending.put(written[box][n], to=box)
    names = [row.public_id for row in await sending.rows()]
    sending.office.expect(rng.choice([Trouble.death, Trouble.death_after]))
    sending.office.chaos(rng, 0.5)

    async with AsyncExitStack() as stack:
        for _ in range(GATEWAYS):
            engine = open_engine(url)
            stack.push_async_callback(engine.dispose)
            await stack.enter_async_context(
                working(
                    Outbox(engine),
                    {"paper": sending.paper},
                    at_once=rng.choice([1, 2, 16]),
                    attempts=1000,
                    # Longer than a busy machine stands still, so that no worker loses its claim.
                    lease=2.0,
                )
            )
        await sending.emptied()

    assert {box: sending.arrived(box) for box in boxes} == written
    assert Counter(letter.delivery for letter in sending.office.letters) == Counter(names)
    assert await sending.states() == ["sent"] * len(names)
    ids = [row.provider_id for row in await sending.rows()]
    assert len(set(ids)) == len(ids)
