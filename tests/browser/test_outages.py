"""Processes die in the middle of a conversation, and come back."""

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


async def test_gateway_killed_in_mid_conversation(desktop: Guide, fragile: Stack) -> None:
    await desktop.say(PASSPORT)
    fragile.kill("gateway")
    await expect(desktop.part("offline")).to_be_visible()
    await desktop.write("hvad skal jeg have med?")
    await expect(desktop.own.last).to_have_attribute("data-delivery", "waiting")
    fragile.start_gateway()
    await asyncio.to_thread(fragile.wait)
    await expect(desktop.answers).to_have_count(3, timeout=40_000)
    await expect(desktop.part("offline")).to_be_hidden()
    await expect(desktop.own).to_have_count(2)
    assert await desktop.stored_own() == [PASSPORT, "hvad skal jeg have med?"]


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


async def test_page_loaded_while_the_gateway_is_away_recovers(visit: Visit, fragile: Stack) -> None:
    guide = await visit()
    await guide.load()
    fragile.kill("gateway")
    await guide.launcher.click()
    await expect(guide.part("offline")).to_be_visible()
    await guide.write(PASSPORT)
    fragile.start_gateway()
    await asyncio.to_thread(fragile.wait)
    await expect(guide.cards).to_have_count(1, timeout=40_000)
    assert await guide.stored_own() == [PASSPORT]


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
