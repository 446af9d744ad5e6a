"""Going on elsewhere: from the website to a phone and from a phone to the website."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import PUBLIC, Phone, Reached, until
from tests.stack import Citizen

_CODE = re.compile(r"\b\d{6}\b")
_TRIES = 5


@pytest.fixture
def browser(reached: Reached) -> Iterator[httpx.Client]:
    """Somebody else's browser: no script, no token."""
    with httpx.Client(base_url=reached.stack.url, timeout=30) as client:
        yield client


def ask_for_code(citizen: Citizen, phone: Phone, typed: str | None = None) -> str:
    """The code that arrives on the phone."""
    body = {"channel": "sms", "address": typed or phone.number}
    answer = citizen.http.post(f"{citizen.path}/continue", json=body, headers=citizen.headers)
    assert answer.status_code == 202, answer.text
    return code_in(phone)


def code_in(phone: Phone) -> str:
    [body] = phone.answers()
    [code] = _CODE.findall(body)
    return str(code)


def confirm(citizen: Citizen, code: str) -> httpx.Response:
    return citizen.http.post(
        f"{citizen.path}/continue/code", json={"code": code}, headers=citizen.headers
    )


def joined(reached: Reached, language: str = "da") -> tuple[Citizen, Phone]:
    citizen, phone = Citizen(reached.stack.url, language), reached.phone()
    assert confirm(citizen, ask_for_code(citizen, phone)).status_code == 204
    assert len(phone.answers()) == 1
    return citizen, phone


def texts(citizen: Citizen) -> list[str]:
    return [message["text"] for message in citizen.read()["messages"]]


def link_in(body: str) -> str:
    """The path of the short link at the end of a text message."""
    link = body.splitlines()[-1].rpartition(" ")[2]
    assert link.startswith(f"{PUBLIC}/s/")
    return link.removeprefix(PUBLIC)


# --- from the website to a phone


def test_the_website_says_where_one_can_go_on(reached: Reached) -> None:
    answer = httpx.get(f"{reached.stack.url}/api/web/continue")
    assert answer.json() == {"channels": ["sms"]}


@pytest.mark.parametrize(
    ("language", "question", "follow_up"),
    [
        ("da", "hvad koster et pas til en voksen?", "og hvor lang tid tager det?"),
        ("en", "how much is a passport for an adult?", "and how long does it take?"),
    ],
)
def test_a_phone_goes_on_where_the_website_was(
    reached: Reached, language: str, question: str, follow_up: str
) -> None:
    citizen, phone = Citizen(reached.stack.url, language), reached.phone()
    citizen.say(question)
    code = ask_for_code(citizen, phone)
    assert confirm(citizen, f" {code[:3]} {code[3:]} ").status_code == 204
    [welcome] = phone.answers()
    assert "STOP" in welcome
    [answer] = phone.say(follow_up)
    last = reached.books.messages(phone.number)[-1]
    assert (last.reply, last.service, last.language) == ("service_time", "pas-voksen", language)
    # The website shows it all, the phone only what was said there.
    view = citizen.read()["messages"]
    assert [message["text"] for message in view if message["author"] == "citizen"] == [
        question,
        follow_up,
    ]
    assert view[-1]["text"].startswith(answer.splitlines()[0])
    assert view[-1]["channel"] == "sms"


def test_an_answer_goes_to_where_it_was_asked(reached: Reached) -> None:
    citizen, phone = joined(reached)
    sent = len(phone.inbox)
    citizen.say("hvad koster et pas til en voksen?")
    assert len(phone.inbox) == sent
    phone.say("og hvor lang tid tager det?")
    assert len(phone.inbox) == sent + 1


@pytest.mark.parametrize(
    "form", ["{0} {1} {2} {3}", "{0}{1}{2}{3}", "+45{0}{1}-{2}{3}", "0045 {0}{1}{2}{3}"]
)
def test_a_number_is_typed_as_people_type_it(reached: Reached, form: str) -> None:
    citizen, phone = Citizen(reached.stack.url, "da"), reached.phone()
    digits = phone.number.removeprefix("+45")
    typed = form.format(*(digits[n : n + 2] for n in range(0, 8, 2)))
    assert confirm(citizen, ask_for_code(citizen, phone, typed)).status_code == 204


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"address": ""}, "number_empty"),
        ({"address": "112"}, "number_bad"),
        ({"address": "ring til mig"}, "number_bad"),
        ({"address": "+45 90 12 34 56"}, "number_no_text"),
        ({"address": "20123456", "channel": "messenger"}, "unknown_channel"),
        ({"address": "20123456", "channel": "web"}, "unknown_channel"),
    ],
)
def test_what_is_no_number_is_refused(reached: Reached, body: dict[str, Any], code: str) -> None:
    citizen = Citizen(reached.stack.url, "da")
    sent = len(reached.twilio.sent)
    answer = citizen.http.post(f"{citizen.path}/continue", json=body, headers=citizen.headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert len(reached.twilio.sent) == sent


def test_a_wrong_code_joins_nothing_and_tries_run_out(reached: Reached) -> None:
    citizen, phone = Citizen(reached.stack.url, "da"), reached.phone()
    code = ask_for_code(citizen, phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    said = [confirm(citizen, wrong).json()["error"] for _ in range(_TRIES)]
    assert [error["code"] for error in said] == ["code_wrong"] * (_TRIES - 1) + ["code_gone"]
    assert ["4" in said[0]["message"], "1" in said[3]["message"]] == [True, True]
    assert confirm(citizen, code).json()["error"]["code"] == "code_gone"
    phone.say("hej")
    assert "hej" not in texts(citizen)


def test_a_code_is_used_once(reached: Reached) -> None:
    citizen, phone = Citizen(reached.stack.url, "da"), reached.phone()
    code = ask_for_code(citizen, phone)
    assert confirm(citizen, code).status_code == 204
    assert confirm(citizen, code).status_code == 422


def test_the_code_of_one_conversation_is_none_of_another(reached: Reached) -> None:
    one, other = Citizen(reached.stack.url, "da"), Citizen(reached.stack.url, "da")
    code = ask_for_code(one, reached.phone())
    ask_for_code(other, reached.phone())
    assert confirm(other, code).status_code == 422
    assert confirm(one, code).status_code == 204


def test_what_was_said_on_the_phone_comes_along(reached: Reached) -> None:
    citizen, phone = Citizen(reached.stack.url, "da"), reached.phone()
    citizen.say("hej")
    phone.say("hvad koster et pas til en voksen?")
    assert confirm(citizen, ask_for_code(citizen, phone)).status_code == 204
    phone.answers()
    view = citizen.read()["messages"]
    keys = [message["reply"] for message in view]
    assert keys.index("joined_earlier") < keys.index("service_cost") < keys.index("joined")
    assert [message["seq"] for message in view] == list(range(1, len(view) + 1))
    assert len(phone.say("farvel")) == 1
    assert texts(citizen)[-2] == "farvel"


def test_a_number_leads_to_the_conversation_that_it_joined_last(reached: Reached) -> None:
    _, phone = joined(reached)
    second = Citizen(reached.stack.url, "da")
    assert confirm(second, ask_for_code(second, phone)).status_code == 204
    phone.answers()
    phone.say("farvel")
    assert "farvel" in texts(second)


def test_no_code_for_whoever_wants_no_messages(reached: Reached) -> None:
    citizen, phone = Citizen(reached.stack.url, "da"), reached.phone()
    phone.say("afmeld")
    body = {"channel": "sms", "address": phone.number}
    answer = citizen.http.post(f"{citizen.path}/continue", json=body, headers=citizen.headers)
    # Whether a number has stopped is nobody else's business.
    assert answer.status_code == 202
    assert phone.answers() == []


def test_codes_are_sent_only_so_often(reached: Reached) -> None:
    citizen, phone = Citizen(reached.stack.url, "da"), reached.phone()
    body = {"channel": "sms", "address": phone.number}
    statuses = [
        citizen.http.post(
            f"{citizen.path}/continue", json=body, headers=citizen.headers
        ).status_code
        for _ in range(9)
    ]
    assert statuses == [202] * 6 + [429] * 3
    # Nor to one number from many conversations.
    other = Citizen(reached.stack.url, "da")
    again = other.http.post(f"{other.path}/continue", json=body, headers=other.headers)
    assert again.status_code == 429
    assert int(again.headers["Retry-After"]) > 0
    assert len(phone.answers()) == 6


def test_nobody_else_begins_or_confirms(reached: Reached) -> None:
    citizen, stranger = Citizen(reached.stack.url, "da"), Citizen(reached.stack.url, "da")
    phone = reached.phone()
    code = ask_for_code(citizen, phone)
    for path, body in (("", {"address": phone.number}), ("/code", {"code": code})):
        answer = httpx.post(
            f"{reached.stack.url}{citizen.path}/continue{path}",
            json=body,
            headers=stranger.headers,
        )
        assert answer.status_code == 404
    assert confirm(citizen, code).status_code == 204


# --- from a phone to the website


@pytest.mark.parametrize(
    ("language", "question", "title"),
    [
        ("da", "hvordan søger jeg sygedagpenge?", "Åbn samtalen"),
        ("en", "how do I apply for sickness benefit?", "Open the conversation"),
    ],
)
def test_the_link_and_a_code_open_the_conversation(
    reached: Reached, browser: httpx.Client, language: str, question: str, title: str
) -> None:
    phone = reached.phone()
    link = link_in(phone.say(question)[-1])
    page = browser.get(link)
    assert page.status_code == 200
    assert f'lang="{language}"' in page.text
    assert title in page.text
    # Looking sends nothing, and tells nothing.
    assert phone.answers() == []
    assert question not in page.text
    assert phone.number[-8:] not in page.text
    assert browser.post(f"{link}/code").status_code == 200
    opened = browser.post(f"{link}/open", data={"code": code_in(phone)})
    assert opened.status_code == 303
    chat = browser.get(opened.headers["location"])
    assert question in chat.text
    # And goes on there; the answers to that stay there.
    sent = len(phone.inbox)
    follow_up = {"da": "og hvad koster det?", "en": "and what does it cost?"}[language]
    browser.post("/chat", data={"text": follow_up}, follow_redirects=True)
    until(lambda: follow_up in reached.books.heard(phone.number))
    until(lambda: reached.books.said(phone.number)[-1] == "service_cost")
    assert reached.books.messages(phone.number)[-1].service == "sygedagpenge"
    assert len(phone.inbox) == sent


def test_a_link_alone_opens_nothing(reached: Reached, browser: httpx.Client) -> None:
    phone = reached.phone()
    link = link_in(phone.say("hvad koster et pas til en voksen?")[-1])
    for _ in range(2):
        assert browser.post(f"{link}/open", data={"code": "123456"}).status_code == 422
    browser.post(f"{link}/code")
    code = code_in(phone)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(_TRIES):
        refused = browser.post(f"{link}/open", data={"code": wrong})
        assert refused.status_code == 422
    # Tries are up, for the right one too.
    assert browser.post(f"{link}/open", data={"code": code}).status_code == 422
    assert not browser.cookies
    assert "pas til en voksen" not in browser.get("/chat").text


def test_a_link_that_never_was_leads_nowhere(reached: Reached, browser: httpx.Client) -> None:
    sent = len(reached.twilio.sent)
    for path in ("/s/0000000000", "/s/%00", "/s/x?y", "/s/" + "a" * 500):
        assert browser.get(path).status_code == 404
        assert browser.post(f"{path.partition('?')[0]}/code").status_code == 404
        answer = browser.post(f"{path.partition('?')[0]}/open", data={"code": "123456"})
        assert answer.status_code == 404
    assert len(reached.twilio.sent) == sent


def test_codes_by_link_are_sent_only_so_often(reached: Reached, browser: httpx.Client) -> None:
    phone = reached.phone()
    link = link_in(phone.say("hvad koster et pas til en voksen?")[-1])
    statuses = [browser.post(f"{link}/code").status_code for _ in range(8)]
    assert statuses == [200] * 6 + [429] * 2
    assert len(phone.answers()) == 6


def test_another_site_cannot_ask_for_a_code(reached: Reached, browser: httpx.Client) -> None:
    phone = reached.phone()
    link = link_in(phone.say("hvad koster et pas til en voksen?")[-1])
    answer = browser.post(f"{link}/code", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert phone.answers() == []


def test_a_code_for_joining_opens_no_page(reached: Reached, browser: httpx.Client) -> None:
    citizen, phone = joined(reached)
    link = link_in(phone.say("hvad koster et pas til en voksen?")[-1])
    code = ask_for_code(citizen, phone)
    assert browser.post(f"{link}/open", data={"code": code}).status_code == 422


def test_the_link_from_messenger_asks_for_a_code_there(
    reached: Reached, browser: httpx.Client
) -> None:
    thread = reached.thread()
    link = link_in(thread.say("hvordan søger jeg sygedagpenge?")[-1].text)
    assert browser.post(f"{link}/code").status_code == 200
    [message] = thread.answers()
    [code] = _CODE.findall(message.text)
    opened = browser.post(f"{link}/open", data={"code": code})
    assert "sygedagpenge" in browser.get(opened.headers["location"]).text


def test_an_erased_conversation_is_gone_for_its_phone_as_well(
    reached: Reached, browser: httpx.Client
) -> None:
    citizen, phone = joined(reached)
    link = link_in(phone.say("hvad koster et pas til en voksen?")[-1])
    erased = citizen.http.delete(citizen.path, headers=citizen.headers)
    assert erased.status_code == 204
    assert browser.get(link).status_code == 404
    # Whoever writes again begins anew.
    assert len(phone.say("hej")) == 2
    assert reached.books.heard(phone.number) == ["hej"]
