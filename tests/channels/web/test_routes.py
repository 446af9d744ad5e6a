"""The widget's JSON interface, call by call."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from conversations.assistant.port import Context
from conversations.models import Reply
from gateway.http import HEADERS
from tests.channels.web.conftest import Gateway
from tests.conftest import ScriptedAssistant
from tests.conversations.citizen import AsyncCitizen

START = "/api/web/conversations"
LIMIT = 64 * 1024
MESSAGE_KEYS = {
    "id",
    "seq",
    "author",
    "text",
    "language",
    "reply",
    "service",
    "candidates",
    "choices",
    "created_at",
}


@pytest.fixture
async def citizen(client: httpx.AsyncClient) -> AsyncCitizen:
    return await AsyncCitizen.begin(client)


def error(answer: httpx.Response) -> tuple[int, str]:
    """The status and the code of an error that speaks to the citizen."""
    detail = answer.json()["error"]
    assert detail["message"]
    return answer.status_code, detail["code"]


def calls(path: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every call on a conversation, well-formed."""
    yield "POST", f"{path}/messages", {"json": {"text": "hej"}}
    yield "GET", f"{path}/messages", {}
    yield "GET", f"{path}/events", {}
    yield "POST", f"{path}/typing", {}
    yield "POST", f"{path}/language", {"json": {"language": "en"}}
    yield "POST", f"{path}/messages/{uuid.uuid4().hex}/feedback", {"json": {"helpful": True}}
    yield "DELETE", path, {}


# --- start


@pytest.mark.parametrize(
    ("body", "language"),
    [
        ({}, "da"),
        ({"json": {}}, "da"),
        ({"json": {"language": None}}, "da"),
        ({"json": {"language": "da"}}, "da"),
        ({"json": {"language": "en"}}, "en"),
    ],
)
async def test_a_conversation_starts_in_a_language(
    client: httpx.AsyncClient, body: dict[str, Any], language: str
) -> None:
    started = await client.post(START, **body)
    assert started.status_code == 201
    assert set(started.json()) == {"conversation_id", "token"}
    citizen = AsyncCitizen(client, started.json()["conversation_id"], started.json()["token"])
    view = await citizen.read()
    assert (view["language"], view["state"], view["typing"]) == (language, "bot", False)
    assert [message["language"] for message in view["messages"]] == [language]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"language": "xx"}, "unknown_language"),
        ({"language": ""}, "unknown_language"),
        ({"language": "x" * 9}, "bad_request"),
        ({"language": 1}, "bad_request"),
        ({"speech": "da"}, "bad_request"),
        ([], "bad_request"),
    ],
)
async def test_a_start_in_no_known_language_is_refused(
    client: httpx.AsyncClient, body: object, code: str
) -> None:
    assert error(await client.post(START, json=body)) == (422, code)


async def test_the_languages_can_be_read(client: httpx.AsyncClient) -> None:
    languages = (await client.get("/api/web/languages")).json()
    assert [item["code"] for item in languages][:2] == ["da", "en"]
    assert all(set(item) == {"code", "name", "direction"} for item in languages)


# --- say and read


async def test_a_text_is_accepted_stored_and_answered(citizen: AsyncCitizen) -> None:
    accepted = await citizen.post(text="Hvad koster et pas?", client_message_id="c1")
    assert accepted.status_code == 202
    assert set(accepted.json()) == {"message_id", "seq"}
    await citizen.settled()
    said, answer = (await citizen.read(1))["messages"]
    assert (said["id"], said["seq"]) == (accepted.json()["message_id"], accepted.json()["seq"])
    assert (said["author"], said["text"], said["reply"]) == ("citizen", "Hvad koster et pas?", None)
    assert (answer["author"], answer["reply"], answer["seq"]) == ("guide", "greet", 3)
    assert set(answer) >= MESSAGE_KEYS
    assert answer["created_at"].endswith(("Z", "+00:00"))


async def test_a_choice_is_accepted_and_stored_by_its_title(citizen: AsyncCitizen) -> None:
    (welcome,) = (await citizen.read())["messages"]
    picked = welcome["choices"][0]
    assert (await citizen.post(choice=picked["choice"])).status_code == 202
    await citizen.settled()
    assert (await citizen.read(1))["messages"][0]["text"] == picked["title"]


async def test_an_answer_about_a_service_comes_with_its_card(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    reply = Reply("service", service="pas-voksen", choices=("ask:pas-voksen:how", "human"))
    assistant.answer = lambda *_: [reply]
    (answer,) = await citizen.say("pas")
    assert (answer["service"], answer["reply"]) == ("pas-voksen", "service_overview")
    card = answer["card"]
    assert set(card) >= {"service", "title", "summary", "authority", "rows", "links", "checked"}
    assert all({"kind", "label", "items"} <= set(row) for row in card["rows"])
    assert [choice["choice"] for choice in answer["choices"]] == list(reply.choices)


async def test_candidates_are_named(citizen: AsyncCitizen, assistant: ScriptedAssistant) -> None:
    offered = ("pas-voksen", "pas-boern")
    codes = tuple(f"service:{item}" for item in offered)
    assistant.answer = lambda *_: [Reply("candidates", candidates=offered, choices=codes)]
    (answer,) = await citizen.say("pas")
    assert answer["candidates"] == list(offered)


async def test_typing_lasts_until_the_answer_is_there(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    release = asyncio.Event()
    respond = assistant.respond

    async def slowly(
        conversation_id: str, text: str, choice: str | None, context: Context
    ) -> list[Reply]:
        await release.wait()
        return await respond(conversation_id, text, choice, context)

    assistant.respond = slowly  # type: ignore[method-assign]
    await citizen.post(text="hej")
    assert (await citizen.read())["typing"] is True
    release.set()
    assert (await citizen.settled())["typing"] is False


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({}, (422, "bad_request"), id="neither"),
        pytest.param({"text": "hej", "choice": "human"}, (422, "bad_request"), id="both"),
        pytest.param({"text": None}, (422, "bad_request"), id="null"),
        pytest.param({"text": 1}, (422, "bad_request"), id="number"),
        pytest.param({"text": ["hej"]}, (422, "bad_request"), id="list"),
        pytest.param({"text": "hej", "author": "guide"}, (422, "bad_request"), id="extra key"),
        pytest.param({"text": ""}, (422, "empty"), id="empty"),
        pytest.param({"text": " \n\t "}, (422, "empty"), id="blank"),
        pytest.param({"text": "\u0000\u200b\u202e"}, (422, "empty"), id="nothing to be seen"),
        pytest.param({"text": "a" * 10_000}, (413, "too_long"), id="10,000 characters"),
        pytest.param({"choice": "nothing"}, (422, "unknown_choice"), id="unknown choice"),
        pytest.param({"choice": "service:xx"}, (422, "unknown_choice"), id="unknown service"),
        pytest.param({"choice": ""}, (422, "unknown_choice"), id="empty choice"),
        pytest.param({"choice": "x" * 81}, (422, "bad_request"), id="long choice"),
        pytest.param(
            {"text": "hej", "client_message_id": ""}, (422, "bad_request"), id="empty client id"
        ),
        pytest.param(
            {"text": "hej", "client_message_id": "x" * 81},
            (422, "bad_request"),
            id="long client id",
        ),
    ],
)
async def test_what_cannot_be_taken_is_refused_and_not_stored(
    citizen: AsyncCitizen, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert error(await citizen.post(**body)) == expected
    assert len((await citizen.read())["messages"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"hej", id="no JSON"),
        pytest.param(b'{"text": "hej"', id="cut off"),
        pytest.param(b'{"text": "\xff\xfe"}', id="invalid UTF-8"),
        pytest.param(b'{"text": "\xed\xa0\x80"}', id="encoded surrogate"),
        pytest.param(b"\x00" * 100, id="zeros"),
        pytest.param(b"[" * 20_000, id="deep"),
        pytest.param(b'{"text": ' + b"9" * 5_000 + b"}", id="long number"),
        pytest.param('{"text": "hej"}'.encode("utf-16"), id="UTF-16"),
    ],
)
async def test_a_body_that_cannot_be_read_is_the_callers_fault(
    citizen: AsyncCitizen, body: bytes
) -> None:
    headers = {**citizen.headers, "Content-Type": "application/json"}
    answer = await citizen.client.post(f"{citizen.path}/messages", content=body, headers=headers)
    if "hej" in body.decode("utf-16", "ignore"):
        assert answer.status_code in {202, 400, 422}  # JSON may be UTF-16
        return
    assert 400 <= answer.status_code < 500
    assert len((await citizen.read())["messages"]) == 1


async def test_half_a_character_is_refused_or_left_out(citizen: AsyncCitizen) -> None:
    body = b'{"text": "hej \\ud83d du"}'
    headers = {**citizen.headers, "Content-Type": "application/json"}
    answer = await citizen.client.post(f"{citizen.path}/messages", content=body, headers=headers)
    assert answer.status_code in {202, 422}
    await citizen.settled()
    texts = [message["text"] for message in (await citizen.read(1))["messages"]]
    assert not any("\ud83d" in text for text in texts)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("<script>alert('hej')</script> & <b>", "<script>alert('hej')</script> & <b>"),
        ("a\u0000b\u001b[31mc", "ab[31mc"),
        ("\u202egnirts\u202c", "gnirts"),
        ("  hej \r\n du  ", "hej \n du"),
        ("'; DROP TABLE message; --", "'; DROP TABLE message; --"),
        ("👩‍👧 سلام æøå", "👩‍👧 سلام æøå"),
        ("/restart", "/restart"),
        ("mit cpr er 010190-1234", "mit cpr er ******-****"),
    ],
)
async def test_a_text_is_stored_as_text(citizen: AsyncCitizen, text: str, stored: str) -> None:
    await citizen.say(text)
    assert (await citizen.read(1))["messages"][0]["text"] == stored


async def test_the_same_client_id_twice_is_one_message(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    first = await citizen.post(text="hej", client_message_id="c1")
    await citizen.settled()
    again = await citizen.post(text="hej", client_message_id="c1")
    assert (again.status_code, again.json()) == (202, first.json())
    await citizen.settled()
    assert len((await citizen.read())["messages"]) == 3
    assert len(assistant.asked) == 1


async def test_the_same_client_id_at_once_is_one_message(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    posts = [citizen.post(text="hej", client_message_id="c1") for _ in range(10)]
    answers = await asyncio.gather(*posts)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["message_id"] for answer in answers}) == 1
    await citizen.settled()
    assert len(assistant.asked) == 1


async def test_reading_goes_on_behind_a_number(citizen: AsyncCitizen) -> None:
    await citizen.say("hej")
    for after, expected in [(0, [1, 2, 3]), (2, [3]), (3, []), (99, [])]:
        view = await citizen.read(after)
        assert [message["seq"] for message in view["messages"]] == expected


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 30])
async def test_reading_behind_no_number_is_refused(citizen: AsyncCitizen, after: str) -> None:
    answer = await citizen.client.get(
        f"{citizen.path}/messages", params={"after": after}, headers=citizen.headers
    )
    assert error(answer) == (422, "bad_request")


async def test_the_refusal_does_not_echo_the_input(citizen: AsyncCitizen) -> None:
    answer = await citizen.post(text="hej", choice="hemmeligt")
    assert "hemmeligt" not in answer.text


# --- whose conversation


async def test_nobody_else_learns_whether_a_conversation_exists(
    client: httpx.AsyncClient, citizen: AsyncCitizen
) -> None:
    stranger = await AsyncCitizen.begin(client)
    unknown = f"{START}/{uuid.uuid4().hex}"
    attempts: list[tuple[str, dict[str, str]]] = [
        (citizen.path, {"Authorization": "Bearer wrong"}),
        (citizen.path, stranger.headers),
        (citizen.path, {}),
        (citizen.path, {"Authorization": "Bearer"}),
        (citizen.path, {"Authorization": citizen.headers["Authorization"][7:]}),
        (citizen.path, {"Authorization": citizen.headers["Authorization"].replace("er ", "er x")}),
        (unknown, citizen.headers),
        (unknown, {}),
        (f"{START}/' OR 1=1", citizen.headers),
    ]
    bodies = set()
    for path, headers in attempts:
        for method, url, body in calls(path):
            answer = await client.request(method, url, headers=headers, **body)
            assert answer.status_code == 404, (method, url, headers)
            bodies.add(answer.text)
    assert len(bodies) == 1
    assert json.loads(bodies.pop())["error"]["code"] == "not_found"
    assert len((await citizen.read())["messages"]) == 1


# --- rate limit


@pytest.mark.parametrize("language", ["da", "en"])
async def test_too_many_messages_are_refused_in_the_citizens_language(
    gateway: Gateway, language: str
) -> None:
    async with gateway(messages_per_minute=6, message_burst=2) as client:
        citizen = await AsyncCitizen.begin(client, language)
        await citizen.choose_language(language)
        for _ in range(2):
            assert (await citizen.post(text="hej")).status_code == 202
        refused = await citizen.client.post(
            f"{citizen.path}/messages",
            json={"text": "hej"},
            headers={**citizen.headers, "Accept-Language": "da" if language == "en" else "en"},
        )
        assert error(refused) == (429, "rate_limited")
        seconds = int(refused.headers["Retry-After"])
        assert 1 <= seconds <= 10
        assert str(seconds) in refused.json()["error"]["message"]
        danish = "Vent" in refused.json()["error"]["message"]
        assert danish == (language == "da")
        await citizen.settled()


async def test_a_message_about_danger_is_never_turned_away(gateway: Gateway) -> None:
    async with gateway(messages_per_minute=1, message_burst=1) as client:
        citizen = await AsyncCitizen.begin(client)
        await citizen.say("hej")
        assert (await citizen.post(text="hej igen")).status_code == 429
        (answer,) = await citizen.say("Det brænder i min lejlighed")
        assert answer["reply"].startswith("crisis_")


async def test_one_citizens_rate_is_not_anothers(gateway: Gateway) -> None:
    async with gateway(messages_per_minute=1, message_burst=1) as client:
        for _ in range(2):
            citizen = await AsyncCitizen.begin(client)
            assert (await citizen.post(text="hej")).status_code == 202
            await citizen.settled()


async def test_too_many_starts_are_refused(gateway: Gateway) -> None:
    async with gateway(conversations_per_minute=1) as client:
        await AsyncCitizen.begin(client)
        refused = await client.post(START)
        assert error(refused) == (429, "rate_limited")
        assert int(refused.headers["Retry-After"]) >= 1


# --- language, feedback, erasure


async def test_a_language_can_be_chosen(citizen: AsyncCitizen) -> None:
    answer = await citizen.choose_language("en")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await citizen.read())["language"] == "en"
    assert error(await citizen.choose_language("xx")) == (422, "unknown_language")
    assert (await citizen.read())["language"] == "en"


async def test_a_language_chosen_while_the_guide_works_is_kept(
    citizen: AsyncCitizen, assistant: ScriptedAssistant
) -> None:
    release = asyncio.Event()

    async def slowly(
        conversation_id: str, text: str, choice: str | None, context: Context
    ) -> list[Reply]:
        await release.wait()
        return [Reply("greet")]

    assistant.respond = slowly  # type: ignore[method-assign]
    await citizen.post(text="Hvad koster et pas?")
    await asyncio.sleep(0.05)
    await citizen.choose_language("en")
    release.set()
    await citizen.settled()
    assert (await citizen.read())["language"] == "en"


@pytest.mark.parametrize("helpful", [True, False])
async def test_an_answer_can_be_rated(citizen: AsyncCitizen, helpful: bool) -> None:
    (answer,) = await citizen.say("hej")
    rated = await citizen.client.post(
        f"{citizen.path}/messages/{answer['id']}/feedback",
        json={"helpful": helpful},
        headers=citizen.headers,
    )
    assert (rated.status_code, rated.content) == (204, b"")


async def test_a_foreign_message_cannot_be_rated(
    client: httpx.AsyncClient, citizen: AsyncCitizen
) -> None:
    stranger = await AsyncCitizen.begin(client)
    (welcome,) = (await stranger.read())["messages"]
    for message_id in (welcome["id"], "nothing"):
        answer = await client.post(
            f"{citizen.path}/messages/{message_id}/feedback",
            json={"helpful": True},
            headers=citizen.headers,
        )
        assert error(answer) == (404, "not_found")


@pytest.mark.parametrize("body", [{}, {"helpful": "maybe"}, {"helpful": None}, []])
async def test_a_verdict_must_be_one(citizen: AsyncCitizen, body: object) -> None:
    (welcome,) = (await citizen.read())["messages"]
    answer = await citizen.client.post(
        f"{citizen.path}/messages/{welcome['id']}/feedback", json=body, headers=citizen.headers
    )
    assert error(answer) == (422, "bad_request")


async def test_after_erasing_there_is_nothing(citizen: AsyncCitizen) -> None:
    await citizen.say("hej")
    erased = await citizen.client.delete(citizen.path, headers=citizen.headers)
    assert (erased.status_code, erased.content) == (204, b"")
    for method, url, body in calls(citizen.path):
        answer = await citizen.client.request(method, url, headers=citizen.headers, **body)
        assert error(answer) == (404, "not_found")


# --- around every call


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
async def test_a_body_over_64_kib_reaches_no_parser(citizen: AsyncCitizen, size: int) -> None:
    body = b'{"text": "hej"}'.ljust(size)
    headers = {**citizen.headers, "Content-Type": "application/json"}
    answer = await citizen.client.post(f"{citizen.path}/messages", content=body, headers=headers)
    assert answer.status_code == (202 if size == LIMIT else 413)
    await citizen.settled()


async def test_a_body_over_64_kib_in_pieces_is_refused_too(citizen: AsyncCitizen) -> None:
    async def pieces() -> Any:
        for _ in range(70):
            yield b" " * 1024

    answer = await citizen.client.post(
        f"{citizen.path}/messages", content=pieces(), headers=citizen.headers
    )
    assert error(answer) == (413, "too_long")


async def test_every_response_carries_the_headers_that_protect(
    client: httpx.AsyncClient, citizen: AsyncCitizen
) -> None:
    answers = [
        await client.get(path)
        for path in (
            "/chat",
            "/chat.css",
            "/health/live",
            "/nothing",
            "/api/web/languages",
            "/docs",
        )
    ]
    answers += [
        await client.post(START),
        await client.post(START, content=b"x" * (LIMIT + 1)),
        await client.get(citizen.path + "/messages"),
        await client.get(citizen.path + "/messages", headers=citizen.headers),
        await client.post("/chat", headers={"Origin": "https://evil.example"}),
        await client.request("PATCH", START),
        await citizen.post(),
    ]
    for answer in answers:
        missing = {name for name, value in HEADERS.items() if answer.headers.get(name) != value}
        assert not missing, answer.url
    assert "'unsafe-inline'" not in HEADERS["Content-Security-Policy"]


async def test_no_other_site_may_call(client: httpx.AsyncClient, citizen: AsyncCitizen) -> None:
    origin = {"Origin": "https://evil.example"}
    preflight = {
        **origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    for answer in (
        await client.options(START, headers=preflight),
        await client.post(START, headers=origin),
        await client.get(citizen.path + "/messages", headers={**citizen.headers, **origin}),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control-")]
