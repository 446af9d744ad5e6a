"""What a member of staff sees and does: the desk's page, through its stable hooks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Locator, Page, expect

from desk.accounts.models import StaffMember


@dataclass
class Clerk:
    """A member at the desk, in a browser of their own."""

    page: Page
    origin: str
    member: StaffMember

    def part(self, hook: str) -> Locator:
        return self.page.get_by_test_id(hook)

    @property
    def messages(self) -> Locator:
        return self.part("message")

    @property
    def notice(self) -> Locator:
        return self.part("notice")

    @property
    def field(self) -> Locator:
        return self.part("reply")

    def item(self, conversation: str) -> Locator:
        return self.page.locator(f'[data-item="{conversation}"]')

    def name(self) -> str:
        return self.member.name

    async def load(self, where: str = "waiting") -> None:
        await self.page.goto(f"{self.origin}/desk/{where}")
        await expect(self.page.locator("#main h1").first).to_be_attached()

    async def arrive(self, presence: str = "online") -> None:
        """At the list of those who wait, and available."""
        await self.load()
        await self.present(presence)

    async def present(self, state: str) -> None:
        await self.part("presence").select_option(state)
        await expect(self.page.locator(f'.presence[data-state="{state}"]')).to_be_visible()
        await expect(self.notice).to_be_visible()

    async def open(self, conversation: str, where: str = "waiting") -> None:
        """From the list, as one does."""
        await self.part(f"list-{where}").click()
        await self.item(conversation).click()
        await expect(self.part("state")).to_be_visible()

    async def claim(self, conversation: str) -> None:
        await self.open(conversation)
        await self.part("claim").click()
        await expect(self.field).to_be_visible()

    async def reply(self, text: str) -> None:
        """Into the outbox: it need not have arrived."""
        await self.field.fill(text)
        await self.part("send").click()

    async def say(self, text: str) -> None:
        """Until it stands among what was said."""
        await self.reply(text)
        await expect(self.messages.filter(has_text=text)).to_have_count(1)
        await expect(self.part("unsent")).to_have_count(0)

    async def confirm(self) -> None:
        """The open dialog's own button; it closes when it has worked."""
        dialog = self.page.locator("dialog[open]")
        await dialog.get_by_test_id("confirm").click()
        await expect(dialog).to_have_count(0)

    async def transfer(self, to: str, note: str = "") -> None:
        """``to`` is ``team:id`` or ``member:id``."""
        await self.part("transfer").click()
        dialog = self.page.locator("dialog[open]")
        await expect(dialog.locator(f'option[value="{to}"]')).to_be_attached()
        await dialog.locator("select").select_option(to)
        await dialog.locator("textarea").fill(note)
        await self.confirm()

    async def resolve(self, outcome: str = "solved", note: str = "") -> None:
        await self.part("resolve").click()
        dialog = self.page.locator("dialog[open]")
        await dialog.locator(f'input[value="{outcome}"]').check()
        await dialog.locator("textarea").fill(note)
        await self.confirm()

    async def texts(self) -> list[str]:
        """What stands in the transcript, in order."""
        found: list[str] = await self.page.locator("[data-testid=message] .text").all_inner_texts()
        return found

    async def focused(self) -> dict[str, Any]:
        """What has the focus: its tag, id, hook and words."""
        found: dict[str, Any] = await self.page.evaluate(
            """() => {
                const at = document.activeElement
                return {
                    tag: at.tagName, id: at.id, hook: at.dataset.testid ?? null,
                    item: at.dataset.item ?? null, text: at.textContent,
                }
            }"""
        )
        return found
