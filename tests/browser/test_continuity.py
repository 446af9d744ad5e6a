"""Nothing is lost and nothing is said twice: reloads, two tabs, lost networks, crashes."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.guide import PASSPORT, PASSPORT_SERVICE, Guide, Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_reload_in_mid_answer_loses_and_doubles_nothing(desktop: Guide) -> None:
    await desktop.write(PASSPORT)
    await desktop.page.reload()
    await expect(desktop.panel).to_be_visible()
    await expect(desktop.cards).to_have_count(1)
    await expect(desktop.own).to_have_count(1)
    await asyncio.sleep(1)
    await expect(desktop.cards).to_have_count(1)
    assert await desktop.stored_own() == [PASSPORT]


async def test_message_whose_receipt_was_lost_is_stored_once(desktop: Guide, watch: Watch) -> None:
    watch.failed_requests_expected = True
    arrived = asyncio.Event()

    async def swallow(route: Route) -> None:
        await route.fetch()
        arrived.set()

    await desktop.page.route("**/messages", swallow)
    await desktop.write(PASSPORT)
    await arrived.wait()
    await desktop.page.unroute("**/messages", swallow)
    await desktop.page.reload()
    await expect(desktop.cards).to_have_count(1)
    await expect(desktop.own).to_have_count(1)
    assert await desktop.stored_own() == [PASSPORT]


async def test_draft_survives_a_reload(desktop: Guide) -> None:
    await desktop.field.fill("jeg ville lige")
    await desktop.page.reload()
    await expect(desktop.field).to_have_value("jeg ville lige")


async def test_closed_stays_closed_and_counts_what_came(desktop: Guide) -> None:
    closed = asyncio.Event()

    async def once_closed(route: Route) -> None:
        await closed.wait()
        await route.continue_()

    await desktop.page.route("**/messages", once_closed)
    await desktop.write(PASSPORT)
    await desktop.part("close").click()
    closed.set()
    await expect(desktop.launcher.locator(".badge")).to_have_text("1")
    await desktop.page.reload()
    await expect(desktop.panel).to_be_hidden()
    await desktop.open()
    await expect(desktop.cards).to_have_count(1)
    await desktop.part("close").click()
    await expect(desktop.launcher.locator(".badge")).to_be_hidden()


async def test_two_tabs_agree(desktop: Guide) -> None:
    other = Guide(await desktop.page.context.new_page(), desktop.origin)
    await other.begin()
    await desktop.say(PASSPORT)
    await expect(other.cards).to_have_count(1)
    await expect(other.own).to_have_count(1)
    await other.say("hvad skal jeg have med?")
    await expect(desktop.own).to_have_count(2)
    await expect(desktop.cards).to_have_count(await other.cards.count())
    assert await desktop.messages.all_inner_texts() == await other.messages.all_inner_texts()


async def test_deleting_in_one_tab_deletes_in_the_other(desktop: Guide) -> None:
    other = Guide(await desktop.page.context.new_page(), desktop.origin)
    await other.begin()
    await desktop.say(PASSPORT)
    await expect(other.cards).to_have_count(1)
    await desktop.ask_to_delete()
    await desktop.part("delete-yes").click()
    await expect(other.part("notice")).to_be_visible()
    await expect(other.messages).to_have_count(0)


async def test_two_tabs_opened_at_once_share_one_conversation(visit: Visit) -> None:
    first = await visit()
    second = Guide(await first.page.context.new_page(), first.origin)
    await first.load()
    await second.load()
    await asyncio.gather(first.open(), second.open())
    assert [m["id"] for m in await first.stored()] == [m["id"] for m in await second.stored()]
    await first.say(PASSPORT)
    await expect(second.cards).to_have_count(1)


async def test_offline_is_told_and_what_was_typed_is_sent_once(
    desktop: Guide, watch: Watch
) -> None:
    watch.failed_requests_expected = True
    await desktop.page.context.set_offline(True)
    await expect(desktop.part("offline")).to_be_visible()
    await desktop.write(PASSPORT)
    await expect(desktop.own.last).to_have_attribute("data-delivery", "waiting")
    await expect(desktop.part("retry")).to_be_visible()
    await desktop.page.context.set_offline(False)
    await expect(desktop.cards).to_have_count(1)
    await expect(desktop.part("offline")).to_be_hidden()
    await expect(desktop.own).to_have_count(1)
    assert await desktop.stored_own() == [PASSPORT]


async def test_messages_written_offline_arrive_in_order(desktop: Guide, watch: Watch) -> None:
    watch.failed_requests_expected = True
    texts = [PASSPORT, "hvad skal jeg have med?", "tak"]
    await desktop.page.context.set_offline(True)
    await expect(desktop.part("offline")).to_be_visible()
    for text in texts:
        await desktop.write(text)
    await desktop.page.context.set_offline(False)
    await expect(desktop.page.locator("[data-delivery]")).to_have_count(0)
    assert await desktop.stored_own() == texts


async def test_without_a_stream_the_widget_polls(visit: Visit, watch: Watch) -> None:
    watch.failed_requests_expected = True
    guide = await visit()
    await guide.page.route("**/events", lambda route: route.abort())
    await guide.begin()
    answer = await guide.say(PASSPORT)
    await expect(answer.get_by_test_id("card")).to_have_attribute("data-service", PASSPORT_SERVICE)


async def test_conversation_that_the_server_forgot_begins_anew(
    desktop: Guide, watch: Watch
) -> None:
    watch.failed_requests_expected = True
    await desktop.say(PASSPORT)
    await desktop.page.evaluate(
        """key => {
            const kept = JSON.parse(localStorage.getItem(key))
            kept.conversation.token = 'not-the-token'
            localStorage.setItem(key, JSON.stringify(kept))
        }""",
        f"borger-guide {desktop.origin}",
    )
    await desktop.page.reload()
    await expect(desktop.part("notice")).to_be_visible()
    await expect(desktop.answers).to_have_count(1)
    await desktop.say(PASSPORT)
    assert await desktop.stored_own() == [PASSPORT]
