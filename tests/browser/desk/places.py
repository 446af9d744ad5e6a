"""The pages of the desk with something on them, one after the other: for looking at each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from playwright.async_api import Page, expect

from tests.browser.desk.clerk import Clerk
from tests.browser.desk.conftest import Office

Walk = Callable[[Office, Clerk], AsyncIterator[str]]
ADMINISTRATION = (
    "statistics", "members", "teams", "canned", "knowledge", "dead-letters", "audit",
)  # fmt: skip


async def close_dialog(page: Page) -> None:
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog[open]")).to_have_count(0)


async def menu(clerk: Clerk) -> None:
    """Where the window is narrow, the lists are behind a button."""
    button = clerk.page.locator(".menu-button")
    if await button.is_visible() and await button.get_attribute("aria-expanded") == "false":
        await button.click()


async def conversations(office: Office, clerk: Clerk) -> AsyncIterator[str]:
    """Lists and a conversation, as ``clerk`` takes it, helps and ends it. Yields where we are."""
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    await clerk.load()
    await expect(clerk.item(conversation)).to_be_visible()
    yield "waiting"
    await clerk.load(f"waiting/{conversation}")
    await expect(clerk.part("claim")).to_be_visible()
    yield "conversation, not taken"
    await clerk.part("claim").click()
    await clerk.say("Goddag, hvornår flytter du? Se https://www.borger.dk/flytning")
    await guide.write("På fredag, til Amager")
    await expect(clerk.messages.filter(has_text="til Amager")).to_have_count(1)
    await expect(clerk.part("suggestion").first).to_be_visible()
    yield "conversation"
    await clerk.part("tab-help").click()
    await clerk.page.locator("#aside-panel input[type=search]").fill("pas")
    await clerk.page.locator("#aside-panel form button").first.click()
    await clerk.part("hit").first.click()
    await expect(clerk.page.locator(".opened-card")).to_be_visible()
    yield "knowledge card"
    for tab in ("notes", "citizen", "activity"):
        await clerk.part(f"tab-{tab}").click()
        yield f"tab {tab}"
    for dialog in ("transfer", "snooze", "resolve", "spam", "canned"):
        await clerk.part(dialog).click()
        await expect(clerk.page.locator("dialog[open]")).to_be_visible()
        yield f"dialog {dialog}"
        await close_dialog(clerk.page)
    for where in ("mine", "team", "snoozed", "search"):
        await clerk.load(where)
        yield where
    await clerk.load("search?q=Amager")
    await expect(clerk.part("item").first).to_be_visible()
    yield "found"
    await menu(clerk)
    await clerk.part("help").click()
    await expect(clerk.page.locator("dialog[open]")).to_be_visible()
    yield "keys"
    await close_dialog(clerk.page)
    await clerk.load(f"mine/{conversation}")
    await clerk.resolve()
    await clerk.load(f"resolved/{conversation}")
    await expect(clerk.part("state")).to_be_visible()
    yield "resolved"


async def administration(_: Office, clerk: Clerk) -> AsyncIterator[str]:
    """Every page of the administration, and the dialogs that make things."""
    for name in ADMINISTRATION:
        await clerk.load(f"admin/{name}")
        await expect(clerk.page.locator("h1#page")).to_be_visible()
        await expect(clerk.page.get_by_text("Henter …")).to_have_count(0)
        yield name
        add = clerk.page.locator(".page-head button.primary")
        if await add.count():
            await add.first.click()
            await expect(clerk.page.locator("dialog[open]")).to_be_visible()
            yield f"{name}, adding"
            await close_dialog(clerk.page)
    await clerk.load("admin/nowhere")
    yield "no such page"
