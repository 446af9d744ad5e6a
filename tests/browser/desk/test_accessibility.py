"""Everybody can work at the desk: axe, keyboard, zoom, small screens, colours, motion."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from desk.accounts.models import Role
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.desk.clerk import Clerk
from tests.browser.desk.conftest import Office
from tests.browser.desk.places import Walk, administration, conversations
from tests.browser.guide import violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOOKS: dict[str, dict[str, Any]] = {
    "desktop": DESKTOP,
    "phone": PHONE,
    "dark": {**DESKTOP, "color_scheme": "dark"},
    "zoomed": {"viewport": {"width": 320, "height": 256}},
}
"""Zoomed: a window of 1280 by 1024 at 400 %."""
WALKS: list[tuple[Walk, Role]] = [
    (conversations, Role.guide),
    (administration, Role.administrator),
]


async def wide(page: Page) -> list[str]:
    """What makes the page or a part of it scroll sideways; tables may, in a frame of their own."""
    found: list[str] = await page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll('body *')]
            .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0)
            .filter((box) => box === document.documentElement
                || ['auto', 'scroll'].includes(getComputedStyle(box).overflowX))
            .filter((box) => !box.matches('.scroll, .scroll *, textarea, select'))
            .map((box) => `${box.tagName} ${box.className} ${box.scrollWidth}`)"""
    )
    return found


@pytest.mark.parametrize(("walk", "role"), WALKS, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    office: Office, walk: Walk, role: Role, look: str
) -> None:
    clerk = await office.clerk("Mette Holm", role=role, presence=None, **LOOKS[look])
    if role is Role.guide:
        await office.present(clerk.member)
    found: dict[str, list[str]] = {}
    seen = 0
    async for place in walk(office, clerk):
        seen += 1
        problems = await wide(clerk.page)
        if look != "zoomed":
            # What axe looks at does not depend on the zoom.
            problems += await violations(clerk.page)
        if problems:
            found[place] = problems
    assert seen > 5
    assert found == {}


async def test_with_the_keyboard_alone(office: Office) -> None:
    clerk = await office.clerk("Mette Holm", presence=None)
    await office.present(clerk.member)
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    await clerk.load()
    await expect(clerk.item(conversation)).to_be_visible()
    press, typed = clerk.page.keyboard.press, clerk.page.keyboard.type

    await press("j")
    assert (await clerk.focused())["item"] == conversation
    await press("Enter")
    title = clerk.page.locator("#conversation-title")
    await expect(title).to_be_focused()
    await expect(clerk.part("claim")).to_be_visible()
    await press("c")
    await expect(clerk.field).to_be_visible()
    await press("r")
    await expect(clerk.field).to_be_focused()
    # Letters are letters again while one writes.
    await typed("er du der? c t e z")
    await press("Control+Enter")
    await expect(guide.messages.filter(has_text="er du der? c t e z")).to_have_count(1)
    await expect(clerk.field).to_be_focused()
    await press("Escape")
    await expect(title).to_be_focused()

    await press("f")
    await expect(clerk.page.locator("#aside-panel input[type=search]")).to_be_focused()
    await typed("pas til voksne")
    await press("Enter")
    await expect(clerk.part("hit").first).to_be_visible()
    await tab_to(clerk, "hit")
    await press("Enter")
    await expect(clerk.page.locator(".opened-card")).to_be_focused()
    await tab_to(clerk, "attach-card")
    await press("Enter")
    await expect(clerk.part("attached")).to_be_visible()
    await expect(clerk.field).to_be_focused()
    await press("Control+Enter")
    await expect(guide.cards).to_have_count(2)
    await press("Escape")

    await press("n")
    await typed("Har fået kortet om pas")
    await tab_to(clerk, None, text="Gem notatet")
    await press("Enter")
    await expect(clerk.part("note")).to_have_count(1)
    await title.focus()

    await press("e")
    await expect(clerk.page.locator("dialog[open] input").first).to_be_focused()
    await press("ArrowDown")
    await expect(clerk.page.locator('dialog input[value="referred"]')).to_be_checked()
    await tab_to(clerk, "confirm")
    await press("Enter")
    await expect(clerk.page.locator("dialog[open]")).to_have_count(0)
    await expect(clerk.part("state")).to_contain_text("Henvist")
    assert (await clerk.focused())["tag"] != "BODY"
    await press("u")
    await expect(title).to_have_count(0)
    assert (await clerk.focused())["tag"] != "BODY"


async def tab_to(clerk: Clerk, hook: str | None, text: str = "") -> None:
    for _ in range(60):
        await clerk.page.keyboard.press("Tab")
        now = await clerk.focused()
        if (hook and now["hook"] == hook) or (text and now["text"] == text):
            return
    pytest.fail(f"{hook or text} cannot be reached")


async def test_the_menu_on_a_phone_with_the_keyboard(office: Office) -> None:
    clerk = await office.clerk("Mette Holm", presence=None, **PHONE)
    await clerk.load()
    await expect(clerk.part("list-mine")).to_be_hidden()
    await clerk.page.locator(".menu-button").focus()
    await clerk.page.keyboard.press("Enter")
    await expect(clerk.part("list-mine")).to_be_visible()
    await clerk.part("list-mine").focus()
    await clerk.page.keyboard.press("Enter")
    await expect(clerk.part("list-mine")).to_be_hidden()
    await expect(clerk.page.locator("h1#page")).to_be_focused()


async def test_news_is_told_politely(office: Office) -> None:
    clerk = await office.clerk("Mette Holm", presence=None)
    await office.present(clerk.member)
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    await clerk.load(f"waiting/{conversation}")
    await clerk.part("claim").click()
    await expect(clerk.field).to_be_visible()
    await guide.write("Er der nogen?")
    await expect(clerk.part("polite")).to_contain_text("Er der nogen?")
    await expect(clerk.part("urgent")).to_be_empty()


async def test_forced_colours_keep_edges_and_focus(office: Office) -> None:
    clerk = await office.clerk("Mette Holm", presence=None, forced_colors="active")
    await office.present(clerk.member)
    _, conversation = await office.waiting("hvordan melder jeg flytning?")
    await clerk.load(f"waiting/{conversation}")
    button = clerk.part("claim")
    await expect(button).to_be_visible()
    edge = "(box) => [getComputedStyle(box).borderTopWidth, getComputedStyle(box).borderTopStyle]"
    assert await button.evaluate(edge) == ["1px", "solid"]
    await clerk.page.keyboard.press("Tab")
    await button.focus()
    ring = await button.evaluate(
        "(box) => [getComputedStyle(box).outlineStyle, getComputedStyle(box).outlineWidth]"
    )
    assert ring[0] == "solid"
    assert float(ring[1].removesuffix("px")) >= 2


async def test_nothing_moves_for_those_who_do_not_want_it(office: Office) -> None:
    clerk = await office.clerk("Mette Holm", presence=None, reduced_motion="reduce")
    await office.present(clerk.member)
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    await clerk.load(f"waiting/{conversation}")
    await clerk.part("claim").click()
    await clerk.say("Goddag")
    await guide.write("Hej")
    await expect(clerk.messages.filter(has_text="Hej").last).to_be_visible()
    moving = "() => document.getAnimations().filter((one) => one.playState === 'running').length"
    assert await clerk.page.evaluate(moving) == 0
