"""A citizen asks, chooses, changes language, keeps and deletes, on desktop and phone."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Visit
from tests.browser.guide import PASSPORT, PASSPORT_SERVICE, Guide, Watch

pytestmark = pytest.mark.asyncio(loop_scope="session")

MARKUP = "<b>fed</b><img src=x onerror=\"document.title='hacket'\"><script>alert(1)</script>"


async def test_city_page_shows_the_launcher_and_starts_nothing_by_itself(visit: Visit) -> None:
    guide = await visit()
    calls: list[str] = []
    guide.page.on("request", lambda request: calls.append(request.url))
    await guide.load()
    await guide.page.wait_for_load_state("networkidle")
    await expect(guide.panel).to_be_hidden()
    assert not [url for url in calls if "/api/" in url]


async def test_opening_welcomes_with_suggestions_and_says_that_it_is_a_machine(
    guide: Guide,
) -> None:
    await expect(guide.launcher).to_be_hidden()
    await expect(guide.part("machine")).to_be_visible()
    await expect(guide.part("machine")).not_to_be_empty()
    assert await guide.choices.count() >= 3
    assert [message["reply"] for message in await guide.stored()] == ["welcome"]


async def test_welcome_is_read_from_its_beginning(guide: Guide) -> None:
    assert await guide.log.evaluate("log => log.scrollTop") == 0


async def test_question_gets_a_card_with_authority_price_and_date(guide: Guide) -> None:
    answer = await guide.say(PASSPORT)
    card = answer.get_by_test_id("card")
    await expect(card).to_have_attribute("data-service", PASSPORT_SERVICE)
    sent = (await guide.stored())[-1]["card"]
    await expect(card).to_contain_text(sent["title"])
    await expect(card).to_contain_text(sent["authority"]["name"])
    await expect(card).to_contain_text(sent["checked"])
    prices = card.locator('[data-kind="cost"] strong')
    await expect(prices.first).to_contain_text(re.compile(r"\d+ kr"))


async def test_long_answer_is_shown_from_the_question_on(guide: Guide) -> None:
    answer = await guide.say("hvordan melder jeg flytning?")
    assert await guide.log.evaluate("log => log.scrollHeight > log.clientHeight")
    log, question, card = [
        await part.bounding_box() for part in (guide.log, guide.own.last, answer)
    ]
    assert log is not None
    assert question is not None
    assert card is not None
    assert log["y"] <= question["y"] < card["y"] < log["y"] + log["height"]


async def test_follow_up_is_about_the_same_service(guide: Guide) -> None:
    await guide.say(PASSPORT)
    await guide.say("hvad skal jeg have med?")
    answers = [message for message in await guide.stored() if message["author"] == "guide"]
    assert answers[-1]["service"] == PASSPORT_SERVICE
    assert answers[-1]["reply"] != answers[-2]["reply"]


async def test_choice_is_a_message_and_is_answered(guide: Guide) -> None:
    choice = guide.choices.first
    title = await choice.inner_text()
    await guide.choose(choice)
    await expect(guide.own).to_have_count(1)
    await expect(guide.own.last).to_contain_text(title)
    assert await guide.stored_own() == [title]


async def test_only_the_newest_choices_can_be_pressed(desktop: Guide) -> None:
    await desktop.choose(desktop.choices.first)
    newest = (await desktop.stored())[-1]["choices"]
    await expect(desktop.choices).to_have_text([choice["title"] for choice in newest])


async def test_many_choices_stay_inside_the_panel(guide: Guide) -> None:
    await guide.say("vi skal have barn")
    await expect(guide.choices.nth(5)).to_be_visible()
    log = await guide.log.bounding_box()
    assert log is not None
    for choice in await guide.choices.all():
        box = await choice.bounding_box()
        assert box is not None
        assert log["x"] <= box["x"]
        assert box["x"] + box["width"] <= log["x"] + log["width"]
        assert box["height"] >= 44


async def test_language_menu_changes_interface_and_answers(guide: Guide) -> None:
    danish = await guide.part("machine").inner_text()
    await guide.language("en")
    await expect(guide.part("machine")).not_to_have_text(danish)
    await expect(guide.root).to_have_attribute("lang", "en")
    answer = await guide.say(PASSPORT)
    await expect(answer.locator(".content")).to_have_attribute("lang", "en")
    await guide.page.reload()
    await expect(guide.part("language")).to_have_value("en")
    await expect(guide.part("machine")).not_to_have_text(danish)


async def test_question_waits_for_a_language_choice_that_is_slow_to_arrive(desktop: Guide) -> None:
    async def slowly(route: Route) -> None:
        await asyncio.sleep(0.5)
        await route.continue_()

    await desktop.page.route("**/language", slowly)
    await desktop.language("en")
    answer = await desktop.say(PASSPORT)
    await expect(answer.locator(".content")).to_have_attribute("lang", "en")


async def test_english_question_is_answered_in_english(guide: Guide) -> None:
    answer = await guide.say("How much does a passport for an adult cost?")
    await expect(answer.locator(".content")).to_have_attribute("lang", "en")
    await expect(answer.get_by_test_id("card")).to_have_attribute("data-service", PASSPORT_SERVICE)


async def test_markup_is_shown_as_text(guide: Guide, visit: Visit) -> None:
    title = await guide.page.title()
    await guide.say(MARKUP)
    await expect(guide.own.last.locator(".text")).to_have_text(MARKUP)
    assert await guide.own.last.locator("b, img, script").count() == 0
    await guide.page.reload()
    await expect(guide.own.last.locator(".text")).to_have_text(MARKUP)
    assert await guide.page.title() == title


async def test_lines_are_kept_and_shift_enter_makes_them(desktop: Guide) -> None:
    await desktop.field.press_sequentially("hej")
    await desktop.field.press("Shift+Enter")
    await desktop.field.press_sequentially("du")
    await expect(desktop.own).to_have_count(0)
    await desktop.field.press("Enter")
    await expect(desktop.own.last.locator(".text")).to_have_text("hej\ndu")
    await expect(desktop.own.last.locator(".text")).to_have_css("white-space", "pre-wrap")


async def test_length_limit_is_told_near_it_and_kept(desktop: Guide) -> None:
    await desktop.field.fill("a" * 1500)
    await expect(desktop.part("count")).to_be_hidden()
    await desktop.field.fill("a" * 1900)
    await expect(desktop.part("count")).to_contain_text("100")
    await desktop.field.fill("a" * 2003)
    await expect(desktop.part("count")).to_contain_text("3")
    await desktop.field.press("Enter")
    await expect(desktop.own).to_have_count(0)
    await expect(desktop.field).to_have_attribute("aria-invalid", "true")


async def test_cpr_number_is_masked_for_all_to_see(desktop: Guide) -> None:
    await desktop.say("mit cpr er 010190-1234, hvad koster et pas?")
    await expect(desktop.own.last).not_to_contain_text("1234")
    assert "1234" not in (await desktop.stored_own())[-1]


async def test_feedback_is_thanked_for_and_remembered(desktop: Guide) -> None:
    await desktop.say(PASSPORT)
    await desktop.part("helpful").click()
    await expect(desktop.part("rated")).to_be_visible()
    await desktop.page.reload()
    await expect(desktop.part("rated")).to_be_visible()


async def test_transcript_holds_the_whole_conversation(guide: Guide, downloads: Path) -> None:
    await guide.say(PASSPORT)
    await guide.open_menu()
    async with guide.page.expect_download() as waiting:
        await guide.part("transcript").click()
    download = await waiting.value
    assert download.suggested_filename.endswith(".txt")
    await download.save_as(downloads / "samtale.txt")
    text = (downloads / "samtale.txt").read_text()
    for message in await guide.stored():
        assert message["text"] in text.replace("\r\n", "\n")


async def test_print_shows_the_conversation_alone(desktop: Guide) -> None:
    await desktop.say(PASSPORT)
    price = await desktop.cards.locator("strong").first.inner_text()
    await desktop.page.evaluate("() => { window.print = () => {} }")
    await desktop.open_menu()
    await desktop.part("print").click()
    await desktop.page.emulate_media(media="print")
    await expect(desktop.page.locator(".borger-guide-paper")).to_contain_text(price)
    await expect(desktop.page.locator("h1").first).to_be_hidden()
    await desktop.page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    await expect(desktop.page.locator(".borger-guide-paper")).to_have_count(0)


async def test_deleted_conversation_is_gone_here_and_there(guide: Guide, watch: Watch) -> None:
    await guide.say(PASSPORT)
    kept = await guide.page.evaluate(
        "key => JSON.parse(localStorage.getItem(key)).conversation", f"borger-guide {guide.origin}"
    )
    await guide.ask_to_delete()
    await guide.part("delete-yes").click()
    await expect(guide.part("notice")).to_be_visible()
    await expect(guide.messages).to_have_count(0)
    answer = await guide.page.request.get(
        f"{guide.origin}/api/web/conversations/{kept['id']}/messages",
        headers={"Authorization": f"Bearer {kept['token']}"},
    )
    assert answer.status == 404
    assert kept["id"] not in await guide.page.evaluate("() => JSON.stringify(localStorage)")
    await guide.part("restart").click()
    await expect(guide.answers).to_have_count(1)
    assert await guide.stored_own() == []


async def test_deletion_can_be_thought_better_of(desktop: Guide) -> None:
    await desktop.say(PASSPORT)
    await desktop.ask_to_delete()
    await desktop.part("delete-no").click()
    await expect(desktop.part("confirm")).to_be_hidden()
    await expect(desktop.own).to_have_count(1)


async def test_the_watch_sees_requests_to_others(visit: Visit, watch: Watch) -> None:
    guide = await visit()
    await guide.load()
    await guide.page.evaluate("() => fetch('http://127.0.0.1:9/').catch(() => null)")
    await guide.page.wait_for_timeout(100)
    assert watch.problems
    watch.problems.clear()
