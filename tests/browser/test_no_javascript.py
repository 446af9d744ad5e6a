"""The guide without any script in the browser: from the city page to an answer and back."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.guide import PASSPORT

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session", params=[DESKTOP, PHONE], ids=["desktop", "phone"])
async def page(visit: Visit, request: pytest.FixtureRequest) -> Page:
    """The page that the city page points to when there is no script."""
    guide = await visit(java_script_enabled=False, **request.param)
    await guide.page.goto(f"{guide.origin}/")
    await expect(guide.page.locator("borger-guide")).to_have_count(0)
    await guide.page.locator('.noscript a[href="/chat"]').click()
    await expect(guide.page).to_have_url(f"{guide.origin}/chat")
    return guide.page


async def ask(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.locator(".say button").click()
    await expect(page.locator(".messages li.citizen").last).to_contain_text(text)


async def test_question_is_answered_on_the_next_page(page: Page) -> None:
    await ask(page, PASSPORT)
    await expect(page.locator(".messages li.citizen p")).to_have_text([PASSPORT])
    await expect(page.locator("#latest")).to_contain_text(" kr.")
    await expect(page.locator("#latest")).to_be_in_viewport()
    await expect(page.locator("#text")).to_be_empty()


async def test_choice_is_a_button_that_works(page: Page) -> None:
    await ask(page, PASSPORT)
    choice = page.locator(".choices button").first
    title = await choice.inner_text()
    await choice.click()
    await expect(page.locator(".messages li.citizen").last).to_contain_text(title)
    await expect(page.locator("#latest")).to_have_class("guide")


async def test_language_can_be_chosen(page: Page) -> None:
    await page.locator('button[name="language"][value="en"]').click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await ask(page, "How much does a passport for an adult cost?")
    await expect(page.locator("#latest")).to_have_attribute("lang", "en")


async def test_markup_is_shown_as_text(page: Page) -> None:
    await ask(page, "<b>fed</b><script>x</script>")
    own = page.locator(".messages li.citizen p")
    await expect(own).to_have_text("<b>fed</b><script>x</script>")
    assert await own.locator("b, script").count() == 0


async def test_conversation_survives_leaving_and_coming_back(page: Page) -> None:
    await ask(page, PASSPORT)
    messages = await page.locator(".messages li").count()
    await page.locator("footer a").click()
    await page.locator("footer a[href='/chat']").click()
    await expect(page.locator(".messages li")).to_have_count(messages)


async def test_erased_conversation_is_gone(page: Page) -> None:
    await ask(page, PASSPORT)
    await page.locator("button.quiet").click()
    await expect(page.locator(".messages li")).to_have_count(0)
    assert await page.context.cookies() == []
