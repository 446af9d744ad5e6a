"""Going on elsewhere: from the widget to a phone, and from a phone to the website."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.browser.guide import PASSPORT, PASSPORT_SERVICE, Guide, Watch, overflows, violations
from tests.stack import Stack, running
from tests.standins.twilio import TwilioStandIn

pytestmark = pytest.mark.asyncio(loop_scope="session")

PUBLIC = "https://borgerguide.test"
"""As providers and citizens know the guide; here a proxy without a name leads to it."""
ACCOUNT, TOKEN, SENDER = f"AC{'0' * 32}", "a token of the test", "+4552512345"
FOLLOW_UP = "hvad skal jeg have med?"
LOOKS: dict[str, dict[str, Any]] = {
    "desktop": DESKTOP,
    "phone": PHONE,
    "dark": {**DESKTOP, "color_scheme": "dark"},
}

_numbers = itertools.count(20_11_00_00)


@pytest.fixture(scope="module")
def twilio() -> Iterator[TwilioStandIn]:
    with TwilioStandIn(ACCOUNT, TOKEN, SENDER, webhook=f"{PUBLIC}/channels/sms/twilio") as standin:
        yield standin


@pytest.fixture(scope="module")
def texting(twilio: TwilioStandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that sends and gets text messages."""
    with running(
        tmp_path_factory.mktemp("texting"),
        public_url=PUBLIC,
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_sender=SENDER,
        twilio_api_url=twilio.url,
    ) as stack:
        twilio.behind_proxy(PUBLIC, stack.url)
        yield stack


@pytest.fixture
def origin(texting: Stack) -> str:
    return texting.url


@pytest_asyncio.fixture(loop_scope="session", params=[DESKTOP, PHONE], ids=["desktop", "phone"])
async def page(visit: Visit, request: pytest.FixtureRequest) -> Page:
    """A browser of its own; nothing is open yet."""
    return (await visit(**request.param)).page


class Phone:
    """A citizen's phone."""

    def __init__(self, twilio: TwilioStandIn) -> None:
        self._twilio = twilio
        self.number = f"+45{next(_numbers)}"

    @property
    def typed(self) -> str:
        """The number as its owner would type it."""
        return " ".join(re.findall("..", self.number[3:]))

    @property
    def texts(self) -> list[str]:
        return [sent.body for sent in self._twilio.sent if sent.to == self.number]

    @property
    def codes(self) -> list[str]:
        return re.findall(r"\b\d{6}\b", "\n".join(self.texts))

    async def text(self, body: str) -> None:
        await asyncio.to_thread(self._twilio.deliver, self.number, body)

    async def gets(self, wanted: Callable[[], bool]) -> None:
        await asyncio.to_thread(self._twilio.wait_for, lambda _: wanted(), 20)

    async def code(self, nth: int = 1) -> str:
        await self.gets(lambda: len(self.codes) >= nth)
        return self.codes[nth - 1]

    async def link(self) -> str:
        """The path of the short link in the last answer."""
        await self.gets(lambda: f"{PUBLIC}/s/" in "".join(self.texts))
        paths: list[str] = re.findall(rf"{PUBLIC}(/s/\S+)", "\n".join(self.texts))
        return paths[-1]


@pytest.fixture
def phone(twilio: TwilioStandIn) -> Phone:
    return Phone(twilio)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


# --- from the widget to a phone


class Going(Guide):
    """The dialog in the widget."""

    def __init__(self, guide: Guide) -> None:
        super().__init__(guide.page, guide.origin)
        self.dialog = self.part("continue-dialog")
        self.number = self.part("continue-number")
        self.code = self.part("continue-code")
        self.go = self.part("continue-go")
        self.told = self.part("continue-told")

    async def ask(self) -> None:
        await self.open_menu()
        await self.part("continue").click()
        await expect(self.dialog).to_be_visible()

    async def send(self, number: str) -> None:
        await self.number.fill(number)
        await self.go.click()

    async def hand_in(self, code: str) -> None:
        await self.code.fill(code)
        await self.go.click()

    def problem(self, field: str) -> Locator:
        return self.part(f"continue-{field}-problem")


@pytest_asyncio.fixture(loop_scope="session")
async def going(guide: Guide) -> Going:
    going = Going(guide)
    await going.ask()
    return going


@pytest_asyncio.fixture(loop_scope="session")
async def desk(desktop: Guide) -> Going:
    """As ``going``, where the size of the window makes no difference."""
    going = Going(desktop)
    await going.ask()
    return going


async def test_conversation_goes_on_by_text_message_and_here(guide: Guide, phone: Phone) -> None:
    await guide.say(PASSPORT)
    going = Going(guide)
    await going.ask()
    await going.send(phone.typed)
    await expect(going.code).to_be_focused()
    await expect(going.told).to_contain_text(phone.typed.replace(" ", "\u00a0"))
    code = await phone.code()
    await going.hand_in(f"{code[:3]} {code[3:]}")
    await expect(going.go).to_be_focused()
    await expect(going.code).to_be_hidden()
    await phone.gets(lambda: len(phone.texts) == 2)
    await going.go.click()
    await expect(going.dialog).to_be_hidden()
    await expect(guide.answers.last).to_contain_text(phone.texts[1].split(".")[0])
    await expect(guide.answers.last.locator(".name")).to_contain_text("SMS")

    answers = await guide.answers.count()
    await phone.text(FOLLOW_UP)
    await expect(guide.own.last).to_contain_text(FOLLOW_UP)
    await expect(guide.own.last.locator(".name")).to_contain_text("SMS")
    await guide.answer(answers)
    last = (await guide.stored())[-1]
    assert (last["service"], last["channel"]) == (PASSPORT_SERVICE, "sms")

    texts = len(phone.texts)
    await guide.say("hvad koster det?")
    await expect(guide.own.last.locator(".name")).not_to_contain_text("SMS")
    assert len(phone.texts) == texts
    assert await guide.stored_own() == [PASSPORT, FOLLOW_UP, "hvad koster det?"]


async def test_what_was_written_on_the_phone_before_comes_along(
    desktop: Guide, phone: Phone
) -> None:
    await phone.text("hvordan melder jeg flytning?")
    await phone.link()
    await desktop.say(PASSPORT)
    going = Going(desktop)
    await going.ask()
    await going.send(phone.typed)
    await going.hand_in(await phone.code())
    await expect(desktop.own.filter(has_text="flytning")).to_have_count(1)
    assert await desktop.stored_own() == [PASSPORT, "hvordan melder jeg flytning?"]


@pytest.mark.parametrize("typed", ["", "123", "hej", "80 20 20 20"])
async def test_number_that_cannot_be_right_is_told_at_the_field(
    desk: Going, watch: Watch, typed: str
) -> None:
    watch.failed_requests_expected = True
    await desk.send(typed)
    await expect(desk.problem("number")).not_to_be_empty()
    await expect(desk.number).to_have_attribute("aria-invalid", "true")
    await expect(desk.number).to_have_accessible_description(
        await desk.problem("number").inner_text()
    )
    await expect(desk.number).to_be_focused()
    await expect(desk.number).to_have_value(typed)


async def test_wrong_code_costs_a_try_and_the_right_one_still_counts(
    going: Going, phone: Phone, watch: Watch
) -> None:
    watch.failed_requests_expected = True
    await going.send(phone.typed)
    code = await phone.code()
    await going.hand_in(wrong(code))
    await expect(going.problem("code")).to_contain_text("4")
    await expect(going.code).to_have_attribute("aria-invalid", "true")
    await expect(going.code).to_be_focused()
    assert await violations(going.page) == []
    await going.hand_in("")
    await going.hand_in(wrong(code))
    await expect(going.problem("code")).to_contain_text("3")
    await going.hand_in(code)
    await expect(going.code).to_be_hidden()


async def test_new_code_replaces_the_old_one(desk: Going, phone: Phone, watch: Watch) -> None:
    watch.failed_requests_expected = True
    await desk.send(phone.typed)
    first = await phone.code()
    told = await desk.told.inner_text()
    await desk.part("continue-again").click()
    await expect(desk.told).not_to_have_text(told)
    second = await phone.code(2)
    if first != second:
        await desk.hand_in(first)
        await expect(desk.problem("code")).to_contain_text("4")
    await desk.hand_in(second)
    await expect(desk.code).to_be_hidden()


async def test_mistyped_number_can_be_changed(
    desk: Going, phone: Phone, twilio: TwilioStandIn
) -> None:
    other = Phone(twilio)
    await desk.send(other.typed)
    await other.code()
    await desk.part("continue-change").click()
    await expect(desk.number).to_be_focused()
    await expect(desk.number).to_have_value(other.typed)
    await desk.send(phone.typed)
    await desk.hand_in(await phone.code())
    await expect(desk.code).to_be_hidden()
    await phone.gets(lambda: len(phone.texts) == 2)
    assert len(other.texts) == 1


async def test_too_many_codes_are_told_and_not_sent(
    desk: Going, phone: Phone, watch: Watch
) -> None:
    watch.failed_requests_expected = True
    await desk.send(phone.typed)
    for sent in range(1, 7):
        await expect(desk.code).to_be_visible()
        await phone.code(sent)
        async with desk.page.expect_response("**/continue"):
            await desk.part("continue-again").click()
    await expect(desk.problem("code")).not_to_be_empty()
    assert len(phone.texts) == 6


async def test_without_an_answer_one_can_try_again(desk: Going, phone: Phone, watch: Watch) -> None:
    watch.failed_requests_expected = True
    await desk.page.route("**/continue", lambda route: route.abort())
    await desk.send(phone.typed)
    await expect(desk.problem("number")).not_to_be_empty()
    await desk.page.unroute("**/continue")
    await desk.go.click()
    await expect(desk.code).to_be_visible()
    await phone.code()


async def test_not_offered_where_nobody_can_text(visit: Visit) -> None:
    guide = await visit()
    await guide.page.route(
        "**/api/web/continue", lambda route: route.fulfill(json={"channels": []})
    )
    await guide.begin()
    await guide.open_menu()
    await expect(guide.part("transcript")).to_be_visible()
    await expect(guide.part("continue")).to_be_hidden()


async def test_with_the_keyboard_alone(desk: Going, phone: Phone) -> None:
    press, tab = desk.page.keyboard.press, _tab(desk)
    assert await desk.focused() == "continue-number"
    await press("Escape")
    await expect(desk.dialog).to_be_hidden()
    await expect(desk.panel).to_be_visible()
    assert await desk.focused() == "menu"

    await press("Enter")
    await tab("continue")
    await press("Enter")
    assert await desk.focused() == "continue-number"
    await desk.page.keyboard.type(phone.typed)
    await press("Enter")
    await expect(desk.code).to_be_focused()
    seen = [await desk.focused()]
    for _ in range(5):
        await press("Tab")
        seen.append(await desk.focused())
    stops = ["code", "again", "change", "go", "cancel", "code"]
    assert seen == [f"continue-{stop}" for stop in stops]
    await press("Shift+Tab")
    assert await desk.focused() == "continue-cancel"
    await press("Tab")
    await desk.page.keyboard.type(await phone.code())
    await press("Enter")
    await expect(desk.go).to_be_focused()
    await press("Enter")
    await expect(desk.field).to_be_focused()


def _tab(guide: Guide) -> Callable[[str], Awaitable[None]]:
    async def to(hook: str) -> None:
        for _ in range(10):
            await guide.page.keyboard.press("Tab")
            if await guide.focused() == hook:
                return
        pytest.fail(f"{hook} cannot be reached")

    return to


async def test_closing_the_panel_forgets_what_was_typed(desk: Going, phone: Phone) -> None:
    await desk.number.fill(phone.typed)
    await desk.page.evaluate("() => { document.querySelector('borger-guide').open = false }")
    await desk.page.evaluate("() => { document.querySelector('borger-guide').open = true }")
    await expect(desk.dialog).to_be_hidden()
    await desk.ask()
    await expect(desk.number).to_have_value("")


async def steps(going: Going, phone: Phone, look: Callable[[], Awaitable[None]]) -> None:
    """Through the whole dialog with a look at each of its states."""
    await look()
    await going.send("123")
    await expect(going.problem("number")).not_to_be_empty()
    await look()
    await going.send(phone.typed)
    await expect(going.code).to_be_visible()
    await look()
    code = await phone.code()
    await going.hand_in(wrong(code))
    await expect(going.problem("code")).not_to_be_empty()
    await look()
    await going.hand_in(code)
    await expect(going.code).to_be_hidden()
    await look()
    await going.go.click()
    await expect(going.answers).to_have_count(2)
    await look()


@pytest.mark.parametrize("look", LOOKS)
async def test_axe_finds_nothing_in_the_dialog(
    visit: Visit, phone: Phone, watch: Watch, look: str
) -> None:
    watch.failed_requests_expected = True
    going = Going(await visit(**LOOKS[look]))
    await going.begin()
    await going.ask()

    async def clean() -> None:
        assert await violations(going.page) == []

    await steps(going, phone, clean)


async def test_zoomed_to_400_percent_the_dialog_is_whole(
    visit: Visit, phone: Phone, watch: Watch
) -> None:
    watch.failed_requests_expected = True
    going = Going(await visit(viewport={"width": 320, "height": 256}))
    await going.begin()
    await going.ask()

    async def fits() -> None:
        assert await overflows(going.page) == []
        for field in (going.number, going.code):
            if await field.is_visible() and await field.evaluate("it => it.matches(':focus')"):
                await expect(field).to_be_in_viewport(ratio=1)

    await steps(going, phone, fits)


async def test_before_the_keyboard_covers_it_one_reads(visit: Visit) -> None:
    going = Going(await visit(**PHONE))
    await going.begin()
    await going.ask()
    await expect(going.page.locator("#continue-dialog-title")).to_be_focused()
    await going.page.keyboard.press("Tab")
    await expect(going.number).to_be_focused()


async def test_from_right_to_left_a_number_keeps_its_order(visit: Visit, phone: Phone) -> None:
    going = Going(await visit())

    async def mirrored(route: Route) -> None:
        answer = await route.fetch()
        languages = await answer.json()
        await route.fulfill(
            response=answer, json=[{**item, "direction": "rtl"} for item in languages]
        )

    await going.page.route("**/api/web/languages", mirrored)
    await going.begin()
    await expect(going.root).to_have_attribute("dir", "rtl")
    await going.ask()
    await expect(going.number).to_have_css("direction", "ltr")
    await expect(going.number).to_have_css("text-align", "right")
    await going.send(phone.typed)
    await expect(going.told).to_contain_text(f"\u2066{phone.typed}\u2069".replace(" ", "\u00a0"))
    assert await overflows(going.page) == []
    assert await violations(going.page) == []


# --- from a phone to the website


async def follow(page: Page, phone: Phone, origin: str) -> None:
    """Ask by text message, and open the link in the answer."""
    await phone.text(PASSPORT)
    await page.goto(origin + await phone.link())


async def test_link_in_an_answer_opens_the_conversation(
    page: Page, phone: Phone, origin: str
) -> None:
    await follow(page, phone, origin)
    assert await violations(page) == []
    assert phone.codes == []
    await page.locator(".say button").click()
    await expect(page.locator("#code")).to_be_focused()
    await expect(page.locator("#code")).to_have_accessible_description(re.compile("."))
    assert await violations(page) == []
    await page.locator("#code").fill(await phone.code())
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{origin}/chat#latest")
    await expect(page.locator(".messages li.citizen p")).to_have_text([PASSPORT])
    await expect(page.locator("#latest")).to_contain_text(" kr.")

    texts = len(phone.texts)
    await page.locator("#text").fill(FOLLOW_UP)
    await page.locator("form.say button").click()
    await expect(page.locator(".messages li.citizen p")).to_have_text([PASSPORT, FOLLOW_UP])
    await expect(page.locator("#latest")).to_have_class("guide")
    assert len(phone.texts) == texts


async def test_wrong_code_opens_nothing(
    page: Page, phone: Phone, origin: str, watch: Watch
) -> None:
    watch.failed_requests_expected = True
    await follow(page, phone, origin)
    title = await page.title()
    await page.locator(".say button").click()
    code = await phone.code()
    await page.locator("#code").fill(wrong(code))
    await page.locator(".say button").click()
    alert = page.locator("[role=alert]")
    await expect(alert).to_contain_text("4")
    assert await page.title() == f"{await alert.inner_text()} – {title}"
    await expect(page.locator("#code")).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("#code")).to_have_accessible_description(await alert.inner_text())
    assert await violations(page) == []
    assert await page.context.cookies() == []
    await page.locator("#code").fill(code)
    await page.locator(".say button").click()
    await expect(page.locator("#latest")).to_contain_text(" kr.")


async def test_another_code_can_be_asked_for(page: Page, phone: Phone, origin: str) -> None:
    await follow(page, phone, origin)
    await page.locator(".say button").click()
    await phone.code()
    await page.locator("button.quiet").click()
    await page.locator("#code").fill(await phone.code(2))
    await page.locator(".say button").click()
    await expect(page.locator("#latest")).to_contain_text(" kr.")


async def test_link_that_leads_nowhere_says_so(page: Page, origin: str, watch: Watch) -> None:
    watch.failed_requests_expected = True
    answer = await page.goto(f"{origin}/s/nothing-here")
    assert answer is not None
    assert answer.status == 404
    assert await violations(page) == []
    await page.locator('main a[href="/chat"]').click()
    await expect(page.locator("#text")).to_be_visible()


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 320, "height": 256}},
        {"color_scheme": "dark"},
        {"forced_colors": "active"},
    ],
    ids=["zoomed", "dark", "forced colours"],
)
async def test_pages_behind_a_link_are_for_everybody(
    visit: Visit, phone: Phone, origin: str, options: dict[str, Any]
) -> None:
    page = (await visit(**options)).page
    await follow(page, phone, origin)
    for _ in range(2):
        assert await overflows(page) == []
        assert await violations(page) == []
        button = page.locator(".say button")
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        if await page.locator("#code").count() == 0:
            await button.click()
    code = page.locator("#code")
    await expect(code).to_be_in_viewport(ratio=1)
    edge, ground = await code.evaluate(
        "it => [getComputedStyle(it).borderTopColor, getComputedStyle(it).backgroundColor]"
    )
    assert edge != ground
