from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.standins.conftest import PAGE, PSID, Guide, payload, shape
from tests.standins.faults import Fault
from tests.standins.meta import MetaStandIn, Receipts
from tests.standins.meta_events import encode
from tests.standins.meta_rules import TOO_MANY_FOR_APP, TOO_MANY_REQUESTS, Refusal

FIELDS = "messages{id,message,from,to,created_time}"


def send(meta: MetaStandIn, page: str = "me", token: str = "token", **body: Any) -> httpx.Response:
    whole = {"recipient": {"id": PSID}, "messaging_type": "RESPONSE", **body}
    return httpx.post(
        f"{meta.url}/v25.0/{page}/messages", params={"access_token": token}, json=whole
    )


def say(meta: MetaStandIn, text: str = "Hej", **message: Any) -> httpx.Response:
    return send(meta, message={"text": text, **message})


def conversation(meta: MetaStandIn, **query: str) -> Any:
    answer = httpx.get(
        f"{meta.url}/v25.0/{PAGE}/conversations",
        params={"platform": "messenger", "user_id": PSID, "fields": FIELDS, **query},
        headers={"Authorization": "Bearer token"},
    )
    assert answer.status_code == 200
    return answer.json()


@pytest.fixture
def open_meta(meta: MetaStandIn) -> MetaStandIn:
    """A citizen has just written, and nothing follows what the page sends."""
    meta.plan = lambda _: Receipts(echo=False, delivery=False)
    meta.text(PSID, "Jeg er flyttet")
    return meta


# The Send API.


@pytest.mark.parametrize("page", ["me", PAGE])
def test_a_message_is_accepted(open_meta: MetaStandIn, page: str) -> None:
    reply = {"content_type": "text", "title": "Flytning", "payload": "service:flytning"}
    answer = send(open_meta, page, message={"text": "Hvad nu?", "quick_replies": [reply]})
    (sent,) = open_meta.sent
    assert answer.json() == {"recipient_id": PSID, "message_id": sent.mid}
    assert (sent.psid, sent.text, sent.message["quick_replies"]) == (PSID, "Hvad nu?", [reply])


def test_a_sender_action_is_no_message(open_meta: MetaStandIn) -> None:
    answer = send(open_meta, sender_action="typing_on")
    assert answer.json() == {"recipient_id": PSID}
    assert open_meta.sent == []
    assert open_meta.actions == [(PSID, "typing_on")]


def reply(**changes: str) -> dict[str, str]:
    return {"content_type": "text", "title": "Ja", "payload": "yes", **changes}


@pytest.mark.parametrize(
    ("message", "accepted"),
    [
        ({"text": "å" * 2000}, True),
        ({"text": "å" * 2001}, False),
        ({"text": ""}, False),
        ({}, False),
        ({"text": "Hej", "quick_replies": [reply()] * 13}, True),
        ({"text": "Hej", "quick_replies": [reply()] * 14}, False),
        ({"text": "Hej", "quick_replies": [reply(title="a" * 20)]}, True),
        ({"text": "Hej", "quick_replies": [reply(title="a" * 21)]}, False),
        ({"text": "Hej", "quick_replies": [reply(payload="a" * 1001)]}, False),
        ({"text": "Hej", "quick_replies": [reply(content_type="button")]}, False),
        ({"text": "Hej", "metadata": "a" * 1000}, True),
        ({"text": "Hej", "metadata": "a" * 1001}, False),
    ],
)
def test_what_fits_in_a_message(
    open_meta: MetaStandIn, message: dict[str, Any], accepted: bool
) -> None:
    answer = send(open_meta, message=message)
    assert answer.status_code == (200 if accepted else 400)
    assert len(open_meta.sent) == accepted
    if not accepted:
        assert answer.json()["error"]["code"] == 100


@pytest.mark.parametrize(
    "body",
    [
        {"message": {"text": "Hej"}, "sender_action": "typing_on"},
        {"message": {"text": "Hej"}, "messaging_type": "HELLO"},
        {"message": {"text": "Hej"}, "messaging_type": None},
        {"message": "Hej"},
        {"sender_action": "dance"},
        {"recipient": {}},
    ],
)
def test_requests_that_make_no_sense(open_meta: MetaStandIn, body: dict[str, Any]) -> None:
    answer = send(open_meta, **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


@pytest.mark.parametrize(
    ("hours", "body", "accepted"),
    [
        (23, {"messaging_type": "RESPONSE"}, True),
        (25, {"messaging_type": "RESPONSE"}, False),
        (25, {"messaging_type": "UPDATE"}, False),
        (25, {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, True),
        (24 * 7 + 1, {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, False),
    ],
)
def test_the_window(
    open_meta: MetaStandIn, hours: int, body: dict[str, str], accepted: bool
) -> None:
    open_meta.age(PSID, timedelta(hours=hours))
    answer = send(open_meta, message={"text": "Hej"}, **body)
    assert (answer.status_code == 200) is accepted
    if not accepted:
        assert shape(answer.json()) == shape(payload("meta_error"))
        error = answer.json()["error"]
        assert (error["code"], error["error_subcode"]) == (10, 2018278)
    open_meta.text(PSID, "Er I der?")
    assert say(open_meta).status_code == 200


def test_reading_does_not_open_the_window(open_meta: MetaStandIn) -> None:
    open_meta.age(PSID, timedelta(hours=25))
    open_meta.read(PSID)
    assert say(open_meta).status_code == 400
    open_meta.postback(PSID, "start", "Kom i gang")
    assert say(open_meta).status_code == 200


@pytest.mark.parametrize(
    ("token", "status", "code"), [("wrong", 401, 190), ("", 400, 104), ("token", 200, None)]
)
def test_the_token(open_meta: MetaStandIn, token: str, status: int, code: int | None) -> None:
    answer = send(open_meta, token=token, message={"text": "Hej"})
    assert answer.status_code == status
    assert answer.json().get("error", {}).get("code") == code


def test_a_proof_of_the_secret_is_checked_when_it_comes(open_meta: MetaStandIn) -> None:
    url, body = f"{open_meta.url}/v25.0/me/messages", {"recipient": {"id": PSID}}
    proof = hmac.new(b"secret", b"token", hashlib.sha256).hexdigest()
    for given, status in ((proof, 200), ("0" * 64, 400)):
        query = {"access_token": "token", "appsecret_proof": given}
        answer = httpx.post(url, params=query, json={**body, "sender_action": "mark_seen"})
        assert answer.status_code == status


def test_strangers_and_those_who_have_blocked_the_page(open_meta: MetaStandIn) -> None:
    stranger = send(open_meta, recipient={"id": "1"}, message={"text": "Hej"}).json()["error"]
    assert (stranger["code"], stranger["error_subcode"]) == (100, 2018001)
    open_meta.blocked.add(PSID)
    assert say(open_meta).json()["error"]["code"] == 551


@pytest.mark.parametrize(
    ("throttling", "status", "code"),
    [(None, 400, 613), (TOO_MANY_FOR_APP, 400, 4), (TOO_MANY_REQUESTS, 429, 4)],
)
def test_throttling(
    open_meta: MetaStandIn, throttling: Refusal | None, status: int, code: int
) -> None:
    if throttling is not None:
        open_meta.throttling = throttling
    open_meta.faults.extend([Fault.throttled])
    answer = say(open_meta)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert open_meta.sent == []


def test_a_temporary_error(open_meta: MetaStandIn) -> None:
    open_meta.faults.extend([Fault.server_error])
    answer = say(open_meta)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, 2)
    assert answer.json()["error"]["is_transient"] is True


def test_typing_does_not_spend_the_faults_of_messages(open_meta: MetaStandIn) -> None:
    open_meta.faults.extend([Fault.reset_after])
    assert send(open_meta, sender_action="typing_on").status_code == 200
    with pytest.raises(httpx.NetworkError):
        say(open_meta)


# The Conversations API.


def test_a_client_can_see_what_got_through(open_meta: MetaStandIn) -> None:
    open_meta.faults.extend([Fault.reset_after])
    with pytest.raises(httpx.NetworkError):
        say(open_meta, "Meld flytning på borger.dk.")
    seen = conversation(open_meta)
    assert shape(seen) == shape(payload("meta_conversations"))
    newest, oldest = seen["data"][0]["messages"]["data"]
    assert (newest["id"], newest["message"]) == (
        open_meta.sent[0].mid,
        "Meld flytning på borger.dk.",
    )
    assert oldest["from"] == {"id": PSID}


def test_only_the_fields_and_the_number_asked_for(open_meta: MetaStandIn) -> None:
    for number in range(3):
        say(open_meta, str(number))
    seen = conversation(open_meta, fields="messages.limit(2){message}")
    messages = seen["data"][0]["messages"]["data"]
    assert [each["message"] for each in messages] == ["2", "1"]
    assert set(messages[0]) == {"id", "message"}
    assert set(conversation(open_meta, fields="")["data"][0]) == {"id", "updated_time"}
    assert conversation(open_meta, user_id="1") == {"data": []}


def test_the_list_may_lag_behind(open_meta: MetaStandIn) -> None:
    open_meta.list_lag = 60
    say(open_meta)
    assert conversation(open_meta)["data"][0]["messages"]["data"] == []


# Webhooks.


@pytest.mark.parametrize(
    "name", ["text", "quick_reply", "postback", "attachment", "read", "delivery", "echo"]
)
def test_webhooks_have_the_documented_shape(meta: MetaStandIn, guide: Guide, name: str) -> None:
    match name:
        case "text":
            meta.text(PSID, "Hej")
        case "quick_reply":
            meta.text(PSID, "Flytning", quick_reply="service:flytning")
        case "postback":
            meta.postback(PSID, "start", "Kom i gang")
        case "attachment":
            meta.attachment(PSID, "image")
        case "read":
            meta.read(PSID)
        case "delivery":
            meta.delivery(PSID, ["m_1"])
        case "echo":
            meta.echo(PSID, "Hej", metadata="utterance-42")
    (heard,) = guide.sent
    assert shape(json.loads(heard.body)) == shape(payload(f"meta_{name}"))


def test_the_body_is_escaped_as_documented_and_signed_as_it_stands(
    meta: MetaStandIn, guide: Guide
) -> None:
    meta.text(PSID, "äöå 🙂 https://kk.dk")
    (heard,) = guide.sent
    assert b"\\u00e4\\u00f6\\u00e5 \\ud83d\\ude42 https:\\/\\/kk.dk" in heard.body
    for header, prefix, algorithm in (
        ("x-hub-signature-256", "sha256=", hashlib.sha256),
        ("x-hub-signature", "sha1=", hashlib.sha1),
    ):
        digest = hmac.new(b"secret", heard.body, algorithm).hexdigest()
        assert heard.headers[header] == prefix + digest
    assert heard.events[0]["message"]["text"] == "äöå 🙂 https://kk.dk"


def test_a_batch_of_entries_and_kinds(meta: MetaStandIn, guide: Guide) -> None:
    events = [
        meta.events.text(PSID, "Første"),
        meta.events.unknown(PSID),
        meta.events.text("42", "Anden"),
    ]
    meta.send(events, entries=2)
    (heard,) = guide.sent
    assert [len(entry["messaging"]) for entry in json.loads(heard.body)["entry"]] == [2, 1]
    assert heard.events == events


def test_a_forged_body_is_posted_as_it_is(meta: MetaStandIn, guide: Guide) -> None:
    body = encode(meta.events.batch([meta.events.text(PSID, "Hej")]))
    meta.post(body, headers={"X-Hub-Signature-256": "sha256=00"})
    (heard,) = guide.sent
    assert heard.headers["x-hub-signature-256"] == "sha256=00"
    assert heard.body == body


def test_delivery_repeats_the_very_same_batch(meta: MetaStandIn, guide: Guide) -> None:
    guide.statuses.extend([500, 503])
    delivery = meta.deliver([meta.events.text(PSID, "Hej")], duplicates=1, pause=0.01)
    assert delivery.attempts == ("500", "503", "204", "204")
    assert len({heard.body for heard in guide.sent}) == 1


@pytest.mark.parametrize(
    ("receipts", "kinds"),
    [
        (Receipts(), ["message", "delivery"]),
        (Receipts(echo=False), ["delivery"]),
        (Receipts(copies=2), ["message", "message", "delivery", "delivery"]),
        (Receipts(read=True, delay=0.05), ["message", "delivery", "read"]),
    ],
)
def test_what_follows_a_message(
    open_meta: MetaStandIn, guide: Guide, receipts: Receipts, kinds: list[str]
) -> None:
    open_meta.plan = lambda _: receipts
    mid = say(open_meta, metadata="utterance-42").json()["message_id"]
    heard = [each.events[0] for each in guide.wait_for(1 + len(kinds))[1:]]
    assert [next(kind for kind in kinds if kind in event) for event in heard] == kinds
    for event in heard:
        if "message" in event:
            message = event["message"]
            assert (message["is_echo"], message["metadata"]) == (True, "utterance-42")
            assert (message["mid"], event["sender"]["id"]) == (mid, PAGE)
        elif "delivery" in event:
            assert event["delivery"]["mids"] == [mid]


def test_an_echo_may_come_before_the_answer(open_meta: MetaStandIn, guide: Guide) -> None:
    open_meta.plan = lambda _: Receipts(before_answer=True)
    say(open_meta)
    assert len(guide.sent) == 3


def test_verification(meta: MetaStandIn) -> None:
    assert meta.verify(challenge="1158201444").text == "1158201444"
    assert meta.verify("wrong").status_code == 403
