"""Text messages from end to end: real processes, and a provider that behaves as Twilio says."""

from __future__ import annotations

import random
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from conversations.redaction import MASK
from tests.end_to_end.conftest import (
    ACCOUNT,
    NUMBER,
    PUBLIC,
    SMS_PATH,
    TOKEN,
    Phone,
    Reached,
    until,
)
from tests.standins.faults import Fault
from tests.standins.segments import segments
from tests.standins.twilio import Callbacks, new_sid
from tests.standins.twilio_messages import inbound_form, signature

_MOST_SEGMENTS = 3
_FLOOD = 100
_BURST = 20
"""The default of ``message_burst``."""
PASSPORT = {"da": "hvad koster et pas til en voksen?", "en": "how much is a passport for an adult?"}


def log_of(reached: Reached) -> str:
    return (reached.stack.folder / "gateway.log").read_text(errors="replace")


# --- asking


@pytest.mark.parametrize(
    ("language", "machine", "more", "price"),
    [
        ("da", "Jeg er en maskine, ikke et menneske.", "Hele svaret:", "891 kr."),
        ("en", "I am a machine, not a person.", "The whole answer:", "891 DKK"),
    ],
)
def test_an_answer_is_introduced_once_and_leads_to_the_web(
    reached: Reached, language: str, machine: str, more: str, price: str
) -> None:
    phone = reached.phone()
    introduction, answer = phone.say(PASSPORT[language])
    assert machine in introduction
    assert price in answer
    assert answer.splitlines()[-1].startswith(f"{more} {PUBLIC}/s/")
    later = phone.say("hej" if language == "da" else "hello")
    assert not [body for body in later if machine in body]
    assert {sms.from_ for sms in phone.inbox} == {NUMBER}


@pytest.mark.parametrize(
    ("language", "follow_up"),
    [("da", "og hvor lang tid tager det?"), ("en", "and how long does it take?")],
)
def test_a_second_question_is_about_the_same_service(
    reached: Reached, language: str, follow_up: str
) -> None:
    phone = reached.phone()
    phone.say(PASSPORT[language])
    [answer] = phone.say(follow_up)
    last = reached.books.messages(phone.number)[-1]
    assert (last.reply, last.service, last.language) == ("service_time", "pas-voksen", language)
    assert answer.startswith("Pas til voksne" if language == "da" else "Passport for adults")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("da", "hvad koster et pas til en voksen?"),
        ("da", "jeg er flyttet"),
        ("da", "EU-opholdsbevis"),
        ("da", "affald"),
        ("da", "hvilken bydel bor jeg i?"),
        ("da", "hvem er du?"),
        ("da", "jeg vil ikke leve mere"),
        ("en", "EU residence document"),
        ("en", "I have moved"),
        ("en", "CPR number for EU citizens"),
        ("en", "what can you do?"),
    ],
)
def test_no_message_costs_more_than_three_segments(
    reached: Reached, language: str, text: str
) -> None:
    bodies = reached.phone().say(text)
    assert bodies
    assert {body: segments(body) for body in bodies if segments(body) > _MOST_SEGMENTS} == {}


@pytest.mark.parametrize(
    ("language", "typed", "reply"),
    [
        ("da", "2", "service_documents"),
        ("da", "2 tak", "service_documents"),
        ("da", "nr 1", "service_how"),
        ("da", "Hvad skal jeg have med?", "service_documents"),
        ("en", "2", "service_documents"),
        ("en", "no 1", "service_how"),
        ("en", "2 thanks", "service_documents"),
    ],
)
def test_a_choice_is_made_by_its_number(
    reached: Reached, language: str, typed: str, reply: str
) -> None:
    phone = reached.phone()
    offer = phone.say(PASSPORT[language])[-1]
    assert [line[:2] for line in offer.splitlines()[-4:-1]] == ["1.", "2.", "3."]
    phone.say(typed)
    last = reached.books.messages(phone.number)[-1]
    assert (last.reply, last.service, last.language) == (reply, "pas-voksen", language)


@pytest.mark.parametrize("typed", ["3", "nr 3", "menneske"])
def test_the_way_to_a_person_can_be_typed(reached: Reached, typed: str) -> None:
    phone = reached.phone()
    phone.say(PASSPORT["da"])
    assert phone.say(typed)
    assert reached.books.said(phone.number)[-1].startswith(("human", "handover"))


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("hvordan søger jeg sygedagpenge?", "syge"),
        ("hvordan bliver vi skilt?", "skil"),
        ("how do I apply for sickness benefit?", "sick"),
        ("how do I get a divorce?", "divorce"),
    ],
)
def test_what_is_private_is_not_told_on_a_phone(reached: Reached, text: str, telling: str) -> None:
    phone = reached.phone()
    bodies = phone.say(text)
    assert f"{PUBLIC}/s/" in bodies[-1]
    assert not [body for body in bodies if telling in body.casefold()]
    # The whole of it stands where the link leads.
    [kept] = [row for row in reached.books.messages(phone.number) if row.service]
    assert telling in kept.text.casefold()


@pytest.mark.parametrize(
    "text",
    [
        "Ile kosztuje paszport dla dorosłego?",
        "كم تكلفة جواز السفر؟",
        "护照多少钱?",
        "😀😀😀",
        "\u202eהדרכון\u200f",
        "ﷺ\u0301\u0302" * 30,
        "?",
        "0",
        "-1",
    ],
)
def test_a_language_that_the_guide_does_not_speak_is_answered_all_the_same(
    reached: Reached, text: str
) -> None:
    phone = reached.phone()
    bodies = phone.say(text)
    assert bodies
    assert all(segments(body) <= _MOST_SEGMENTS for body in bodies)
    assert reached.books.said(phone.number)[0] == "welcome_short"
    assert set(reached.books.states(phone.number)) <= {"sent", "delivered"}


# --- what is no question


@pytest.mark.parametrize(
    ("text", "media", "reply"),
    [
        ("", 0, "empty"),
        ("   \n ", 0, "empty"),
        ("", 1, "no_pictures"),
        ("", 10, "no_pictures"),
        ("x" * 2001, 0, "too_long"),
        ("hvad koster det? " * 500, 0, "too_long"),
    ],
)
def test_what_cannot_be_read_is_answered_politely(
    reached: Reached, text: str, media: int, reply: str
) -> None:
    phone = reached.phone()
    assert phone.say(text, media=media)
    assert reached.books.said(phone.number)[-1] == reply
    assert all(len(heard) <= 2000 for heard in reached.books.heard(phone.number))


def test_a_text_beside_a_picture_is_answered(reached: Reached) -> None:
    phone = reached.phone()
    phone.say(PASSPORT["da"], media=1)
    assert reached.books.said(phone.number)[-1] == "service_cost"


@pytest.mark.parametrize(("first", "media"), [("", 1), ("", 0), ("hjælp", 0), ("START", 0)])
def test_whoever_begins_with_no_question_is_introduced_to_as_well(
    reached: Reached, first: str, media: int
) -> None:
    phone = reached.phone()
    phone.say(first, media=media)
    phone.say(PASSPORT["da"])
    assert [body for body in phone.bodies if "maskine" in body]


def test_a_personal_number_is_masked_everywhere(reached: Reached) -> None:
    phone = reached.phone()
    bodies = phone.say("mit cpr er 010190-1234, hvad koster et pas til en voksen?")
    assert [row for row in reached.books.said(phone.number) if row == "cpr_removed"]
    [heard] = reached.books.heard(phone.number)
    assert MASK in heard
    kept = [heard, *bodies, *(str(row.payload) for row in reached.books.deliveries(phone.number))]
    assert not [text for text in kept if "010190" in text or "1234" in text]
    assert "010190" not in log_of(reached)


def test_the_log_tells_neither_numbers_nor_texts(reached: Reached) -> None:
    phone = reached.phone()
    phone.say("zebrastribet hvad koster et pas til en voksen?")
    log = log_of(reached)
    assert phone.number not in log
    assert phone.number.removeprefix("+45") not in log
    assert "zebrastribet" not in log
    assert phone.bodies[-1].splitlines()[-1] not in log


@pytest.mark.parametrize("sender", ["KBHKOMMUNE", "1234", "whatsapp:+4520123456", "", "+45 abc"])
def test_who_cannot_be_answered_leaves_nothing(reached: Reached, sender: str) -> None:
    before = reached.books.counts()
    assert reached.twilio.text(sender, "hej").is_success
    assert reached.books.counts() == before


# --- danger


@pytest.mark.parametrize(
    ("language", "text"), [("da", "jeg vil ikke leve mere"), ("en", "I want to kill myself")]
)
@pytest.mark.parametrize("first", [True, False])
def test_danger_is_answered_with_the_number_to_call_before_anything_else(
    reached: Reached, language: str, text: str, first: bool
) -> None:
    phone = reached.phone()
    if not first:
        phone.say(PASSPORT[language])
    numbers = phone.say(text)[0]
    assert numbers.startswith("Ring 112" if language == "da" else "Call 112")
    assert "70 20 12 01" in numbers
    crisis = [key for key in reached.books.said(phone.number) if key.startswith("crisis_")]
    assert crisis == ["crisis_self_harm"]


def test_danger_is_heard_from_whoever_writes_too_much(reached: Reached) -> None:
    phone = reached.phone()
    for n in range(_BURST + 3):
        phone.write(f"hej {n}")
    phone.write("jeg vil ikke leve mere")
    assert [body for body in phone.answers() if body.startswith("Ring 112")]


# --- stop, start, help


@pytest.mark.parametrize(
    ("stop", "start", "language"),
    [("afmeld", "tilmeld", "da"), ("Stop alt!", "START", "da"), ("opt out", "unstop", "en")],
)
def test_after_a_stop_there_is_a_confirmation_and_then_silence(
    reached: Reached, stop: str, start: str, language: str
) -> None:
    phone = reached.phone()
    phone.say(PASSPORT[language])
    [confirmation] = phone.say(stop)
    assert "START" in confirmation
    assert reached.books.stopped(phone.number)
    assert phone.say(PASSPORT[language]) == []
    assert reached.books.said(phone.number)[-1] == "service_cost"
    assert reached.books.states(phone.number)[-1] == "stopped"
    [welcome] = phone.say(start)
    assert "STOP" in welcome
    assert len(phone.say(PASSPORT[language])) == 1


def test_numbers_to_call_reach_also_whoever_has_stopped(reached: Reached) -> None:
    phone = reached.phone()
    phone.say("afmeld")
    bodies = phone.say("jeg vil ikke leve mere")
    assert bodies[0].startswith("Ring 112")
    assert not [body for body in bodies[1:] if not body.startswith("Ring 112")]


def test_what_waits_to_be_sent_is_not_sent_after_a_stop(reached: Reached) -> None:
    phone = reached.phone()
    reached.twilio.faults.extend([Fault.throttled, Fault.throttled])
    before = reached.twilio.requests["throttled"]
    phone.write("hej")
    until(lambda: reached.twilio.requests["throttled"] > before)
    phone.write("afmeld")
    reached.twilio.faults.clear()
    bodies = phone.answers()
    assert [body for body in bodies if "START" in body] == bodies
    assert reached.books.states(phone.number)[0] == "stopped"


@pytest.mark.parametrize("word", ["STOP", "stop"])
def test_twilios_own_stop_is_a_stop(reached: Reached, word: str) -> None:
    phone = reached.phone()
    phone.say("hej")
    # Twilio lets nothing through from here on, not even a confirmation.
    assert phone.say(word) == []
    assert reached.books.stopped(phone.number)
    refused = reached.twilio.requests["21610"]
    assert phone.say("hej") == []
    assert reached.twilio.requests["21610"] == refused
    assert phone.say("START")
    assert phone.say("hej")


@pytest.mark.parametrize("kind", ["STOP", "START", "HELP"])
def test_what_twilio_has_answered_is_not_answered_again(reached: Reached, kind: str) -> None:
    phone = reached.phone()
    phone.say("hej")
    assert phone.say(kind, extra={"OptOutType": kind}) == []
    assert reached.books.stopped(phone.number) == (kind == "STOP")


def test_a_refusal_by_twilio_is_a_stop_that_nobody_told_us(reached: Reached) -> None:
    phone = reached.phone()
    reached.twilio.opted_out.add(phone.number)
    refused = reached.twilio.requests["21610"]
    assert phone.say("hej") == []
    assert reached.books.stopped(phone.number)
    assert reached.twilio.requests["21610"] == refused + 1
    assert set(reached.books.states(phone.number)) == {"stopped"}
    assert phone.say("START")
    assert not reached.books.stopped(phone.number)


def test_a_stop_told_by_a_status_is_a_stop(reached: Reached) -> None:
    phone = reached.phone()
    reached.twilio.plan = lambda _: Callbacks(statuses=("failed",), error_code=21610)
    phone.say("hej")
    until(lambda: reached.books.stopped(phone.number))


@pytest.mark.parametrize(
    ("language", "word"), [("da", "hjælp"), ("da", "Hjælp!"), ("en", "help"), ("en", "INFO")]
)
def test_help_says_who_answers_and_how_to_stop(reached: Reached, language: str, word: str) -> None:
    phone = reached.phone()
    phone.say("hej" if language == "da" else "hello, how are you?")
    [help_text] = phone.say(word)
    assert "112" in help_text
    assert "Borgerguiden" in help_text
    assert "STOP" in help_text
    assert reached.books.messages(phone.number)[-1].language == language


@pytest.mark.parametrize("text", ["hjælp mig", "hvordan stopper jeg min ydelse?", "stop lige"])
def test_a_sentence_is_no_keyword(reached: Reached, text: str) -> None:
    phone = reached.phone()
    assert phone.say(text)
    assert not reached.books.stopped(phone.number)
    assert "channel_help" not in reached.books.said(phone.number)


# --- once, whatever the provider does


def test_five_copies_at_once_are_one_message(reached: Reached) -> None:
    phone = reached.phone()
    phone.write(PASSPORT["da"], sid=new_sid(), duplicates=4, at_once=True)
    assert len(phone.answers()) == 2
    assert len(reached.books.heard(phone.number)) == 1
    assert reached.books.said(phone.number) == ["welcome_short", "service_cost"]


def test_a_late_copy_is_nothing_new(reached: Reached) -> None:
    phone, sid = reached.phone(), new_sid()
    phone.say("hej", sid=sid)
    assert phone.say("hej", sid=sid, duplicates=2) == []
    assert len(reached.books.heard(phone.number)) == 1


def test_first_messages_at_the_same_moment_are_one_conversation(reached: Reached) -> None:
    phone = reached.phone()
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(phone.write, [f"hej {n}" for n in range(5)]))
    phone.answers()
    rows = reached.books.messages(phone.number)
    assert len({row.conversation_id for row in rows}) == 1
    assert sorted(reached.books.heard(phone.number)) == [f"hej {n}" for n in range(5)]
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))


@pytest.mark.parametrize(
    ("plan", "state", "error"),
    [
        (Callbacks(), "delivered", None),
        (Callbacks(("delivered", "sent", "sending", "queued")), "delivered", None),
        (Callbacks(("queued", "sent", "delivered"), copies=3), "delivered", None),
        (Callbacks(("sent", "delivered", "read"), shuffle=random.Random(3)), "read", None),
        (Callbacks(("sent", "undelivered"), error_code=30003, delay=0.5), "failed", "30003"),
        (Callbacks(("undelivered", "sent"), 30003, copies=2, delay=0.5), "failed", "30003"),
        (Callbacks(("delivered", "failed"), error_code=30008), "delivered", None),
        (Callbacks(before_answer=True), "delivered", None),
        (Callbacks(("failed",), error_code=30005, before_answer=True), "failed", "30005"),
        (Callbacks(("sent", "thrown away")), "sent", None),
    ],
    ids=lambda value: "-".join(value.statuses) if isinstance(value, Callbacks) else None,
)
def test_reports_lead_forward_whatever_their_order(
    reached: Reached, plan: Callbacks, state: str, error: str | None
) -> None:
    phone = reached.phone()
    reached.twilio.plan = lambda _: plan
    phone.say("hej")
    sids = {sms.sid for sms in phone.inbox}
    expected = len(plan.statuses) * plan.copies * len(sids)
    until(lambda: sum(told.message in sids for told in reached.twilio.callbacks) == expected)
    told = [told for told in reached.twilio.callbacks if told.message in sids]
    assert all(each.answer is not None and each.answer.status_code == 204 for each in told)
    # Our own write may come last: the log tells that it has come.
    ids = [row.public_id for row in reached.books.deliveries(phone.number)]
    until(lambda: all(public_id in log_of(reached) for public_id in ids))
    rows = reached.books.deliveries(phone.number)
    assert [row.state for row in rows] == [state] * len(sids)
    assert {row.provider_id for row in rows} == sids
    if error is not None:
        assert {row.error for row in rows} == {error}


def test_a_report_about_nothing_of_ours_is_taken_and_forgotten(reached: Reached) -> None:
    before = reached.books.counts()
    for query in ("", "?delivery=" + "0" * 32, "?delivery=x&delivery=%00", "?x=%ff"):
        form = {"AccountSid": ACCOUNT, "MessageSid": new_sid(), "MessageStatus": "delivered"}
        answer = reached.twilio.post(form, url=f"{PUBLIC}{SMS_PATH}/status{query}")
        assert answer.status_code == 204, query
    assert reached.books.counts() == before


@pytest.mark.parametrize("asking_fails", [False, True])
def test_every_reply_arrives_once_whatever_fails_on_the_way(
    reached: Reached, asking_fails: bool
) -> None:
    faults = [*(fault for fault in Fault if not fault.name.startswith("timeout")), None]
    phones = [reached.phone() for _ in faults]
    reached.twilio.slow_seconds = 0.5
    if asking_fails:
        reached.twilio.query_faults.extend([Fault.server_error, Fault.throttled, Fault.reset_after])
        reached.twilio.list_lag = 2.0
    reached.twilio.faults.extend([*faults, *faults])
    before = reached.twilio.requests
    for phone in phones:
        phone.write(PASSPORT["da"])
    arrived = [Counter(phone.answers(90)) for phone in phones]
    met = reached.twilio.requests - before
    assert {fault.name for fault in faults if fault is not None} <= set(met)
    for phone, bodies in zip(phones, arrived, strict=True):
        assert set(bodies.values()) == {1}, bodies
        rows = reached.books.deliveries(phone.number)
        assert [row.payload["body"] for row in rows] == phone.bodies
        assert [row.provider_id for row in rows] == [sms.sid for sms in phone.inbox]


@pytest.mark.timeout(120)
def test_a_provider_that_never_answers_does_not_get_it_twice(reached: Reached) -> None:
    accepted, lost = reached.phone(), reached.phone()
    reached.twilio.faults.extend([Fault.timeout_after, Fault.timeout_before])
    accepted.write("afmeld")  # answered at once, by one message
    until(lambda: reached.twilio.requests["timeout_after"] > 0)
    lost.write("afmeld")
    for phone in (accepted, lost):
        assert len(phone.answers(80)) == 1
        assert len(phone.inbox) == 1


def test_a_provider_that_was_away_gets_everything_in_order(reached: Reached) -> None:
    phone = reached.phone()
    phone.say("hej")
    reached.twilio.stop()
    try:
        for text in (PASSPORT["da"], "hjælp", "farvel"):
            phone.write(text)
        until(lambda: len(reached.books.deliveries(phone.number)) == 5)
        assert len(phone.inbox) == 2
    finally:
        reached.twilio.start()
    assert len(phone.answers(60)) == 3
    rows = reached.books.deliveries(phone.number)
    assert [row.payload["body"] for row in rows] == phone.bodies


# --- who may post


def test_what_twilio_did_not_sign_is_refused_and_leaves_nothing(reached: Reached) -> None:
    twilio, phone = reached.twilio, reached.phone()
    local = reached.stack.url + SMS_PATH
    form = inbound_form(ACCOUNT, phone.number, NUMBER, "hej", sid=new_sid(), media=0, service=None)
    right = signature(TOKEN, PUBLIC + SMS_PATH, form)
    before = reached.books.counts()
    refused = {
        "no signature": httpx.post(local, data=form),
        "empty": twilio.post(form, forged=""),
        "another token": twilio.post(form, forged=signature("x", PUBLIC + SMS_PATH, form)),
        "another text": twilio.post({**form, "Body": "farvel"}, forged=right),
        "one field more": twilio.post({**form, "OptOutType": "STOP"}, forged=right),
        "for where it arrived": twilio.post(form, signed_url=local),
        "for http": twilio.post(form, signed_url="http://guide.example" + SMS_PATH),
        "for the status": twilio.post(form, signed_url=f"{PUBLIC}{SMS_PATH}/status"),
        "for another query": twilio.post(form, signed_url=f"{PUBLIC}{SMS_PATH}?x=1"),
        "not ASCII": httpx.post(
            local, data=form, headers={b"X-Twilio-Signature": "\u00e6".encode()}
        ),
        "another account": twilio.post({**form, "AccountSid": "AC" + "1" * 32}),
        "no account": twilio.post({k: v for k, v in form.items() if k != "AccountSid"}),
        "a status": twilio.post(
            {"AccountSid": ACCOUNT, "MessageSid": "SM1", "MessageStatus": "delivered"},
            url=f"{PUBLIC}{SMS_PATH}/status",
            forged=right,
        ),
        "host of an attacker": httpx.post(
            local,
            data=form,
            headers={
                "X-Twilio-Signature": signature(TOKEN, "https://evil.example" + SMS_PATH, form),
                "Host": "evil.example",
                "X-Forwarded-Host": "evil.example",
                "X-Forwarded-Proto": "https",
            },
        ),
    }
    assert {name: answer.status_code for name, answer in refused.items()} == dict.fromkeys(
        refused, 403
    )
    assert reached.books.counts() == before
    assert phone.answers() == []


def test_the_address_that_is_signed_is_the_public_one_whatever_the_proxy_says(
    reached: Reached,
) -> None:
    phone = reached.phone()
    form = inbound_form(ACCOUNT, phone.number, NUMBER, "hej", sid=new_sid(), media=0, service=None)
    headers = {"X-Twilio-Signature": signature(TOKEN, PUBLIC + SMS_PATH, form)}
    assert httpx.post(reached.stack.url + SMS_PATH, data=form, headers=headers).is_success
    assert phone.answers()


@pytest.mark.parametrize("sid", ["", " ", "SM\n", "SM" + "a" * 200, "SM\u00e6"])
def test_a_signed_form_without_an_id_is_not_to_be_read(reached: Reached, sid: str) -> None:
    before = reached.books.counts()
    form = reached.twilio.form(reached.phone().number, "hej")
    assert reached.twilio.post({**form, "MessageSid": sid}).status_code == 400
    assert reached.books.counts() == before


# --- a flood


def test_a_hundred_messages_in_a_second_are_taken_and_few_are_answered(reached: Reached) -> None:
    phone = reached.phone()
    phone.say("hej")
    seconds: list[float] = []

    def post(n: int) -> int:
        time.sleep(n / _FLOOD)
        started = time.monotonic()
        answer = reached.twilio.text(phone.number, f"hej {n}")
        seconds.append(time.monotonic() - started)
        return answer.status_code

    started = time.monotonic()
    with ThreadPoolExecutor(_FLOOD) as pool:
        statuses = Counter(pool.map(post, range(_FLOOD)))
    took = time.monotonic() - started
    bodies = phone.answers(90)
    notices = [body for body in bodies if body.startswith("Du skriver meget hurtigt")]
    p50, p95 = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    print(
        f"\n{_FLOOD} webhooks in {took:.1f} s: p50 {p50 * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms,"
        f" at most {max(seconds) * 1000:.0f} ms; {len(bodies)} messages back,"
        f" {len(notices)} notices"
    )
    assert statuses == {200: _FLOOD}
    assert sorted(reached.books.heard(phone.number)[1:]) == sorted(f"hej {n}" for n in range(100))
    rows = reached.books.messages(phone.number)
    answered = {row.answers for row in rows if row.answers and row.reply != "slow_down"}
    # What is refilled while they come in: one every two seconds.
    assert len(answered) <= _BURST + took / 2 + 1
    # The aim is 200 ms on an idle machine, hence the figure above. However busy this one is, it
    # stays well below the 15 seconds after which Twilio gives up.
    assert p95 < 10
    assert notices


def test_a_flood_gets_one_notice(reached: Reached) -> None:
    phone = reached.phone()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(phone.write, ["hej"] * (_BURST + 5)))
    phone.answers()
    for _ in range(10):
        phone.write("hej")
    phone.answers()
    assert reached.books.said(phone.number).count("slow_down") == 1


def test_others_are_answered_during_a_flood(reached: Reached) -> None:
    loud, quiet = reached.phone(), reached.phone()
    with ThreadPoolExecutor(8) as pool:
        flood = pool.map(loud.write, [f"hej {n}" for n in range(60)])
        assert len(quiet.say(PASSPORT["en"])) == 2
        list(flood)
    loud.answers(60)


def test_messages_in_quick_succession_are_answered_in_their_order(reached: Reached) -> None:
    phone: Phone = reached.phone()
    phone.say("hej")
    texts = [PASSPORT["da"], "jeg er flyttet", "farvel"]
    for text in texts:
        phone.write(text)
    phone.answers()
    assert reached.books.heard(phone.number)[1:] == texts
    keys = ["service_cost", "service_overview", "bye"]
    assert [key for key in reached.books.said(phone.number) if key in keys] == keys
    kept = [row.text for row in reached.books.messages(phone.number) if row.reply in keys]
    for body, text in zip(phone.bodies[-3:], kept, strict=True):
        assert body.splitlines()[0] == text.splitlines()[0]
