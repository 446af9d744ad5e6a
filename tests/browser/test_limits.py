"""Writing too fast is told, and what was written still arrives."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.guide import Guide, Watch
from tests.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def origin(strict: Stack) -> str:
    return strict.url


async def test_widget_says_so_and_sends_later(desktop: Guide, watch: Watch) -> None:
    watch.failed_requests_expected = True
    texts = ["en", "to", "tre", "fire"]
    for text in texts:
        await desktop.write(text)
    await expect(desktop.part("notice")).to_be_visible()
    await expect(desktop.part("notice")).not_to_be_empty()
    await expect(desktop.page.locator("[data-delivery=waiting]").first).to_be_visible()
    await expect(desktop.page.locator("[data-delivery]")).to_have_count(0)
    await expect(desktop.part("notice")).to_be_hidden()
    assert await desktop.stored_own() == texts


async def test_page_without_script_says_so_and_keeps_the_text(visit: Visit, watch: Watch) -> None:
    watch.failed_requests_expected = True
    guide = await visit(java_script_enabled=False)
    await guide.page.goto(f"{guide.origin}/chat")
    for text in ("en", "to", "tre"):
        await guide.page.locator("#text").fill(text)
        await guide.page.locator(".say button").click()
    await expect(guide.page.locator("[role=alert]")).to_be_visible()
    await expect(guide.page.locator("#text")).to_have_value("tre")
