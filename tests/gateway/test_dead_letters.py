"""What could not be delivered, on the command line."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversations.delivery.port import Parcel
from conversations.store.outbox import Outbox
from conversations.store.store import ConversationStore
from gateway.dead_letters import run
from storage.base import Base
from storage.engine import open_engine
from tests.deliveries import put

WORDS, NUMBER = "Dit pas er klar", "+4552521234"


@pytest.fixture
async def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outbox]:
    """An outbox with two dead letters."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'guide.db'}"
    monkeypatch.setenv("BORGERGUIDE_DATABASE_URL", url)
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    conversation, _ = await ConversationStore(engine).create("sms", "da", language_chosen=False)
    outbox = Outbox(engine)
    for address in (NUMBER, "+4552521235"):
        await put(outbox, conversation.id, [Parcel("sms", address, {"body": WORDS})])
    for outgoing in await outbox.claim(10, 60):
        await outbox.rejected(outgoing, "21211: no such number")
    yield outbox
    await engine.dispose()


def arguments(command: str, *ids: str, every: bool = False) -> argparse.Namespace:
    return argparse.Namespace(command=command, ids=list(ids), all=every)


async def test_the_list_says_what_and_why_and_nothing_of_the_citizen(
    outbox: Outbox, capsys: pytest.CaptureFixture[str]
) -> None:
    letters = await outbox.dead()
    assert await run(arguments("list")) == 1
    shown = capsys.readouterr().out
    assert all(letter.id in shown for letter in letters)
    assert shown.count("21211: no such number") == 2
    assert WORDS not in shown
    assert NUMBER not in shown


async def test_a_dead_letter_is_sent_again_once(
    outbox: Outbox, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = (await outbox.dead())[0]
    assert await run(arguments("resend", letter.id)) == 0
    assert await run(arguments("resend", letter.id)) == 1
    assert f"{letter.id}: no dead letter" in capsys.readouterr().err
    again = await outbox.claim(10, 60)
    assert [outgoing.payload for outgoing in again] == [{"body": WORDS}]


async def test_all_at_once(outbox: Outbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(arguments("resend", every=True)) == 0
    assert "2 in the outbox again" in capsys.readouterr().out
    assert await outbox.dead() == []
    assert await outbox.waiting() == 2
    assert await run(arguments("list")) == 0
