"""A booking from its first word to its receipt, and everything that can come between."""

from __future__ import annotations

import pytest

from booking.errors import Taken
from booking.models import HoldRequest
from booking.states import State
from tests.booking.world import HandClock
from tests.bot.actions.booking.conftest import Caller


async def states(caller: Caller) -> list[State]:
    found = await caller.calendar.appointments.of_conversation(caller.conversation)
    return [item.state for item in found]


async def test_from_the_first_word_to_the_receipt(caller: Caller) -> None:
    assert await caller.begin("an appointment for a passport") == ["booking_ask_place"]
    assert await caller.say("2200", "inform_area", postal_code="2200") == ["booking_ask_language"]
    assert await caller.say("English", "switch_language_", language="en") == ["booking_times"]
    assert len([code for code in caller.choices if code.startswith("book:at")]) == 3
    assert await caller.say("next Tuesday after three") == ["booking_times_wish"]
    assert await caller.say("no, Wednesday") == ["booking_times_wish"]
    assert await caller.pick() == ["booking_ask_name"]
    assert await states(caller) == [State.held]
    assert await caller.say("My name is Mette Hansen") == ["booking_ask_contact"]
    assert await caller.say("20 12 34 56") == ["booking_confirm"]
    assert await caller.say("yes") == ["booking_done"]
    (booked,) = [
        item
        for item in await caller.calendar.appointments.of_conversation(caller.conversation)
        if item.state is State.booked
    ]
    assert (booked.name, booked.contact_channel, booked.contact_address) == (
        "Mette Hansen", "sms", "+4520123456",
    )  # fmt: skip
    assert f"{booked.local_start:%A %H:%M}" == "Wednesday 15:00"
    assert not booked.share_summary
    assert caller.replies[0].values["reference"] == booked.reference


async def test_all_that_is_said_at_once_is_heard(caller: Caller) -> None:
    said = await caller.begin(
        "a passport and a health card for two children tomorrow afternoon",
        service="sundhedskort",
        district="valby",
    )
    assert said == ["booking_ask_channel"]
    draft = await caller.dialogue.draft(caller.conversation)
    assert draft is not None
    assert draft.services == ("pas-voksen", "sundhedskort")
    assert draft.persons == 2
    assert draft.places == ("borgerservice-valby",)
    assert str(draft.wish.first) == "2026-11-24"


async def test_what_can_be_done_online_is_said_before_anything_else(caller: Caller) -> None:
    assert await caller.begin("health card") == ["booking_ask_channel"]
    assert "borger.dk" in caller.replies[-1].values["url"]
    assert await caller.say("yes", "affirm") == ["booking_ask_place"]


async def test_the_summary_goes_along_only_if_the_citizen_says_so(caller: Caller) -> None:
    await caller.to_confirm()
    assert await caller.choose("book:yes_summary") == ["booking_done"]
    found = await caller.calendar.appointments.of_conversation(caller.conversation)
    assert [item.summary for item in found if item.state is State.booked] == [
        f"asked in {caller.conversation}"
    ]


@pytest.mark.parametrize(
    ("text", "intent"),
    [("what must I bring?", "ask_documents"), ("how much is it?", "ask_cost"), ("hello", "greet")],
)
async def test_a_question_in_between_is_no_answer_at_any_step(
    caller: Caller, text: str, intent: str
) -> None:
    async def asked(step: str) -> None:
        before = await caller.dialogue.question(caller.conversation)
        assert await caller.say(text, intent) == ["not an answer"], step
        assert await caller.dialogue.question(caller.conversation) == before

    await caller.begin("a passport", choice="book:service:pas-voksen")
    await asked("place")
    await caller.choose("book:any")
    await asked("language")
    await caller.choose("book:language:any")
    await asked("time")
    await caller.pick()
    await asked("name")
    await caller.say("Mette Hansen")
    await asked("contact")
    await caller.say("mette@example.dk")
    await asked("confirm")


@pytest.mark.parametrize("word", ["stop", "cancel", "never mind", "glem det"])
@pytest.mark.parametrize("steps", range(6))
async def test_it_can_be_called_off_at_every_step(caller: Caller, word: str, steps: int) -> None:
    await caller.begin("a passport", choice="book:service:pas-voksen")
    for step in range(steps):
        if step == 0:
            await caller.choose("book:any")
        elif step == 1:
            await caller.choose("book:language:any")
        elif step == 2:
            await caller.pick()
        else:
            await caller.say({3: "Mette Hansen", 4: "20 12 34 56", 5: "no"}.get(step, "no"))
    assert await caller.say(word, "cancel") == ["booking_stopped"]
    assert await caller.dialogue.draft(caller.conversation) is None
    assert set(await states(caller)) <= {State.expired}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("yesterday", "booking.in_the_past"),
        ("30 February", "booking.no_such_date"),
        ("1 May 2020", "booking.in_the_past"),
        ("Easter Sunday", "booking.too_far"),
        ("Christmas Day", "booking.closed_holiday"),
        ("Christmas Eve", "booking.closed_holiday"),
        ("at the weekend", "booking.closed_weekday"),
        ("Tuesday at 5 am", "booking.closed_hours"),
    ],
)
async def test_a_day_that_cannot_be_is_named_and_times_are_still_offered(
    caller: Caller, text: str, key: str
) -> None:
    await caller.begin("a passport", choice="book:service:pas-voksen")
    await caller.choose("book:any")
    await caller.choose("book:language:any")
    said = await caller.say(text)
    if text != "Tuesday at 5 am":
        assert said[0] == key
    assert said[-1].startswith("booking_times")
    assert [code for code in caller.choices if code.startswith(("book:at", "book:there"))]


async def test_a_party_of_forty_is_too_many(caller: Caller) -> None:
    await caller.begin("book a time", "booking")
    assert await caller.say("passport for a party of 40") == [
        "booking.too_many_persons", "booking_ask_services",
    ]  # fmt: skip
    assert caller.replies[0].values["limit"] == 8


async def test_a_place_without_the_service_names_those_that_have_it(caller: Caller) -> None:
    await caller.begin("a passport", choice="book:service:pas-voksen")
    said = await caller.say("International House", place="international-house")
    assert said == ["booking.not_offered_place", "booking_ask_place"]
    assert "borgerservice-indre-by" in caller.replies[0].values["booked_places"]
    assert await caller.say("by phone") == ["booking.not_offered_kind", "booking_ask_place"]


async def test_a_language_that_nobody_there_speaks(caller: Caller) -> None:
    await caller.begin("a passport", choice="book:service:pas-voksen")
    await caller.say("Valby", district="valby")
    said = await caller.choose("book:language:ar")
    assert said == ["booking.not_offered_language", "booking_ask_language"]


async def test_a_time_that_somebody_takes_in_between(caller: Caller) -> None:
    await caller.begin("CPR number", choice="book:service:koerekort-foerste")
    await caller.say("Valby", district="valby")
    await caller.choose("book:language:any")
    draft = await caller.dialogue.draft(caller.conversation)
    assert draft is not None
    wanted = draft.offered[0]
    rival = HoldRequest(wanted.place, wanted.moment, draft.wishes)
    await caller.calendar.appointments.hold(rival)
    with pytest.raises(Taken):
        await caller.calendar.appointments.hold(rival)
    said = await caller.pick()
    assert said[0] == "booking.taken"
    after = await caller.dialogue.draft(caller.conversation)
    assert after is not None
    assert len(after.offered) == 3
    assert wanted not in after.offered
    assert await caller.pick() == ["booking_ask_name"]


async def test_a_hold_that_lapsed_is_renewed_and_asked_again(
    caller: Caller, clock: HandClock
) -> None:
    await caller.to_confirm()
    clock.forward(minutes=11)
    assert await caller.say("yes") == ["booking.hold_expired", "booking_confirm"]
    assert await caller.say("yes") == ["booking_done"]


async def test_a_hold_that_lapsed_and_was_taken_is_not_confirmed(
    caller: Caller, clock: HandClock
) -> None:
    await caller.to_confirm()
    draft = await caller.dialogue.draft(caller.conversation)
    assert draft is not None
    assert draft.chosen is not None
    clock.forward(minutes=11)
    rival = HoldRequest(draft.chosen.place, draft.chosen.moment, draft.wishes)
    while True:
        try:
            await caller.calendar.appointments.hold(rival)
        except Taken:
            break
    said = await caller.say("yes")
    assert said[0] == "booking.taken"
    assert State.booked not in await states(caller)


@pytest.mark.parametrize("answer", ["no", "another time please"])
async def test_no_at_the_end_lets_the_time_go_and_offers_others(
    caller: Caller, answer: str
) -> None:
    await caller.to_confirm()
    said = await (caller.say("no") if answer == "no" else caller.choose("book:other"))
    assert said[-1].startswith("booking_times")
    assert set(await states(caller)) == {State.expired}


async def test_the_day_can_be_corrected_at_the_very_end(caller: Caller) -> None:
    await caller.to_confirm()
    assert await caller.say("no, Wednesday") == ["booking_times_wish"]
    assert await caller.pick() == ["booking_confirm"]


async def test_a_message_that_is_worked_on_twice_is_heard_once(caller: Caller) -> None:
    await caller.to_confirm()
    assert await caller.say("yes", message_id="same") == ["booking_done"]
    kept = await caller.calendar.drafts.find(caller.conversation)
    assert kept is not None
    # The gateway fell before it could say so: the answer stands there still.
    assert (kept.message_id, [item["key"] for item in kept.said]) == ("same", ["booking_done"])
    await caller.say("yes", message_id="same")
    assert (await states(caller)).count(State.booked) == 1


async def test_a_hold_is_not_taken_twice_for_one_message(caller: Caller) -> None:
    await caller.begin("a passport", choice="book:service:pas-voksen")
    await caller.choose("book:any")
    await caller.choose("book:language:any")
    code = caller.choices[0]
    await caller.say("", message_id="pick", choice=code)
    await caller.say("", message_id="pick", choice=code)
    assert await states(caller) == [State.held]


async def test_move_keeps_the_reference_and_cancel_gives_the_time_back(caller: Caller) -> None:
    await caller.to_confirm()
    await caller.say("yes")
    reference = caller.replies[0].values["reference"]
    assert await caller.begin("move my appointment", "booking_move") == ["booking_times"]
    assert await caller.say("Friday") == ["booking_times_wish"]
    assert await caller.pick() == ["booking_confirm_move"]
    assert await caller.say("yes") == ["booking_moved"]
    assert caller.replies[0].values["reference"] == reference
    moved = await caller.calendar.appointments.by_reference(reference)
    assert (f"{moved.local_start:%A}", moved.sequence) == ("Friday", 1)
    assert await caller.begin("cancel it", "booking_cancel") == ["booking_confirm_cancel"]
    assert await caller.say("no") == ["booking_kept"]
    assert await caller.begin("cancel it", "booking_cancel") == ["booking_confirm_cancel"]
    assert await caller.say("yes") == ["booking_cancelled"]
    gone = await caller.calendar.appointments.by_reference(reference)
    assert (gone.state, gone.sequence, gone.uid) == (State.cancelled, 2, moved.uid)


async def test_nobody_can_move_what_was_booked_elsewhere(caller: Caller) -> None:
    assert await caller.begin("move my appointment", "booking_move") == ["booking_unknown"]


async def test_a_service_that_is_booked_elsewhere_is_left_to_the_others(caller: Caller) -> None:
    assert await caller.begin("book a wedding at the town hall") == ["not an answer"]


async def test_a_button_of_a_booking_that_is_over(caller: Caller) -> None:
    await caller.to_confirm()
    await caller.say("yes")
    assert await caller.choose("book:yes") == ["booking_gone"]
    assert await caller.begin("", choice="book:later") == ["booking_gone"]


async def test_a_button_begins_a_booking(caller: Caller) -> None:
    assert await caller.begin("", choice="book:start") == ["booking_ask_services"]
    assert await caller.choose("book:start") == ["booking_ask_services"]
    assert await caller.say("passport for adults") == ["booking_ask_place"]


async def test_a_button_of_an_answer_books_what_the_answer_was_about(caller: Caller) -> None:
    assert await caller.begin("", choice="book:for:pas-voksen") == ["booking_ask_place"]
    assert await caller.choose("book:for:sundhedskort") == ["booking_ask_channel"]
    draft = await caller.dialogue.draft(caller.conversation)
    assert draft is not None
    assert draft.services == ("sundhedskort",)


async def test_earlier_later_and_another_day(caller: Caller) -> None:
    await caller.begin("a passport", choice="book:service:pas-voksen")
    await caller.say("Valby", district="valby")
    await caller.choose("book:language:any")
    first = caller.choices[:3]
    await caller.say("later")
    assert caller.choices[0] > first[-1]
    await caller.say("earlier")
    assert caller.choices[:3] == first
    assert (await caller.say("earlier"))[0] == "booking_no_earlier"
    await caller.say("another day")
    assert caller.choices[0][8:16] > first[0][8:16]
