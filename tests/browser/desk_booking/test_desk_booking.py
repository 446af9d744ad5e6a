"""The desk's pages of appointments in a browser: the day, the supply, access, phone width."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.async_api import expect

from desk.accounts.models import Role
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.desk_booking.conftest import PLACE, SUMMARY, Desk, Office, Sign, today
from tests.browser.guide import Watch, overflows, violations
from tests.stack import Citizen

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = (f"day?place={PLACE}", "places", "caseworkers", "lengths", "days")
NARROW = {"viewport": {"width": 320, "height": 800}}
"""A window of 1280 zoomed to 400 per cent."""


async def test_a_day_at_the_counter(office: Office, sign: Sign) -> None:
    await office.booked("08:00", "Aisha Khan", share=True)
    desk = await sign()
    await desk.open(f"booking/day?place={PLACE}")
    await desk.page.get_by_label("Jeg er").select_option("vera")
    aisha = desk.visit("Aisha Khan")
    await aisha.get_by_test_id("arrive").click()
    await expect(aisha).to_contain_text("Er her")
    await desk.part("call-next").click()
    await expect(desk.part("polite")).to_have_text("Kaldt ind: Aisha Khan")
    await aisha.get_by_test_id("begin").click()
    await expect(aisha).to_contain_text("I gang")
    await aisha.get_by_test_id("more").click()
    await expect(desk.part("visit-summary")).to_have_text(SUMMARY)
    await desk.page.keyboard.press("Escape")
    await aisha.get_by_test_id("done").click()
    await expect(aisha).to_have_count(0)
    await desk.page.get_by_label("Vis også det, der er overstået").check()
    await expect(aisha).to_contain_text("Færdig")


async def test_a_number_is_given_called_and_not_there(office: Office, sign: Sign) -> None:
    desk = await sign(language="en")
    await desk.open(f"booking/day?place={PLACE}")
    await desk.page.get_by_label("I am").select_option("vera")
    await desk.part("take-number").click()
    await desk.page.get_by_label("Passport for adults").check()
    await desk.page.get_by_label("Name", exact=True).fill("Walter")
    await desk.part("confirm").click()
    number = desk.visit("Walter")
    await expect(number).to_contain_text(re.compile(r"No\. \d+ Walter"))
    await number.get_by_test_id("call").click()
    await expect(number).to_contain_text("With Vera Test")
    await number.get_by_test_id("return").click()
    await expect(number).to_contain_text("Anybody")
    await number.get_by_test_id("no-show").click()
    await expect(number).to_have_count(0)


async def test_two_at_the_counter_never_call_the_same(
    office: Office, sign: Sign, watch: Watch
) -> None:
    watch.failed_requests_expected = True  # whoever is second hears why
    one, other = await sign(), await sign()
    for desk in (one, other):
        await desk.open(f"booking/day?place={PLACE}")
        await desk.page.get_by_label("Jeg er").select_option("vera")
    await one.part("take-number").click()
    await one.page.get_by_label("Pas til voksne").check()
    await one.page.get_by_label("Navn", exact=True).fill("Tove")
    await one.part("confirm").click()
    await other.page.reload()
    await expect(other.visit("Tove").get_by_test_id("call")).to_be_visible()
    await one.visit("Tove").get_by_test_id("call").click()
    await expect(one.visit("Tove")).to_contain_text("Kaldt ind")
    # The other page still shows the button: it says why nothing happens, and what is true now.
    button = other.visit("Tove").get_by_test_id("call")
    if await button.count():
        await button.click(no_wait_after=True)
    await expect(other.visit("Tove")).to_contain_text("Kaldt ind")


async def test_a_move_is_told_in_the_conversation_and_listed_beside_it(
    office: Office, sign: Sign
) -> None:
    desk = await sign(Role.guide)
    await desk.page.goto(f"{desk.origin}/desk/waiting")
    await desk.part("presence").select_option("online")
    await expect(desk.part("polite")).to_contain_text("Din status")
    citizen = Citizen(office.stack.url, "da")
    citizen.say("Jeg har mistet mit pas")
    citizen.choose("human")
    made = await office.booked("10:00", "Malik", days=3, conversation=citizen.id)
    await desk.page.goto(f"{desk.origin}/desk/waiting/{citizen.id}")
    await desk.part("tab-citizen").click()
    listed = desk.part("appointment")
    await expect(listed).to_contain_text(made.reference)
    await listed.get_by_role("link").click()
    malik = desk.visit("Malik")
    await malik.get_by_test_id("more").click()
    await desk.part("move").click()
    await desk.page.get_by_role("radio").last.check()
    before = citizen.read()["messages"][-1]["seq"]
    await desk.part("confirm").click()
    await expect(desk.part("polite")).to_have_text("Aftalen er flyttet.")
    [told] = citizen.read(before)["messages"]
    assert told["reply"] == "booking_moved_by_staff"
    assert "/b/" in told["text"]
    await desk.page.get_by_label("Find ved nummer").fill(made.reference.lower())
    await desk.page.get_by_role("button", name="Find", exact=True).click()
    await desk.part("cancel-visit").click()
    await desk.part("confirm").click()
    await expect(desk.part("polite")).to_have_text("Aftalen er aflyst.")
    assert citizen.read()["messages"][-1]["reply"] == "booking_cancelled_by_staff"


async def test_a_place_with_hours_and_somebody_in_it(
    office: Office, sign: Sign, watch: Watch
) -> None:
    watch.failed_requests_expected = True  # hours the wrong way round
    desk = await sign(Role.editor)
    await desk.open("booking/places")
    await desk.part("add-place").click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_label("Navn").fill("Kulturhuset Æbelø")
    await dialog.get_by_label("Adresse").fill("Øvej 2, 1234 By")
    await desk.part("save").click()
    place = desk.part("place").filter(has_text="Kulturhuset Æbelø")
    await expect(place).to_contain_text("Ingen tider endnu")
    await place.get_by_test_id("edit-hours").click()
    week = dialog.get_by_role("group", name="Ugens tider")
    await week.get_by_label("Onsdag").fill("12:00-09:00")
    await desk.part("save").click()
    await expect(dialog.locator(".problem-box")).to_have_text(
        "Tiderne skal begynde, før de slutter."
    )
    await week.get_by_label("Onsdag").fill("09:00-12:00, 13:00-15:00")
    await desk.part("save").click()
    await expect(place).to_contain_text("09:00-12:00, 13:00-15:00")
    await place.get_by_test_id("edit-place").click()
    await dialog.get_by_label("Der kan bestilles tid her").uncheck()
    await desk.part("save").click()
    await expect(place).to_contain_text("Ude af brug")
    # Who sets up what can be booked has nothing to do with who comes.
    await expect(desk.part("booking-day")).to_have_count(0)


async def test_a_closed_day_tells_of_the_appointments_it_leaves(office: Office, sign: Sign) -> None:
    await office.booked("11:00", "Nora", days=5)
    desk = await sign()
    await desk.open("booking/days")
    await desk.part("add-day").click()
    dialog = desk.page.get_by_role("dialog")
    date = today() + dt.timedelta(days=5)
    await dialog.get_by_label("Dato").fill(date.isoformat())
    await dialog.get_by_label("Sted").select_option(PLACE)
    await desk.part("save").click()
    await expect(desk.part("polite")).to_contain_text("1 aftale ligger nu uden for")
    await desk.open(f"booking/day?place={PLACE}")
    await desk.part("outside").get_by_role("button", name="Nora").click()
    await expect(desk.part("move")).to_be_visible()
    await desk.page.keyboard.press("Escape")
    await desk.open("booking/days")
    await desk.part("other-day").get_by_role("button").click()
    await expect(desk.part("other-day")).to_have_count(0)


async def drawn(desk: Desk) -> None:
    loading = desk.page.get_by_text(re.compile("^(Henter|Loading) …$"))
    await expect(loading).to_have_count(0)


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE, NARROW], ids=["desktop", "phone", "zoomed"])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    office: Office, sign: Sign, size: dict[str, object], language: str
) -> None:
    name = "Christina Christensen-Rasmussen-Sondergaard"
    for days in (0, 1):
        await office.booked("12:00", name, days=days, share=True)
    tomorrow = today() + dt.timedelta(days=1)
    desk = await sign(language=language, **size)
    for path in PAGES:
        await desk.open(f"booking/{path}")
        await drawn(desk)
        assert (path, await violations(desk.page)) == (path, [])
        assert (path, await overflows(desk.page)) == (path, [])
    for date, hooks in (
        (today(), ["take-number"]),
        (today(), ["more"]),
        (tomorrow, ["more", "move"]),
    ):
        await desk.open(f"booking/{PAGES[0]}&date={date}")
        for hook in hooks:
            await desk.part(hook).first.click()
        await drawn(desk)
        assert (hooks, await violations(desk.page)) == (hooks, [])
        assert (hooks, await overflows(desk.page)) == (hooks, [])


async def test_all_of_it_with_the_keyboard(office: Office, sign: Sign) -> None:
    made = await office.booked("13:00", "Kirsten Key")
    desk = await sign()
    await desk.open(f"booking/day?place={PLACE}")
    keyboard = desk.page.keyboard

    async def tab_to(hook: str, name: str) -> None:
        for _ in range(120):
            await keyboard.press("Tab")
            here = await desk.page.evaluate(
                "() => [document.activeElement.dataset.testid, document.activeElement.textContent]"
            )
            if here[0] == hook and name in here[1]:
                return
        raise AssertionError(f"no way to {hook}")

    kirsten = desk.visit("Kirsten Key")
    await expect(kirsten).to_be_visible()
    await tab_to("arrive", "Kirsten Key")
    await keyboard.press("Enter")
    await expect(kirsten).to_contain_text("Er her")
    focused = await desk.page.evaluate("() => document.activeElement.id")
    assert focused == f"visit-{made.id}"
    await tab_to("call", "Kirsten Key")
    await keyboard.press("Enter")
    await tab_to("done", "Kirsten Key")
    await keyboard.press("Enter")
    await expect(kirsten).to_have_count(0)
