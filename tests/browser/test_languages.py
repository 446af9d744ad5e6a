"""Arabic and Polish from the first click to the answer, and every language in the menu."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect

from settings import ROOT
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.guide import PASSPORT_SERVICE, Guide, Watch, overflows, violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXTS = "**/texts/*.json*"


@dataclass(frozen=True)
class Tongue:
    """A language, and what somebody writes in it."""

    code: str
    direction: str
    passport: str
    mixed: str
    """Begins with a Latin name, and holds a telephone number, another number and an address."""

    def says(self, key: str) -> str:
        """One of the widget's own texts."""
        file = ROOT / "web" / "widget" / "texts" / f"{self.code}.json"
        return str(json.loads(file.read_text(encoding="utf-8"))[key])


ARABIC = Tongue(
    "ar",
    "rtl",
    "كم تكلفة جواز سفر للكبار؟",
    "MitID لا يعمل، اتصلت على 33 66 33 66 والقضية 12 34 56، الرابط https://kk.dk/mitid هنا",
)
POLISH = Tongue(
    "pl",
    "ltr",
    "Ile kosztuje paszport dla dorosłego?",
    "MitID nie działa, dzwoniłem pod 33 66 33 66, sprawa 12 34 56, link https://kk.dk/mitid tutaj",
)


@pytest.fixture(params=[ARABIC, POLISH], ids=["arabic", "polish"])
def tongue(request: pytest.FixtureRequest) -> Tongue:
    found: Tongue = request.param
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def speaking(guide: Guide, tongue: Tongue) -> Guide:
    """The widget on the Danish city page, in the language that was chosen in its menu."""
    await guide.language(tongue.code)
    await expect(guide.root).to_have_attribute("lang", tongue.code)
    return guide


async def test_answer_is_a_card_in_the_language(speaking: Guide, tongue: Tongue) -> None:
    await expect(speaking.root).to_have_attribute("dir", tongue.direction)
    await expect(speaking.part("machine")).to_have_text(tongue.says("machine"))
    await expect(speaking.field).to_have_attribute("placeholder", tongue.says("input"))
    answer = await speaking.say(tongue.passport)
    card = answer.get_by_test_id("card")
    await expect(card).to_have_attribute("data-service", PASSPORT_SERVICE)
    for part in (answer.locator(".content"), speaking.own.last.locator(".content")):
        await expect(part).to_have_attribute("lang", tongue.code)
        await expect(part).to_have_css("direction", tongue.direction)
    for choice in await speaking.choices.all():
        await expect(choice).to_have_css("direction", tongue.direction)
    sent = (await speaking.stored())[-1]["card"]
    await expect(card.locator("h3")).to_have_text(sent["title"])
    await expect(card).to_contain_text(tongue.says("authority"))


async def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    speaking: Guide, tongue: Tongue
) -> None:
    for question in (tongue.passport, tongue.mixed):
        await speaking.say(question)
        assert await violations(speaking.page) == []
        assert await overflows(speaking.page) == []
    await speaking.ask_to_delete()
    assert await violations(speaking.page) == []
    assert await overflows(speaking.page) == []


async def test_earlier_messages_stay_in_their_own_language(speaking: Guide, tongue: Tongue) -> None:
    await speaking.say(tongue.passport)
    welcome = speaking.answers.first.locator(".content")
    await expect(welcome).to_have_attribute("lang", "da")
    await expect(welcome).to_have_css("direction", "ltr")
    await speaking.language("da")
    await expect(speaking.root).to_have_attribute("dir", "ltr")
    answer = speaking.answers.last.locator(".content")
    await expect(answer).to_have_attribute("lang", tongue.code)
    await expect(answer).to_have_css("direction", tongue.direction)


async def test_names_numbers_and_addresses_keep_their_order(
    speaking: Guide, tongue: Tongue
) -> None:
    await speaking.field.fill(tongue.mixed)
    await expect(speaking.field).to_have_css("direction", tongue.direction)
    await speaking.say(tongue.mixed)
    text = speaking.own.last.locator(".text")
    assert await speaking.stored_own() == [tongue.mixed]
    await expect(text).to_contain_text(tongue.mixed.partition("https")[0])
    await assert_order(text, tongue)
    await expect(text.locator("a").first).to_have_attribute("href", "tel:+4533663366")
    await expect(text.locator("a").last).to_have_attribute("href", "https://kk.dk/mitid")


async def assert_order(text: Locator, tongue: Tongue) -> None:
    """The sentence begins on its side, and each number reads from left to right on one line."""
    begins = await where(text, "MitID", 0)
    box = await text.bounding_box()
    assert box is not None
    if tongue.direction == "rtl":
        assert box["x"] + box["width"] - begins["right"] < 2
    else:
        assert begins["left"] - box["x"] < 2
    for number in ("33 66 33 66", "12 34 56"):
        at = tongue.mixed.index(number)
        groups = [await where(text, number[n : n + 2], at + n) for n in range(0, len(number), 3)]
        assert len({group["top"] for group in groups}) == 1
        lefts = [group["left"] for group in groups]
        assert lefts == sorted(lefts)


async def where(text: Locator, words: str, at: int) -> dict[str, float]:
    """The box of the words that stand ``at`` this place in the text."""
    box: dict[str, float] = await text.evaluate(
        """(element, [at, length]) => {
            const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
            for (let done = 0; walker.nextNode(); done += walker.currentNode.length) {
                if (at - done >= walker.currentNode.length) continue
                const range = document.createRange()
                range.setStart(walker.currentNode, at - done)
                range.setEnd(walker.currentNode, at - done + length)
                const { left, right, top } = range.getBoundingClientRect()
                return { left, right, top: Math.round(top) }
            }
        }""",
        [at, len(words)],
    )
    return box


async def test_arabic_mirrors_panel_field_and_arrow(guide: Guide) -> None:
    await guide.language("ar")
    await expect(guide.root).to_have_attribute("dir", "rtl")
    await guide.say(ARABIC.passport)
    title, close, field, send, log, question = [
        await left(part)
        for part in (
            guide.page.locator("#title"),
            guide.part("close"),
            guide.field,
            guide.part("send"),
            guide.log,
            guide.own.last.locator(".bubble"),
        )
    ]
    assert close < title
    assert send < field
    assert question - log < 32
    arrow = guide.part("send").locator("svg")
    await expect(arrow).to_have_css("transform", "matrix(-1, 0, 0, 1, 0, 0)")


async def left(part: Locator) -> float:
    box = await part.bounding_box()
    assert box is not None
    return box["x"]


async def test_everything_with_the_keyboard(visit: Visit, tongue: Tongue) -> None:
    guide = await visit()
    await guide.load()
    await tab_to(guide, "launcher")
    await guide.page.keyboard.press("Enter")
    await expect(guide.field).to_be_focused()
    await expect(guide.answers.first).to_be_visible()
    await expect(guide.part("language").locator("option")).to_have_count(len(await offered(guide)))

    await tab_to(guide, "language", back=True)
    codes = [language["code"] for language in await offered(guide)]
    for code in codes[1 : codes.index(tongue.code) + 1]:
        await guide.page.keyboard.press("ArrowDown")
        await expect(guide.part("language")).to_have_value(code)
    await expect(guide.root).to_have_attribute("lang", tongue.code)
    assert await guide.focused() == "language"

    await tab_to(guide, "input")
    await guide.page.keyboard.type(tongue.passport)
    await guide.page.keyboard.press("Enter")
    await expect(guide.cards).to_be_visible()
    await expect(guide.cards).to_have_css("direction", tongue.direction)
    assert await guide.focused() == "input"
    await tab_to(guide, "choice", back=True)
    await guide.page.keyboard.press("Enter")
    await expect(guide.own).to_have_count(2)
    await guide.page.keyboard.press("Escape")
    await expect(guide.panel).to_be_hidden()
    assert await guide.focused() == "launcher"
    await expect(guide.launcher).to_contain_text(tongue.says("launcher"))


async def tab_to(guide: Guide, hook: str, *, back: bool = False) -> None:
    for _ in range(60):
        await guide.page.keyboard.press("Shift+Tab" if back else "Tab")
        if await guide.focused() == hook:
            return
    pytest.fail(f"{hook} cannot be reached")


async def offered(guide: Guide) -> list[dict[str, Any]]:
    answer = await guide.page.request.get(f"{guide.origin}/api/web/languages")
    languages: list[dict[str, Any]] = await answer.json()
    return languages


async def test_menu_has_the_servers_names_and_each_of_them_works(guide: Guide) -> None:
    languages = await offered(guide)
    options = guide.part("language").locator("option")
    await expect(options).to_have_text([language["name"] for language in languages])
    for language, option in zip(languages, await options.all(), strict=True):
        await expect(option).to_have_attribute("lang", language["code"])
        await expect(option).to_have_attribute("dir", language["direction"])
        await guide.language(language["code"])
        await expect(guide.root).to_have_attribute("lang", language["code"])
        await expect(guide.root).to_have_attribute("dir", language["direction"])
        await expect(guide.part("close")).to_be_in_viewport(ratio=1)
        assert await overflows(guide.page) == []


async def test_page_in_arabic_has_an_arabic_launcher_and_guide(visit: Visit) -> None:
    guide = await visit()

    async def in_arabic(route: Route) -> None:
        page = await (await route.fetch()).text()
        html = page.replace('<html lang="da">', '<html lang="ar" dir="rtl">')
        await route.fulfill(body=html, content_type="text/html; charset=utf-8")

    await guide.page.route(f"{guide.origin}/", in_arabic)
    await guide.load()
    await expect(guide.launcher).to_have_text(ARABIC.says("launcher"))
    await guide.open()
    await expect(guide.answers.first.locator(".content")).to_have_attribute("lang", "ar")
    await expect(guide.answers.first.locator(".content")).to_have_css("direction", "rtl")


async def test_writing_does_not_wait_for_the_texts(desktop: Guide) -> None:
    go = asyncio.Event()

    async def late(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await desktop.page.route(TEXTS, late)
    await desktop.language("ar")
    await expect(desktop.root).to_have_attribute("lang", "en")
    await expect(desktop.root).to_have_attribute("dir", "ltr")
    await expect(desktop.part("language")).to_have_value("ar")
    answer = await desktop.say(ARABIC.passport)
    await expect(answer.locator(".content")).to_have_css("direction", "rtl")
    await desktop.field.press_sequentially("كم ")
    go.set()
    await expect(desktop.root).to_have_attribute("lang", "ar")
    await expect(desktop.field).to_be_focused()
    await expect(desktop.field).to_have_value("كم ")


Trouble = Callable[[Route], Awaitable[None]]


async def no_network(route: Route) -> None:
    await route.abort()


async def no_file(route: Route) -> None:
    await route.fulfill(status=404)


async def another_page(route: Route) -> None:
    await route.fulfill(body="<h1>Wi-Fi</h1>", content_type="text/html")


@pytest.mark.parametrize(
    "trouble", [no_network, no_file, another_page], ids=lambda trouble: trouble.__name__
)
async def test_without_the_texts_the_guide_goes_on_in_english(
    desktop: Guide, watch: Watch, trouble: Trouble
) -> None:
    watch.failed_requests_expected = True
    await desktop.page.route(TEXTS, trouble)
    await desktop.language("ar")
    await expect(desktop.root).to_have_attribute("lang", "en")
    answer = await desktop.say(ARABIC.passport)
    await expect(answer.locator(".content")).to_have_attribute("lang", "ar")
    await desktop.page.unroute(TEXTS)
    await desktop.language("da")
    await desktop.language("ar")
    await expect(desktop.root).to_have_attribute("lang", "ar")


async def test_texts_are_fetched_once_and_there_at_once_on_the_next_page(desktop: Guide) -> None:
    fetched: list[str] = []
    desktop.page.on("request", lambda request: fetched.append(request.url))
    for code in ("ar", "da", "ar"):
        await desktop.language(code)
        await expect(desktop.root).to_have_attribute("lang", code)
    await desktop.page.reload(wait_until="domcontentloaded")
    # Not awaited: it never was in another language.
    assert await desktop.root.get_attribute("lang") == "ar"
    await expect(desktop.answers.first).to_be_visible()
    assert len([url for url in fetched if "/texts/" in url]) == 1


@pytest_asyncio.fixture(loop_scope="session", params=[DESKTOP, PHONE], ids=["desktop", "phone"])
async def plain(visit: Visit, request: pytest.FixtureRequest) -> Page:
    """The page without script, for somebody whose browser speaks Arabic."""
    guide = await visit(java_script_enabled=False, **{**request.param, "locale": "ar"})
    await guide.page.goto(f"{guide.origin}/chat")
    return guide.page


async def test_page_without_script_speaks_arabic(plain: Page) -> None:
    await expect(plain.locator("html")).to_have_attribute("lang", "ar")
    await expect(plain.locator("html")).to_have_attribute("dir", "rtl")
    await expect(plain.locator('button[value="ar"]')).to_have_attribute("aria-current", "true")
    await expect(plain.locator('button[value="en"]')).to_have_attribute("dir", "ltr")
    for text in (ARABIC.passport, ARABIC.mixed):
        await plain.locator("#text").fill(text)
        await plain.locator(".say button").click()
        own = plain.locator(".messages li.citizen").last
        await expect(own.locator("p")).to_have_text(text)
        await expect(own).to_have_css("direction", "rtl")
        await expect(plain.locator("#latest")).to_have_attribute("lang", "ar")
        await expect(plain.locator("#latest")).to_have_css("direction", "rtl")
        assert await overflows(plain) == []
    await assert_order(plain.locator(".messages li.citizen p").last, ARABIC)


async def test_page_without_script_keeps_an_earlier_language(plain: Page) -> None:
    await plain.locator("#text").fill(ARABIC.passport)
    await plain.locator(".say button").click()
    await plain.locator('button[value="da"]').click()
    await expect(plain.locator("html")).to_have_attribute("dir", "ltr")
    own = plain.locator(".messages li.citizen").first
    await expect(own).to_have_attribute("lang", "ar")
    await expect(own).to_have_css("direction", "rtl")


@pytest.mark.parametrize("locale", ["ar", "pl"])
async def test_axe_finds_nothing_on_the_page_without_script(visit: Visit, locale: str) -> None:
    guide = await visit(**{**PHONE, "locale": locale})
    await guide.page.goto(f"{guide.origin}/chat")
    await guide.page.locator("#text").fill({"ar": ARABIC, "pl": POLISH}[locale].passport)
    await guide.page.locator(".say button").click()
    await expect(guide.page.locator("#latest")).to_have_attribute("lang", locale)
    assert await violations(guide.page) == []
    assert await overflows(guide.page) == []
