"""Each side sees that the other writes; for a moment only."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.desk.clerk import Clerk
from tests.browser.desk.conftest import Office

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_each_side_sees_the_other_write(office: Office, mette: Clerk, omar: Clerk) -> None:
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    # To nobody in particular nothing is told.
    await guide.field.press_sequentially("er")
    await mette.claim(conversation)
    await omar.open(conversation, "team")
    await expect(guide.part("status")).to_have_attribute("data-phase", "assigned")

    await guide.field.press_sequentially(" der nogen?")
    await expect(mette.part("typing")).to_be_visible()
    await expect(mette.part("polite")).to_contain_text("Borgeren skriver")
    await expect(omar.part("typing")).to_have_count(0)
    await guide.field.press("Enter")
    await expect(mette.messages.filter(has_text="er der nogen?")).to_have_count(1)
    await expect(mette.part("typing")).to_have_count(0)

    await mette.field.press_sequentially("Ja, her er jeg")
    await expect(guide.part("typing")).to_be_visible()
    await expect(guide.part("typing")).to_contain_text("Medarbejderen skriver")
    spoken = guide.announcer.locator("p").filter(has_text="Medarbejderen skriver")
    await expect(spoken).to_have_count(1)
    await mette.part("send").click()
    await expect(guide.messages.filter(has_text="her er jeg")).to_have_count(1)
    await expect(guide.part("typing")).to_be_hidden()
    # The next message is news at its first word.
    await mette.field.press_sequentially("Og")
    await expect(guide.part("typing")).to_be_visible(timeout=3_000)


async def test_who_stops_writing_is_not_shown_for_long(office: Office, mette: Clerk) -> None:
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    await mette.claim(conversation)
    await expect(guide.part("status")).to_have_attribute("data-phase", "assigned")
    await mette.field.press_sequentially("Et øj")
    await guide.field.press_sequentially("Hm")
    await expect(guide.part("typing")).to_be_visible()
    await expect(mette.part("typing")).to_be_visible()
    await expect(guide.part("typing")).to_be_hidden(timeout=20_000)
    await expect(mette.part("typing")).to_have_count(0, timeout=20_000)
    stored = await guide.stored()
    assert [message["author"] for message in stored].count("staff") == 0
