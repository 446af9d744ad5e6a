"""What a citizen sees and does: the widget on the city page, and a watch over the browser."""

from __future__ import annotations

import json
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

PASSPORT = "hvad koster et pas til en voksen?"
PASSPORT_SERVICE = "pas-voksen"

_AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_LOCAL = ("data:", "blob:", "about:")


class Watch:
    """Notes what must never happen: other origins, errors, breaches of the content policy."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.problems: list[str] = []
        self.failed_requests_expected = False
        """The network goes away in this test; the browser says so in the console."""
        self.refused: list[str] = []
        """Parts of addresses that are rightly refused in this test."""

    async def over(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"uncaught: {error.error}"))
        await context.add_init_script(
            "document.addEventListener('securitypolicyviolation', (event) =>"
            " console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"
        )

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", *_LOCAL)):
            self.problems.append(f"request to {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        failed = message.text.startswith("Failed to load resource")
        where = message.location["url"] if failed else ""
        expected = failed and (
            self.failed_requests_expected or any(part in where for part in self.refused)
        )
        if message.type == "error" and not expected:
            self.problems.append(f"console: {message.text} {where}".rstrip())


class Guide:
    """The widget, through its stable hooks."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.origin = origin
        self.root = page.locator("div:has(> [data-testid='panel'])")
        self.launcher = self.part("launcher")
        self.panel = self.part("panel")
        self.field = self.part("input")
        self.log = self.part("log")
        self.messages = self.part("message")
        self.answers = page.locator('[data-testid="message"][data-author="guide"]')
        self.own = page.locator('[data-testid="message"][data-author="citizen"]')
        self.cards = self.part("card")
        self.choices = self.part("choice")
        self.announcer = self.part("announcer")

    def part(self, hook: str) -> Locator:
        return self.page.get_by_test_id(hook)

    async def load(self) -> None:
        await self.page.goto(f"{self.origin}/")
        await expect(self.launcher).to_be_visible()

    async def open(self) -> None:
        """With the welcome there."""
        await self.launcher.click()
        await expect(self.answers.first).to_be_visible()

    async def begin(self) -> None:
        await self.load()
        await self.open()

    async def write(self, text: str) -> None:
        """Send; the answer is not awaited."""
        await self.field.fill(text)
        await self.field.press("Enter")

    async def say(self, text: str) -> Locator:
        """Send, and the first message of the answer."""
        before = await self.answers.count()
        await self.write(text)
        return await self.answer(before)

    async def choose(self, choice: Locator) -> Locator:
        before = await self.answers.count()
        await choice.click()
        return await self.answer(before)

    async def answer(self, before: int) -> Locator:
        answer = self.answers.nth(before)
        await expect(answer).to_be_visible()
        await expect(self.part("typing")).to_be_hidden()
        return answer

    async def language(self, code: str) -> None:
        await self.part("language").select_option(code)

    async def open_menu(self) -> None:
        await self.part("menu").click()
        await expect(self.part("menu-items")).to_be_visible()

    async def ask_to_delete(self) -> None:
        await self.open_menu()
        await self.part("delete").click()
        await expect(self.part("confirm")).to_be_visible()

    async def focused(self) -> str | None:
        """The hook of what has the focus, inside the widget or on the page."""
        hook: str | None = await self.page.evaluate(
            """() => {
                let active = document.activeElement
                while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
                return active?.dataset.testid ?? null
            }"""
        )
        return hook

    async def _credentials(self) -> dict[str, str]:
        kept = await self.page.evaluate(
            "key => localStorage.getItem(key)", f"borger-guide {self.origin}"
        )
        who: dict[str, str] = json.loads(kept)["conversation"]
        return who

    async def conversation(self) -> str:
        """Its id."""
        return (await self._credentials())["id"]

    async def stored(self) -> list[dict[str, Any]]:
        """The conversation as the server has it."""
        who = await self._credentials()
        answer = await self.page.request.get(
            f"{self.origin}/api/web/conversations/{who['id']}/messages",
            headers={"Authorization": f"Bearer {who['token']}"},
        )
        messages: list[dict[str, Any]] = (await answer.json())["messages"]
        return messages

    async def stored_own(self) -> list[str]:
        return [item["text"] for item in await self.stored() if item["author"] == "citizen"]


async def violations(page: Page) -> list[str]:
    """What axe finds on the page and inside the widget, one line per rule."""
    options = {"runOnly": {"type": "tag", "values": _AXE_TAGS}}
    # An animation in mid-fade has colours that nobody gets to see.
    await page.wait_for_function(
        "() => !document.querySelector('borger-guide')?.shadowRoot.getAnimations()"
        ".some((one) => one.animationName === 'rise')"
    )
    results = await Axe().run(page, options=options)
    response: dict[str, Any] = results.response
    if await page.locator("borger-guide").count():
        targets = [target for rule in response["passes"] for target in _targets(rule)]
        assert any(isinstance(target, list) for target in targets), "axe saw no shadow DOM"
    return [f"{rule['id']}: {_targets(rule)}" for rule in response["violations"]]


def _targets(rule: dict[str, Any]) -> list[Any]:
    return [target for node in rule["nodes"] for target in node["target"]]


async def overflows(page: Page) -> list[str]:
    """Boxes that make the page or a part of the widget scroll sideways."""
    found: list[str] = await page.evaluate(
        """() => {
            const root = document.querySelector('borger-guide')?.shadowRoot
            const boxes = [document.documentElement, ...(root ? root.querySelectorAll('*') : [])]
            return boxes
                .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0)
                .filter((box) => box === document.documentElement
                    || ['auto', 'scroll'].includes(getComputedStyle(box).overflowX))
                .map((box) => `${box.tagName} ${box.className} ${box.scrollWidth}`)
        }"""
    )
    return found
