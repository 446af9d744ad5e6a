"""Messenger from end to end: real processes, and a provider that behaves as Meta says."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from conversations.store.tables import AddressRow
from tests.end_to_end.conftest import MESSENGER_PATH, PAGE, SECRET, VERIFY, Reached, until
from tests.standins.faults import Fault
from tests.standins.meta import Receipts
from tests.standins.meta_events import encode, new_mid, signatures

_LONGEST_TEXT, _MOST_BUTTONS, _LONGEST_TITLE = 2000, 13, 20
PASSPORT = {"da": "hvad koster et pas til en voksen?", "en": "how much is a passport for an adult?"}


def buttons(message: Any) -> list[str]:
    return [button["payload"] for button in message.message.get("quick_replies", [])]


# --- asking


@pytest.mark.parametrize(
    ("language", "machine", "price"),
    [
        ("da", "Jeg er en maskine, ikke et menneske.", "891 kr."),
        ("en", "I am a machine, not a person.", "891 DKK"),
    ],
)
def test_an_answer_is_introduced_once_and_has_buttons(
    reached: Reached, language: str, machine: str, price: str
) -> None:
    thread = reached.thread()
    introduction, answer = thread.say(PASSPORT[language])
    assert machine in introduction.text
    assert price in answer.text
    assert buttons(answer) == ["ask:pas-voksen:how", "ask:pas-voksen:documents", "human"]
    assert {message.messaging_type for message in thread.inbox} == {"RESPONSE"}
    later = thread.say("hej" if language == "da" else "hello")
    assert not [message for message in later if machine in message.text]


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_quick_reply_is_the_choice_on_it(reached: Reached, language: str) -> None:
    thread = reached.thread()
    offer = thread.say(PASSPORT[language])[-1]
    [answer] = thread.tap(offer, 1)
    last = reached.books.messages(thread.psid)[-1]
    assert (last.reply, last.service, last.language) == (
        "service_documents",
        "pas-voksen",
        language,
    )
    assert answer.text
    # In full, though the button had to be cut.
    title = {"da": "Hvad skal jeg have med?", "en": "What must I bring?"}[language]
    assert reached.books.heard(thread.psid)[-1] == title


@pytest.mark.parametrize("typed", ["2", "nr 2", "Hvad skal jeg have med?"])
def test_a_choice_can_be_typed_as_well(reached: Reached, typed: str) -> None:
    thread = reached.thread()
    thread.say(PASSPORT["da"])
    thread.say(typed)
    assert reached.books.said(thread.psid)[-1] == "service_documents"


def test_a_second_question_is_about_the_same_service(reached: Reached) -> None:
    thread = reached.thread()
    thread.say(PASSPORT["da"])
    thread.say("og hvor lang tid tager det?")
    last = reached.books.messages(thread.psid)[-1]
    assert (last.reply, last.service) == ("service_time", "pas-voksen")


def test_get_started_is_a_welcome(reached: Reached) -> None:
    thread = reached.thread()
    [welcome] = thread.send(reached.meta.events.postback(thread.psid, "get_started", "Kom i gang"))
    assert "maskine" in welcome.text
    assert len(thread.say(PASSPORT["da"])) == 1


def test_a_button_of_the_page_is_a_choice(reached: Reached) -> None:
    thread = reached.thread()
    event = reached.meta.events.postback(thread.psid, "service:pas-voksen", "Pas")
    assert thread.send(event)
    assert reached.books.messages(thread.psid)[-1].service == "pas-voksen"


@pytest.mark.parametrize("payload", ["service:nowhere", "x" * 500, "\u0000", "ask:pas-voksen:x"])
def test_a_button_of_somebody_else_says_what_stands_on_it(reached: Reached, payload: str) -> None:
    thread = reached.thread()
    assert thread.send(reached.meta.events.postback(thread.psid, payload, PASSPORT["da"]))
    assert reached.books.heard(thread.psid) == [PASSPORT["da"]]
    assert reached.books.said(thread.psid)[-1] == "service_cost"


@pytest.mark.parametrize("kind", ["image", "audio", "video", "file", "fallback"])
def test_an_attachment_is_answered_politely(reached: Reached, kind: str) -> None:
    thread = reached.thread()
    assert thread.send(reached.meta.events.attachment(thread.psid, kind))
    assert reached.books.said(thread.psid)[-1] == "no_pictures"


def test_stop_is_a_word_like_any_other(reached: Reached) -> None:
    thread = reached.thread()
    assert thread.say("stop")
    assert thread.say(PASSPORT["da"])
    assert not reached.books.stopped(thread.psid)


@pytest.mark.parametrize(
    ("text", "telling"),
    [("hvordan søger jeg sygedagpenge?", "syge"), ("how do I get a divorce?", "divorce")],
)
def test_what_is_private_is_not_told_to_a_third_party(
    reached: Reached, text: str, telling: str
) -> None:
    thread = reached.thread()
    answer = thread.say(text)[-1]
    assert "https://guide.example/s/" in answer.text
    said = " ".join(json.dumps(message.message, ensure_ascii=False) for message in thread.inbox)
    assert telling not in said.casefold()
    assert set(buttons(answer)) <= {"human"}


@pytest.mark.parametrize(
    ("text", "number"), [("jeg vil ikke leve mere", "Ring 112"), ("I want to die", "Call 112")]
)
def test_danger_is_answered_with_the_number_to_call_before_anything_else(
    reached: Reached, text: str, number: str
) -> None:
    assert reached.thread().say(text)[0].text.startswith(number)


@pytest.mark.parametrize(
    "text",
    [
        "EU residence document",
        "EU-opholdsbevis",
        "CPR number for EU citizens",
        "plads til barn",
        "jeg er flyttet",
        "hjælp til økonomi",
        "kan jeg skifte sprog?",
        "hvilken bydel bor jeg i?",
        "jeg skal have barn",
        "Ile kosztuje paszport?",
        "😀" * 900,
    ],
)
def test_every_answer_is_one_that_meta_takes(reached: Reached, text: str) -> None:
    thread = reached.thread()
    refused = reached.meta.requests["100"]
    messages = thread.say(text)
    assert messages
    assert reached.meta.requests["100"] == refused
    for message in messages:
        titles = [button["title"] for button in message.message.get("quick_replies", [])]
        # In 16-bit units, which is the most that "characters" can mean.
        assert len(message.text.encode("utf-16-le")) // 2 <= _LONGEST_TEXT
        assert len(titles) <= _MOST_BUTTONS
        assert all(0 < len(title) <= _LONGEST_TITLE for title in titles)
        assert len(set(titles)) == len(titles)


def test_the_longest_answer_arrives_whole(reached: Reached) -> None:
    thread = reached.thread()
    messages = thread.say("EU-opholdsbevis")[1:]
    kept = next(row for row in reached.books.messages(thread.psid) if row.service)
    assert len(kept.text) > 1000
    arrived = " ".join(" ".join(message.text for message in messages).split())
    assert " ".join(kept.text.split()) in arrived
    assert all(not buttons(message) for message in messages[:-1])
    assert buttons(messages[-1])


def test_the_citizen_sees_that_the_guide_writes(reached: Reached) -> None:
    thread = reached.thread()
    thread.say("hej")
    until(lambda: len([who for who, _ in reached.meta.actions if who == thread.psid]) == 2)
    shown = [action for who, action in reached.meta.actions if who == thread.psid]
    assert shown == ["mark_seen", "typing_on"]


def test_an_answer_does_not_need_the_writing_to_be_shown(reached: Reached) -> None:
    thread = reached.thread()
    reached.meta.action_faults.extend([Fault.server_error, Fault.reset_before, Fault.throttled])
    assert thread.say("hej")
    assert thread.say(PASSPORT["da"])


# --- batches


def test_everything_in_a_batch_is_heard_in_order(reached: Reached) -> None:
    first, second = reached.thread(), reached.thread()
    make = reached.meta.events
    broken: dict[str, Any] = {"sender": {"id": first.psid}, "message": {"mid": 7, "text": "x"}}
    batch = [
        make.text(first.psid, "hej"),
        make.read(first.psid),
        make.text(second.psid, "hello there"),
        make.unknown(first.psid),
        make.text(first.psid, PASSPORT["da"]),
        make.echo(first.psid, "en medarbejder skriver"),
        make.delivery(first.psid, None),
        make.text(first.psid, "farvel"),
        make.text(second.psid, "goodbye"),
    ]
    body = make.batch(batch, entries=3)
    body["entry"].insert(1, {"id": "999", "time": 1, "messaging": [make.text("1", "andre")]})
    body["entry"].insert(1, "no entry")
    body["entry"][0]["messaging"][1:1] = [broken, None, [], "x", {"sender": {"id": first.psid}}]
    body["entry"][-1]["standby"] = [make.text(first.psid, "på standby")]
    reached.meta._hear(batch)
    assert reached.meta.post(encode(body)).status_code == 200
    first.answers(), second.answers()
    assert reached.books.heard(first.psid) == ["hej", PASSPORT["da"], "farvel"]
    assert reached.books.heard(second.psid) == ["hello there", "goodbye"]
    wanted = ["greet", "service_cost", "bye"]
    assert [key for key in reached.books.said(first.psid) if key in wanted] == wanted
    deliveries = reached.books.deliveries(first.psid)
    assert [row.provider_id for row in deliveries] == [message.mid for message in first.inbox]
    assert not reached.books.heard("1")


def test_a_standby_entry_is_not_for_us(reached: Reached) -> None:
    thread = reached.thread()
    body = {
        "object": "page",
        "entry": [
            {"id": PAGE, "time": 1, "standby": [reached.meta.events.text(thread.psid, "hej")]}
        ],
    }
    before = reached.books.counts()
    assert reached.meta.post(encode(body)).status_code == 200
    assert reached.books.counts() == before


@pytest.mark.parametrize(
    "kind",
    [
        "reaction", "referral", "optin", "account_linking", "message_edit", "pass_thread_control",
        "policy_enforcement", "message_context_update", "messaging_customer_information",
    ],
)  # fmt: skip
def test_what_is_no_message_leaves_nothing(reached: Reached, kind: str) -> None:
    before = reached.books.counts()
    thread = reached.thread()
    assert reached.meta.send([reached.meta.events.unknown(thread.psid, kind)]).is_success
    assert reached.books.counts() == before


@pytest.mark.parametrize("copies", [4])
def test_copies_at_once_are_one_message(reached: Reached, copies: int) -> None:
    thread = reached.thread()
    event = reached.meta.events.text(thread.psid, PASSPORT["da"])
    reached.meta.deliver([event], duplicates=copies, at_once=True)
    assert len(thread.answers()) == 2
    assert reached.books.heard(thread.psid) == [PASSPORT["da"]]
    assert thread.send(event) == []


def test_two_batches_at_once_that_share_a_message(reached: Reached) -> None:
    thread = reached.thread()
    make = reached.meta.events
    shared = make.text(thread.psid, "hej")
    batches = [[shared, make.text(thread.psid, f"nummer {n}")] for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(reached.meta.deliver, batches))
    thread.answers()
    heard = reached.books.heard(thread.psid)
    assert Counter(heard) == Counter(["hej", *(f"nummer {n}" for n in range(4))])
    assert heard[0] == "hej"


def test_a_tap_without_an_id_is_heard_once(reached: Reached) -> None:
    thread = reached.thread()
    thread.say("hej")
    event = reached.meta.events.postback(thread.psid, "service:pas-voksen", "Pas")
    body = reached.meta.events.batch([event])
    del event["postback"]["mid"]
    for _ in range(3):
        assert reached.meta.post(encode(body)).is_success
    thread.answers()
    assert len(reached.books.heard(thread.psid)) == 2


# --- what becomes of an answer


def test_arrived_and_read(reached: Reached) -> None:
    thread = reached.thread()
    thread.say(PASSPORT["da"])
    until(lambda: set(reached.books.states(thread.psid)) == {"delivered"})
    assert reached.meta.read(thread.psid).is_success
    until(lambda: set(reached.books.states(thread.psid)) == {"read"})
    # What is late tells nothing new.
    mids = [message.mid for message in thread.inbox]
    assert reached.meta.delivery(thread.psid, mids).is_success
    assert set(reached.books.states(thread.psid)) == {"read"}


def test_reading_is_not_of_what_came_later(reached: Reached) -> None:
    thread = reached.thread()
    thread.say("hej")
    moment = int(dt.datetime.now(dt.UTC).timestamp() * 1000)
    thread.say("farvel")
    reached.meta.read(thread.psid, watermark=moment)
    states = reached.books.states(thread.psid)
    assert states[:2] == ["read", "read"]
    assert "read" not in states[2:]


@pytest.mark.parametrize(
    "plan",
    [
        Receipts(copies=3),
        Receipts(before_answer=True),
        Receipts(echo=False, delay=0.5),
        Receipts(delay=0.2),
        Receipts(echo=False, before_answer=True),
    ],
    ids=repr,
)
def test_receipts_lead_forward(reached: Reached, plan: Receipts) -> None:
    thread = reached.thread()
    reached.meta.plan = lambda _: plan
    messages = thread.say(PASSPORT["da"])
    until(lambda: set(reached.books.states(thread.psid)) == {"delivered"}, seconds=10)
    rows = reached.books.deliveries(thread.psid)
    assert [row.provider_id for row in rows] == [message.mid for message in messages]


def test_an_echo_tells_what_the_answer_could_not(reached: Reached) -> None:
    thread = reached.thread()
    thread.say("hej")
    reached.meta.plan = lambda _: Receipts(delivery=False, before_answer=True)
    reached.meta.faults.extend([Fault.reset_after])
    listed = reached.meta.requests["listed"]
    [answer] = thread.say("farvel")
    row = reached.books.deliveries(thread.psid)[-1]
    assert (row.state, row.provider_id) == ("sent", answer.mid)
    assert reached.meta.requests["listed"] == listed


def test_an_echo_of_somebody_else_is_nothing(reached: Reached) -> None:
    thread = reached.thread()
    thread.say("hej")
    before = reached.books.counts()
    make = reached.meta.events
    for metadata in (None, "", "0" * 32, "x", "f" * 1000):
        reached.meta.send([make.echo(thread.psid, "hej", app_id=7, metadata=metadata)])
    assert reached.books.counts() == before
    assert thread.answers() == []


def test_every_reply_arrives_once_whatever_fails_on_the_way(reached: Reached) -> None:
    faults = [*(fault for fault in Fault if not fault.name.startswith("timeout")), None]
    threads = [reached.thread() for _ in faults]
    reached.meta.slow_seconds = 0.5
    reached.meta.plan = lambda _: Receipts(echo=False, delivery=False)
    reached.meta.faults.extend([*faults, *faults])
    before = reached.meta.requests
    for thread in threads:
        reached.meta.deliver([reached.meta.events.text(thread.psid, PASSPORT["da"])])
    for thread in threads:
        messages = thread.answers(90)
        rows = reached.books.deliveries(thread.psid)
        assert [row.payload["text"] for row in rows] == [message.text for message in messages]
        assert [row.provider_id for row in rows] == [message.mid for message in messages]
    met = reached.meta.requests - before
    assert {fault.name for fault in faults if fault is not None} <= set(met)


# --- the window of 24 hours


def test_nothing_is_sent_when_the_citizen_has_been_silent_for_a_day(reached: Reached) -> None:
    thread, meta = reached.thread(), reached.meta
    thread.say("hej")
    meta.stop()
    try:
        meta.send([meta.events.text(thread.psid, "farvel")])
        until(lambda: reached.books.said(thread.psid)[-1] == "bye")
        long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=24, minutes=5)
        reached.books.change(
            update(AddressRow).where(AddressRow.address == thread.psid).values(heard_at=long_ago)
        )
    finally:
        meta.start()
    refused = meta.requests["10"]
    assert thread.answers(60) == []
    row = reached.books.deliveries(thread.psid)[-1]
    assert row.state == "rejected"
    assert row.error is not None
    assert "24 hours" in row.error
    assert meta.requests["10"] == refused
    # Their next word opens it again.
    assert thread.say(PASSPORT["da"])


def test_metas_own_clock_counts(reached: Reached) -> None:
    thread, meta = reached.thread(), reached.meta
    thread.say("hej")
    meta.stop()
    try:
        meta.send([meta.events.text(thread.psid, "farvel")])
        until(lambda: reached.books.said(thread.psid)[-1] == "bye")
        meta.age(thread.psid, dt.timedelta(hours=25))
    finally:
        meta.start()
    assert thread.answers(60) == []
    row = reached.books.deliveries(thread.psid)[-1]
    assert row.state == "rejected"
    assert (row.error or "").startswith("10/2018278")
    assert thread.say(PASSPORT["da"])


def test_whoever_blocks_the_page_gets_nothing_and_nobody_else_waits(reached: Reached) -> None:
    thread, other = reached.thread(), reached.thread()
    reached.meta.blocked.add(thread.psid)
    assert thread.say("hej") == []
    assert set(reached.books.states(thread.psid)) == {"rejected"}
    assert other.say("hej")


# --- who may post


def test_the_subscription_is_confirmed_to_who_knows_the_token(reached: Reached) -> None:
    answer = reached.meta.verify(challenge="1158201444")
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("token", ["", "wrong", VERIFY + "x", VERIFY.upper(), "æøå", "\u0000"])
def test_the_subscription_is_refused_to_others(reached: Reached, token: str) -> None:
    answer = reached.meta.verify(token, challenge="1158201444")
    assert answer.status_code == 403
    assert "1158201444" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"hub.verify_token": VERIFY},
        {"hub.verify_token": VERIFY, "hub.mode": "subscribe"},
        {"hub.verify_token": VERIFY, "hub.mode": "unsubscribe", "hub.challenge": "1"},
    ],
)
def test_half_a_subscription_is_none(reached: Reached, query: dict[str, str]) -> None:
    assert httpx.get(reached.stack.url + MESSENGER_PATH, params=query).status_code == 403


def test_what_meta_did_not_sign_is_refused_and_leaves_nothing(reached: Reached) -> None:
    thread, meta = reached.thread(), reached.meta
    body = encode(meta.events.batch([meta.events.text(thread.psid, "hej på dig")]))
    right = signatures(SECRET, body)
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    before = reached.books.counts()
    name = "X-Hub-Signature-256"
    refused = {
        "none": meta.post(body, headers={}),
        "empty": meta.post(body, headers={name: ""}),
        "SHA-1 only": meta.post(body, headers={"X-Hub-Signature": right["X-Hub-Signature"]}),
        "SHA-1 in its place": meta.post(body, headers={name: right["X-Hub-Signature"]}),
        "another secret": meta.post(body, headers=signatures("other", body)),
        "no scheme": meta.post(body, headers={name: digest}),
        "upper case": meta.post(body, headers={name: f"sha256={digest.upper()}"}),
        "cut": meta.post(body, headers={name: f"sha256={digest[:-1]}"}),
        "another body": meta.post(body + b" ", headers=right),
        "written anew": meta.post(
            json.dumps(json.loads(body), ensure_ascii=False).encode(), headers=right
        ),
    }
    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(
        refused, 403
    )
    assert reached.books.counts() == before
    assert meta.post(body).status_code == 200
    thread.answers()
    assert reached.books.heard(thread.psid) == ["hej på dig"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"7", b'"page"', b"{}", b'{"object": "page"}', b"\xff\xfe",
        b'{"object": "page", "entry": {}}', b'{"object": "instagram", "entry": []}',
        b"[" * 100_000, b'{"object": "page", "entry": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_a_signed_body_that_is_no_batch_is_not_to_be_read(reached: Reached, body: bytes) -> None:
    before = reached.books.counts()
    assert reached.meta.post(body).status_code == 400
    assert reached.books.counts() == before


def test_a_new_id_each_time_is_a_new_message(reached: Reached) -> None:
    thread = reached.thread()
    make = reached.meta.events
    thread.send(*(make.text(thread.psid, "hej", mid=new_mid()) for _ in range(3)))
    assert reached.books.heard(thread.psid) == ["hej"] * 3
