"""No line of the logs carries what a citizen wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from app import Parts, create_app
from conversations.assistant.port import AssistantUnavailable, Context
from conversations.models import Reply
from gateway.http import HEADERS
from tests.conftest import ScriptedAssistant
from tests.conversations.citizen import AsyncCitizen

SECRET = "zebrafinken hedder Knud"


class Lines:
    """Everything that is logged: by us on standard output, by libraries through ``logging``."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        self._capsys = capsys
        self._caplog = caplog

    def read(self) -> str:
        captured = self._capsys.readouterr()
        records = "\n".join(self._caplog.handler.format(item) for item in self._caplog.records)
        return captured.out + captured.err + records


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[Lines]:
    with caplog.at_level(logging.INFO):
        yield Lines(capsys, caplog)


async def test_a_turn_is_one_line_of_json_without_its_words(
    lines: Lines, client: httpx.AsyncClient
) -> None:
    citizen = await AsyncCitizen.begin(client)
    await citizen.say(SECRET)
    logged = lines.read()
    turn = next(
        event
        for event in map(json.loads, filter(lambda line: line.startswith("{"), logged.splitlines()))
        if event["event"] == "turn"
    )
    assert turn["conversation"] == citizen.id
    assert (turn["outcome"], turn["replies"]) == ("answered", ["greet"])
    assert "zebrafinken" not in logged


@pytest.mark.parametrize(
    "message",
    [
        SECRET,
        f"Det brænder i min lejlighed, {SECRET}",
        f"mit cpr er 010190-1234, {SECRET}",
        f"{SECRET}\x00\ud83d".encode("utf-8", "ignore").decode(),
    ],
)
async def test_no_way_through_the_pipeline_logs_the_words(
    lines: Lines, client: httpx.AsyncClient, assistant: ScriptedAssistant, message: str
) -> None:
    def unavailable(text: str, choice: str | None, context: Context) -> list[Reply]:
        raise AssistantUnavailable("away")

    def broken(text: str, choice: str | None, context: Context) -> list[Reply]:
        raise RuntimeError("broken")

    citizen = await AsyncCitizen.begin(client)
    for answer in (
        assistant.answer,
        unavailable,
        broken,
        lambda *_: [Reply("no_such_reply")],
        lambda *_: [Reply("greet", {"language": "xx"})],
    ):
        assistant.answer = answer
        await citizen.say(message)
    logged = lines.read()
    in_danger = "brænder" in message
    assert ("turn_failed" in logged) == ("degraded" in logged) == (not in_danger)
    assert "zebrafinken" not in logged
    assert "010190" not in logged


async def test_refused_messages_are_not_logged(lines: Lines, client: httpx.AsyncClient) -> None:
    citizen = await AsyncCitizen.begin(client)
    for body in (
        {"text": SECRET, "choice": SECRET},
        {"text": SECRET * 200},
        {"choice": SECRET},
        {"text": SECRET, "client_message_id": SECRET * 10},
    ):
        assert (await citizen.post(**body)).status_code in {413, 422}
    assert "zebrafinken" not in lines.read()


async def break_writing(parts: Parts) -> None:
    async with parts.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE message DROP COLUMN author_name"))


async def test_a_broken_database_is_logged_without_the_words(
    client: httpx.AsyncClient, parts: Parts
) -> None:
    citizen = await AsyncCitizen.begin(client)
    await break_writing(parts)
    with pytest.raises(Exception, match="author_name") as raised:
        await citizen.post(text=SECRET)
    assert "zebrafinken" not in str(raised.value)


async def test_an_error_of_ours_carries_the_headers_that_protect(parts: Parts) -> None:
    app = create_app(parts)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://guide") as client,
    ):
        citizen = await AsyncCitizen.begin(client)
        await break_writing(parts)
        answer = await citizen.post(text=SECRET)
    assert answer.status_code == 500
    assert "zebrafinken" not in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
