"""A booking from the first word to the cancelled appointment, in the widget, in both languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.guide import Guide, overflows, violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS: dict[str, dict[str, Any]] = {
    "da": {
        "begin": "jeg vil gerne bestille tid til pas",
        "any_language": "Det er lige meget",
        "bring": "hvad skal jeg have med?",
        "day": "næste torsdag efter klokken ti",
        "other": "nej, fredag",
        "weekday": re.compile("fredag den", re.IGNORECASE),
        "yes": "Ja",
        "booked": "Din tid er bestilt",
        "move": "flyt min tid",
        "moved": "Din tid er flyttet",
        "cancelled": "Tiden er aflyst",
        "told": "Din tid er aflyst",
        "cancel": "Aflys",
    },
    "en": {
        "begin": "I want to book an appointment for a passport",
        "any_language": "It does not matter",
        "bring": "what must I bring?",
        "day": "next Thursday after ten",
        "other": "no, Friday",
        "weekday": re.compile("Friday,", re.IGNORECASE),
        "yes": "Yes",
        "booked": "Your time is booked",
        "move": "move my appointment",
        "moved": "Your appointment is moved",
        "cancelled": "The appointment is cancelled",
        "told": "Your appointment is cancelled",
        "cancel": "Cancel",
    },
}


async def last(guide: Guide) -> Locator:
    await expect(guide.part("typing")).to_be_hidden()
    return guide.answers.last


async def pick(guide: Guide, title: str | re.Pattern[str], place: str = "first") -> None:
    """A choice of the last answer by its title."""
    choices = guide.choices.filter(has_text=title)
    await guide.choose(choices.first if place == "first" else choices.last)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", WORDS)
async def test_booked_moved_and_cancelled(
    visit: Visit, language: str, size: dict[str, Any]
) -> None:
    words = WORDS[language]
    locale = "da-DK" if language == "da" else "en-GB"
    guide = await visit(**size, locale=locale)
    await guide.begin()
    await guide.language(language)
    await guide.say(words["begin"])
    await guide.say("2200")
    await pick(guide, words["any_language"])
    # A question in between is answered, and what was asked is asked again.
    await guide.say(words["bring"])
    await expect(await last(guide)).to_contain_text(re.compile(r"\d{4}|kl\.|:"))
    await guide.say(words["day"])
    await guide.say(words["other"])
    await expect(await last(guide)).to_contain_text(words["weekday"])
    assert await violations(guide.page) == []
    await pick(guide, words["weekday"])
    await guide.say("Mette Hansen")
    await guide.say("mette@example.dk")
    await expect(await last(guide)).to_contain_text("Mette Hansen")
    await pick(guide, re.compile(f"^{words['yes']}$"))
    receipt = await last(guide)
    await expect(receipt).to_contain_text(words["booked"])
    await guide.say(words["move"])
    await guide.choose(guide.choices.filter(has_text=re.compile(r"20\d\d")).last)
    await pick(guide, re.compile(f"^{words['yes']}$"))
    moved = await last(guide)
    await expect(moved).to_contain_text(words["moved"])
    found = re.search(r"/b/[a-z0-9]{12}", await moved.inner_text())
    assert found is not None
    page = await guide.page.context.new_page()
    await page.goto(f"{guide.origin}{found[0]}")
    assert await violations(page) == []
    assert await overflows(page) == []
    async with page.expect_download() as download:
        await page.locator('a[href$=".ics"]').click()
    assert (await download.value).suggested_filename.endswith(".ics")
    await page.get_by_role("button", name=re.compile(words["cancel"])).click()
    await expect(page.get_by_text(words["cancelled"])).to_be_visible()
    await expect(guide.answers.last).to_contain_text(words["told"])
