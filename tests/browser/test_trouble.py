"""Processes die in the middle of a conversation and come back; citizens write too fast."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.guide import PASSPORT, PASSPORT_SERVICE, Guide, Watch
from tests.stack import Stack

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def origin(fragile: Stack) -> str:
    return fragile.url


@pytest.fixture
def watch(origin: str) -> Watch:
    watch = Watch(origin)
    watch.failed_requests_expected = True
    return watch


async def test_gateway_killed_in_mid_conversation(
    desktop: Guide, visit: Visit, fragile: Stack
) -> None:
    newcomer = await visit()
    await newcomer.load()
    await desktop.say(PASSPORT)
    fragile.kill("gateway")

    await expect(desktop.part("offline")).to_be_visible()
    await desktop.write("hvad skal jeg have med?")
    await expect(desktop.own.last).to_have_attribute("data-delivery", "waiting")
    await newcomer.launcher.click()
    await expect(newcomer.part("offline")).to_be_visible()
    await newcomer.write(PASSPORT)

    fragile.start_gateway()
    await asyncio.to_thread(fragile.wait)
    for guide, texts in (
        (desktop, [PASSPORT, "hvad skal jeg have med?"]),
        (newcomer, [PASSPORT]),
    ):
        await expect(guide.answers).to_have_count(len(texts) + 1, timeout=40_000)
        await expect(guide.part("offline")).to_be_hidden()
        await expect(guide.own).to_have_count(len(texts))
        assert await guide.stored_own() == texts


async def test_gateway_killed_before_it_could_answer(desktop: Guide, fragile: Stack) -> None:
    async with desktop.page.expect_response("**/messages"):
        await desktop.write(PASSPORT)
    fragile.kill("gateway")
    fragile.start_gateway()
    await asyncio.to_thread(fragile.wait)
    await expect(desktop.cards).to_have_count(1, timeout=40_000)
    await expect(desktop.part("typing")).to_be_hidden()
    assert await desktop.stored_own() == [PASSPORT]
    assert [m["service"] for m in await desktop.stored() if m["card"]] == [PASSPORT_SERVICE]


async def test_dialogue_killed_the_guide_looks_things_up(desktop: Guide, fragile: Stack) -> None:
    fragile.kill("rasa")
    await asyncio.to_thread(fragile.wait, "degraded")
    await desktop.say(PASSPORT)
    answers = [m for m in await desktop.stored() if m["author"] == "guide"][1:]
    assert answers[0]["reply"] == "degraded"
    offered = [m["service"] for m in answers] + answers[0]["candidates"]
    assert PASSPORT_SERVICE in offered
    assert "human" in [choice["choice"] for choice in answers[-1]["choices"]]
    fragile.start_rasa()
    await asyncio.to_thread(fragile.wait)
    await desktop.say(PASSPORT)
    last = (await desktop.stored())[-1]
    assert (last["reply"], last["service"]) == ("service_cost", PASSPORT_SERVICE)


async def test_writing_too_fast_is_told_and_sent_later(desktop: Guide) -> None:
    texts = ["pas", "flytning", "skole", "affald"]
    for text in texts:
        await desktop.write(text)
    await expect(desktop.part("notice")).to_be_visible()
    await expect(desktop.part("notice")).not_to_be_empty()
    await expect(desktop.page.locator("[data-delivery=waiting]").first).to_be_visible()
    await expect(desktop.page.locator("[data-delivery]")).to_have_count(0, timeout=40_000)
    await expect(desktop.part("notice")).to_be_hidden()
    assert await desktop.stored_own() == texts


async def test_writing_too_fast_without_script_is_told_on_the_page(visit: Visit) -> None:
    guide = await visit(java_script_enabled=False)
    await guide.page.goto(f"{guide.origin}/chat")
    for _ in range(5):
        await guide.page.locator("#text").fill("hvad så?")
        await guide.page.locator(".say button").click()
        await guide.page.wait_for_load_state()
        if await guide.page.locator("#text").count() == 0:
            break
    await expect(guide.page.locator("[role=alert]")).to_be_visible(timeout=2_000)
    await expect(guide.page.locator("#text")).to_have_value("hvad så?")
