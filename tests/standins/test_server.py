from __future__ import annotations

import random
import threading
import time

import httpx
import pytest

from tests.standins.conftest import CITIZEN, Guide
from tests.standins.delivery import Undelivered
from tests.standins.faults import QUICK, Fault, Faults
from tests.standins.twilio import TwilioStandIn


def send(twilio: TwilioStandIn, body: str = "Hej", timeout: float = 5) -> httpx.Response:
    return httpx.post(
        f"{twilio.url}/2010-04-01/Accounts/{twilio.account_sid}/Messages.json",
        data={"To": CITIZEN, "From": twilio.number, "Body": body},
        auth=(twilio.account_sid, twilio.auth_token),
        timeout=timeout,
    )


@pytest.mark.parametrize(
    ("fault", "status", "accepted"),
    [
        (Fault.server_error, 500, 0),
        (Fault.throttled, 429, 0),
        (Fault.reset_before, httpx.NetworkError, 0),
        (Fault.timeout_before, httpx.ReadTimeout, 0),
        (Fault.slow, httpx.ReadTimeout, 1),
        (Fault.error_after, 500, 1),
        (Fault.reset_after, httpx.NetworkError, 1),
        (Fault.timeout_after, httpx.ReadTimeout, 1),
    ],
)
def test_a_fault_is_felt_once_and_the_record_tells_the_truth(
    twilio: TwilioStandIn, fault: Fault, status: int | type[Exception], accepted: int
) -> None:
    twilio.faults.extend([fault])
    if isinstance(status, int):
        assert send(twilio).status_code == status
    else:
        with pytest.raises(status):
            send(twilio, timeout=0.2)
    assert len(twilio.sent) == accepted
    assert twilio.requests[fault.name] == 1
    assert send(twilio).status_code == 201


def test_what_is_slow_still_answers(twilio: TwilioStandIn) -> None:
    twilio.slow_seconds = 0.1
    twilio.faults.extend([Fault.slow])
    began = time.monotonic()
    assert send(twilio).status_code == 201
    assert time.monotonic() - began >= 0.1


def test_throttling_says_when_to_come_back(twilio: TwilioStandIn) -> None:
    twilio.retry_after = 7
    twilio.faults.extend([Fault.throttled])
    assert send(twilio).headers["Retry-After"] == "7"


def test_chance_is_the_same_for_the_same_seed_and_keeps_to_its_share() -> None:
    def drawn() -> list[Fault | None]:
        faults = Faults()
        faults.chaos(random.Random(1), share=0.1)
        return [faults.take() for _ in range(2000)]

    first = drawn()
    assert first == drawn()
    assert 150 < sum(fault is not None for fault in first) < 250
    assert set(first) == {None, *QUICK}


def test_the_queue_comes_before_chance_and_both_can_end() -> None:
    faults = Faults()
    faults.chaos(random.Random(1), share=1.0, kinds=(Fault.slow,))
    faults.extend([None, Fault.throttled])
    assert [faults.take() for _ in range(3)] == [None, Fault.throttled, Fault.slow]
    faults.clear()
    assert faults.take() is None


def test_a_provider_goes_away_and_comes_back_on_its_port(twilio: TwilioStandIn) -> None:
    url = twilio.url
    assert send(twilio).status_code == 201
    twilio.stop()
    with pytest.raises(httpx.ConnectError):
        send(twilio)
    twilio.start()
    assert twilio.url == url
    assert send(twilio).status_code == 201
    assert len(twilio.sent) == 2


def test_stopping_does_not_wait_for_a_caller_that_gets_no_answer(twilio: TwilioStandIn) -> None:
    twilio.faults.extend([Fault.timeout_after])
    errors: list[Exception] = []

    def caller() -> None:
        try:
            send(twilio, timeout=30)
        except httpx.HTTPError as error:
            errors.append(error)

    calling = threading.Thread(target=caller)
    calling.start()
    twilio.wait_for(1)
    twilio.stop()
    calling.join(5)
    assert len(errors) == 1


def test_many_at_once_are_all_recorded(twilio: TwilioStandIn) -> None:
    threads = [threading.Thread(target=send, args=(twilio, str(n))) for n in range(30)]
    for thread in threads:
        thread.start()
    sent = twilio.wait_for(30)
    for thread in threads:
        thread.join()
    assert {each.body for each in sent} == {str(n) for n in range(30)}
    assert len({each.sid for each in sent}) == 30


def test_waiting_in_vain_tells_what_was_there(twilio: TwilioStandIn) -> None:
    send(twilio, "Hej")
    assert twilio.wait_for(lambda sent: sent[-1].body == "Hej")
    with pytest.raises(TimeoutError, match="1 sent"):
        twilio.wait_for(2, timeout=0.05)


def test_delivery_goes_on_until_it_is_taken(twilio: TwilioStandIn, guide: Guide) -> None:
    guide.statuses.extend([503, 500])
    delivery = twilio.deliver(CITIZEN, "Hej", pause=0.01)
    assert delivery.attempts == ("503", "500", "204")
    assert len({post.form["MessageSid"] for post in guide.sent}) == 1
    assert len({post.headers["i-twilio-idempotency-token"] for post in guide.sent}) == 1


def test_delivery_outlasts_a_guide_that_is_away(twilio: TwilioStandIn, guide: Guide) -> None:
    guide.stop()
    back = threading.Timer(0.1, guide.start)
    back.start()
    attempts = twilio.deliver(CITIZEN, "Hej", pause=0.02).attempts
    back.join()
    assert attempts[0] == "ConnectError"
    assert attempts[-1] == "204"


def test_delivery_gives_up_at_its_deadline(twilio: TwilioStandIn, guide: Guide) -> None:
    guide.statuses.extend([500] * 100)
    with pytest.raises(Undelivered, match="500"):
        twilio.deliver(CITIZEN, "Hej", deadline=0.1, pause=0.01)


@pytest.mark.parametrize("at_once", [False, True])
def test_duplicates_are_the_same_message(
    twilio: TwilioStandIn, guide: Guide, at_once: bool
) -> None:
    together = threading.Barrier(3)
    if at_once:  # passes only if all three are under way at the same time
        guide.before = lambda: together.wait(5)
    twilio.deliver(CITIZEN, "Hej", duplicates=2, at_once=at_once)
    assert len(guide.sent) == 3
    assert len({post.form["MessageSid"] for post in guide.sent}) == 1
