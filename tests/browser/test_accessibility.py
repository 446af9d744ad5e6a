"""Everybody can use it: axe, keyboard, screen reader, zoom, colours, motion, direction."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.guide import PASSPORT, Guide, overflows, violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

Situation = Callable[[Guide], Awaitable[object]]


async def the_city_page(guide: Guide) -> None:
    await guide.load()


async def the_welcome(guide: Guide) -> None:
    await guide.begin()


async def a_card(guide: Guide) -> None:
    await guide.begin()
    await guide.say("hvordan melder jeg flytning?")


async def many_choices(guide: Guide) -> None:
    await guide.begin()
    await guide.say("vi skal have barn")


async def the_menu(guide: Guide) -> None:
    await a_card(guide)
    await guide.open_menu()


async def the_question_before_deleting(guide: Guide) -> None:
    await a_card(guide)
    await guide.ask_to_delete()


async def after_deleting(guide: Guide) -> None:
    await the_question_before_deleting(guide)
    await guide.part("delete-yes").click()
    await expect(guide.part("restart")).to_be_visible()


async def a_text_too_long(guide: Guide) -> None:
    await guide.begin()
    await guide.field.fill("a" * 2003)


async def the_page_without_script(guide: Guide) -> None:
    await guide.page.goto(f"{guide.origin}/chat")
    await guide.page.locator("#text").fill(PASSPORT)
    await guide.page.locator(".say button").click()
    await expect(guide.page.locator(".choices button").first).to_be_visible()


SITUATIONS: list[Situation] = [
    the_city_page,
    the_welcome,
    a_card,
    many_choices,
    the_menu,
    the_question_before_deleting,
    after_deleting,
    a_text_too_long,
    the_page_without_script,
]
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": DESKTOP,
    "phone": PHONE,
    "dark": {**DESKTOP, "color_scheme": "dark"},
}


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.__name__)
@pytest.mark.parametrize("look", ["desktop", "phone", "dark"])
async def test_axe_finds_nothing(visit: Visit, situation: Situation, look: str) -> None:
    guide = await visit(**LOOKS[look])
    await situation(guide)
    assert await violations(guide.page) == []


async def test_axe_would_find_something_inside_the_widget(desktop: Guide) -> None:
    await desktop.part("send").evaluate("button => button.removeAttribute('aria-label')")
    await desktop.part("send").evaluate("button => button.removeAttribute('title')")
    assert [found for found in await violations(desktop.page) if found.startswith("button-name")]


async def test_everything_with_the_keyboard_alone(visit: Visit) -> None:
    guide = await visit()
    await guide.load()
    press = guide.page.keyboard.press
    await tab_to(guide, "launcher")
    await press("Enter")
    await expect(guide.field).to_be_focused()
    await expect(guide.choices.first).to_be_visible()

    await guide.page.keyboard.type(PASSPORT)
    await press("Enter")
    await expect(guide.cards).to_be_visible()
    assert await guide.focused() == "input"

    await tab_to(guide, "choice", back=True)
    chosen = await guide.page.evaluate(
        "() => document.querySelector('borger-guide').shadowRoot.activeElement.textContent"
    )
    await press("Enter")
    await expect(guide.own.last).to_contain_text(chosen)
    await expect(guide.answers).to_have_count(3)

    await tab_to(guide, "menu", back=True)
    await press("Enter")
    await expect(guide.part("menu-items")).to_be_visible()
    await press("Escape")
    await expect(guide.part("menu-items")).to_be_hidden()
    assert await guide.focused() == "menu"
    await expect(guide.panel).to_be_visible()

    await press("Escape")
    await expect(guide.panel).to_be_hidden()
    assert await guide.focused() == "launcher"


async def tab_to(guide: Guide, hook: str, *, back: bool = False) -> None:
    for _ in range(60):
        await guide.page.keyboard.press("Shift+Tab" if back else "Tab")
        if await guide.focused() == hook:
            return
    pytest.fail(f"{hook} cannot be reached")


async def test_focus_stays_in_a_panel_that_covers_the_page(visit: Visit) -> None:
    guide = await visit(**PHONE)
    await guide.begin()
    await expect(guide.panel).to_have_attribute("aria-modal", "true")
    for _ in range(25):
        await guide.page.keyboard.press("Tab")
        inside = "() => document.activeElement?.localName === 'borger-guide'"
        assert await guide.page.evaluate(inside)


async def test_focus_is_held_by_the_question_before_deleting(desktop: Guide) -> None:
    await desktop.say(PASSPORT)
    await desktop.ask_to_delete()
    assert await desktop.focused() == "delete-no"
    await desktop.page.keyboard.press("Tab")
    assert await desktop.focused() == "delete-yes"
    await desktop.page.keyboard.press("Tab")
    assert await desktop.focused() == "delete-no"
    await desktop.page.keyboard.press("Escape")
    await expect(desktop.part("confirm")).to_be_hidden()
    await expect(desktop.panel).to_be_visible()
    assert await desktop.focused() == "menu"


async def test_answers_do_not_take_the_focus(desktop: Guide) -> None:
    link = desktop.page.locator("nav a").first
    before = await desktop.answers.count()
    await desktop.write(PASSPORT)
    await link.focus()
    await desktop.answer(before)
    await expect(link).to_be_focused()


async def test_answers_leave_what_is_being_written(desktop: Guide) -> None:
    before = await desktop.answers.count()
    await desktop.write(PASSPORT)
    await desktop.field.press_sequentially("og hvad så med et b")
    await desktop.answer(before)
    await expect(desktop.field).to_be_focused()
    await expect(desktop.field).to_have_value("og hvad så med et b")


@pytest.mark.parametrize("question", [PASSPORT, "hvordan melder jeg flytning?", "tak"])
async def test_answer_is_announced_once_and_politely(desktop: Guide, question: str) -> None:
    await expect(desktop.announcer).to_have_attribute("aria-live", "polite")
    await expect(desktop.log).to_have_attribute("aria-live", "off")
    lines = desktop.announcer.locator("p")
    await desktop.say(question)
    answers = [message for message in await desktop.stored() if message["author"] == "guide"]
    await expect(lines).to_have_count(len(answers))
    card = answers[-1]["card"]
    told = (card and card["summary"]) or answers[-1]["text"]
    await expect(lines.last).to_contain_text(told[:100])
    await expect(lines.last).to_have_attribute("lang", answers[-1]["language"])


async def test_old_messages_are_not_announced_again(desktop: Guide) -> None:
    await desktop.say(PASSPORT)
    await desktop.page.reload()
    await expect(desktop.own).to_have_count(1)
    await expect(desktop.announcer.locator("p")).to_have_count(0)


@pytest.mark.parametrize(
    "situation",
    [the_city_page, a_card, many_choices, the_menu, the_question_before_deleting],
    ids=lambda situation: situation.__name__,
)
async def test_zoomed_to_400_percent_nothing_scrolls_sideways(
    visit: Visit, situation: Situation
) -> None:
    guide = await visit(viewport={"width": 320, "height": 256})
    await situation(guide)
    assert await overflows(guide.page) == []


async def test_zoomed_to_400_percent_there_is_room_to_read_and_write(visit: Visit) -> None:
    guide = await visit(viewport={"width": 320, "height": 256})
    await a_card(guide)
    log, field = await guide.log.bounding_box(), await guide.field.bounding_box()
    assert log is not None
    assert field is not None
    assert log["height"] >= 64
    assert field["y"] + field["height"] <= 256
    for hook in ("close", "menu", "language", "send"):
        await expect(guide.part(hook)).to_be_in_viewport(ratio=1)


async def test_text_twice_as_large_still_fits(desktop: Guide) -> None:
    await desktop.say(PASSPORT)
    await desktop.page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    assert await overflows(desktop.page) == []
    await expect(desktop.part("close")).to_be_in_viewport(ratio=1)
    await expect(desktop.field).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("hook", ["close", "menu", "language", "send", "choice", "helpful"])
async def test_targets_are_large_enough(desktop: Guide, hook: str) -> None:
    await desktop.say(PASSPORT)
    box = await desktop.part(hook).first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24


async def test_forced_colours_keep_edges_and_focus(visit: Visit) -> None:
    guide = await visit(forced_colors="active")
    await guide.load()
    await assert_edge(guide.launcher)
    await guide.open()
    await guide.say(PASSPORT)
    for part in (guide.choices.first, guide.part("send"), guide.part("helpful"), guide.cards):
        await assert_edge(part)
    await assert_edge(guide.own.locator(".bubble"))
    await guide.page.keyboard.press("Shift+Tab")
    ring = await style(guide.choices.last, "outlineStyle", "outlineWidth", "outlineColor")
    assert ring[0] == "solid"
    assert ring[1] == "3px"


async def assert_edge(part: Locator) -> None:
    width, line, colour, ground = await style(
        part, "borderInlineStartWidth", "borderInlineStartStyle", "borderInlineStartColor",
        "backgroundColor",
    )  # fmt: skip
    assert float(width.removesuffix("px")) >= 1
    assert line != "none"
    assert colour != ground


async def style(part: Locator, *names: str) -> list[str]:
    values: list[str] = await part.evaluate(
        "(element, names) => names.map((name) => getComputedStyle(element)[name])", list(names)
    )
    return values


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
async def test_motion_only_for_those_who_want_it(visit: Visit, motion: str, *, moves: bool) -> None:
    guide = await visit(reduced_motion=motion)
    await keep_typing(guide.page)
    await guide.begin()
    await expect(guide.part("typing")).to_be_visible()
    running = await guide.page.evaluate(
        "() => document.querySelector('borger-guide').shadowRoot.getAnimations().length"
    )
    assert (running > 0) is moves


async def keep_typing(page: Page) -> None:
    """The guide thinks for as long as one wants to look at it."""

    async def thinking(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "typing": True})

    async def nothing(route: Route) -> None:
        await route.fulfill(content_type="text/event-stream", body=": nothing\n\n")

    await page.route("**/messages?after=*", thinking)
    await page.route("**/events", nothing)


async def mirrored(route: Route) -> None:
    """The menu's languages, as if English were written from right to left."""
    answer = await route.fetch()
    languages: list[dict[str, Any]] = await answer.json()
    for language in languages:
        if language["code"] == "en":
            language["direction"] = "rtl"
    await route.fulfill(response=answer, body=json.dumps(languages))


@pytest.mark.parametrize("look", ["desktop", "phone"])
async def test_right_to_left_mirrors_the_widget(visit: Visit, look: str) -> None:
    guide = await visit(**LOOKS[look])
    await guide.page.route("**/api/web/languages", mirrored)
    await guide.load()
    await guide.page.evaluate("() => { document.documentElement.dir = 'rtl' }")
    await guide.open()
    await guide.language("en")
    await expect(guide.root).to_have_attribute("dir", "rtl")
    await guide.say("How much does a passport for an adult cost?")
    question = guide.own.last.locator(".bubble")
    log, bubble = await guide.log.bounding_box(), await question.bounding_box()
    close, title = [
        await part.bounding_box() for part in (guide.part("close"), guide.page.locator("#title"))
    ]
    assert log is not None
    assert bubble is not None
    assert close is not None
    assert title is not None
    assert bubble["x"] - log["x"] < 32
    assert close["x"] < title["x"]
    assert await overflows(guide.page) == []
    assert await violations(guide.page) == []
    if look == "desktop":
        await guide.part("close").click()
        launcher = await guide.launcher.bounding_box()
        assert launcher is not None
        assert launcher["x"] < 100


async def test_language_of_each_message_is_told(desktop: Guide) -> None:
    await desktop.say(PASSPORT)
    await desktop.language("en")
    await desktop.say(PASSPORT)
    languages = [message["language"] for message in await desktop.stored()]
    assert len(set(languages)) > 1
    shown = desktop.page.locator('[data-testid="message"] > .content')
    assert [await content.get_attribute("lang") for content in await shown.all()] == languages
