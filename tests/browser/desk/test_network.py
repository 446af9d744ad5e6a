"""The network goes away for half a minute, on one side or the other: nothing is lost or doubled."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.desk.clerk import Clerk
from tests.browser.desk.conftest import Office
from tests.browser.guide import Guide, Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")

_AWAY = 30.0
"""Seconds: longer than an answer may take, and than a page waits before it tries again."""
_QUESTION = "hvordan melder jeg flytning?"


@pytest.fixture
def watch(origin: str) -> Watch:
    watch = Watch(origin)
    watch.failed_requests_expected = True
    return watch


async def said(guide: Guide, author: str) -> list[str]:
    return [item["text"] for item in await guide.stored() if item["author"] == author]


async def test_the_members_network(office: Office, mette: Clerk) -> None:
    guide, conversation = await office.waiting(_QUESTION)
    await mette.claim(conversation)
    await mette.say("Goddag")
    network = mette.page.context
    await network.set_offline(True)
    await expect(mette.part("offline")).to_be_visible()
    for text in ("Et øjeblik", "Jeg finder det"):
        await mette.reply(text)
    await expect(mette.part("unsent")).to_have_count(2)
    for text in ("Er du der?", "Hallo?"):
        await guide.write(text)
    await asyncio.sleep(_AWAY)
    await expect(mette.part("unsent")).to_have_count(2)
    # A reload would find no page; what is written stays in the browser all the same.
    await network.set_offline(False)
    await expect(mette.part("unsent")).to_have_count(0)
    await expect(mette.part("offline")).to_have_count(0)
    await expect(mette.messages.filter(has_text="Hallo?")).to_have_count(1)
    await expect(guide.messages.filter(has_text="Jeg finder det")).to_have_count(1)
    await mette.say("Nu er jeg her igen")
    assert await said(guide, "staff") == [
        "Goddag", "Et øjeblik", "Jeg finder det", "Nu er jeg her igen",
    ]  # fmt: skip
    assert (await said(guide, "citizen"))[-2:] == ["Er du der?", "Hallo?"]
    for text in ("Er du der?", "Hallo?", "Et øjeblik", "Jeg finder det"):
        await expect(mette.messages.filter(has_text=text)).to_have_count(1)


async def test_the_citizens_network(office: Office, mette: Clerk) -> None:
    guide, conversation = await office.waiting(_QUESTION)
    await mette.claim(conversation)
    await mette.say("Goddag")
    await expect(guide.messages.filter(has_text="Goddag")).to_have_count(1)
    network = guide.page.context
    await network.set_offline(True)
    await expect(guide.part("offline")).to_be_visible()
    for text in ("Jeg flytter på fredag", "Til Amager"):
        await guide.write(text)
    for text in ("Hvornår flytter du?", "Og hvorhen?"):
        await mette.say(text)
    await asyncio.sleep(_AWAY)
    await network.set_offline(False)
    await expect(guide.part("offline")).to_be_hidden()
    await expect(guide.messages.filter(has_text="Og hvorhen?")).to_have_count(1)
    await expect(mette.messages.filter(has_text="Til Amager")).to_have_count(1)
    await expect(guide.page.locator("[data-delivery]")).to_have_count(0)
    assert (await said(guide, "citizen"))[-2:] == ["Jeg flytter på fredag", "Til Amager"]
    assert await said(guide, "staff") == ["Goddag", "Hvornår flytter du?", "Og hvorhen?"]
    for text in ("Jeg flytter på fredag", "Til Amager", "Hvornår flytter du?", "Og hvorhen?"):
        await expect(guide.messages.filter(has_text=text)).to_have_count(1)


async def test_an_answer_that_gets_lost_on_its_way_back(office: Office, mette: Clerk) -> None:
    guide, conversation = await office.waiting(_QUESTION)
    await mette.claim(conversation)
    taken = asyncio.Event()

    async def lose(route: object) -> None:
        # The gateway gets the reply, and the page never hears of it.
        await route.fetch()  # type: ignore[attr-defined]
        taken.set()
        await route.abort()  # type: ignore[attr-defined]

    await mette.page.route("**/api/desk/conversations/*/messages", lose, times=1)
    await mette.reply("Kun én gang")
    await asyncio.wait_for(taken.wait(), 30)
    await expect(mette.part("unsent")).to_have_count(0, timeout=30_000)
    await mette.say("Og så videre")
    assert await said(guide, "staff") == ["Kun én gang", "Og så videre"]
    await expect(guide.messages.filter(has_text="Kun én gang")).to_have_count(1)


async def test_a_member_without_network_is_away_for_the_others(
    office: Office, mette: Clerk, omar: Clerk
) -> None:
    guide, conversation = await office.waiting(_QUESTION)
    await mette.claim(conversation)
    await mette.page.context.set_offline(True)
    await mette.reply("Når den kommer frem, er den ikke længere min")
    # An hour of silence, by the database's clock.
    await office.silent(mette.member)
    await expect(guide.part("status")).to_have_attribute("data-phase", "queued", timeout=40_000)
    await omar.claim(conversation)
    await mette.page.context.set_offline(False)
    problem = mette.part("unsent").locator(".bad")
    await expect(problem).to_be_visible()
    await expect(mette.part("unsent")).to_contain_text("er den ikke længere min")
    assert await said(guide, "staff") == []
