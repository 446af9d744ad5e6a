"""The way in: the link, the password, the second factor; and out again."""

from __future__ import annotations

import pyotp
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.desk.conftest import TEAM, Office
from tests.browser.desk.test_accessibility import wide
from tests.browser.guide import violations

pytestmark = pytest.mark.asyncio(loop_scope="session")

_PASSWORD = "seksten grønne cykler holder"


async def fine(page: Page) -> None:
    assert await violations(page) == []
    assert await wide(page) == []


@pytest.mark.parametrize("look", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_from_the_link_to_the_desk_and_out_again(
    office: Office, look: dict[str, object]
) -> None:
    # What is typed wrong is refused, and the browser writes that down.
    office.watch.refused = ["/session", "/me"]
    member = await office.member("Nina Bech", TEAM)
    link = await office.accounts.invitations.make(member.id, by=None)
    clerk = await office.at_the_door(member, **look)
    page = clerk.page
    await page.goto(link)
    form = clerk.part("welcome")
    await expect(form).to_contain_text("Nina Bech")
    await fine(page)
    await form.locator("input[type=password]").fill(_PASSWORD)
    secret = (await page.locator("code.secret").inner_text()).replace(" ", "")
    await form.locator("input[inputmode=numeric]").fill(pyotp.TOTP(secret).now())
    await form.locator("button.primary").click()
    codes = clerk.part("codes").locator("li")
    await expect(codes).to_have_count(10)
    await fine(page)
    recovery = await codes.first.inner_text()
    await page.locator("button.primary").click()

    form = clerk.part("sign-in")
    await expect(form).to_be_visible()
    await fine(page)
    for password in ("not it at all", _PASSWORD):
        await form.locator("input[type=email]").fill(member.email)
        await form.locator("input[type=password]").fill(password)
        await form.locator("input[autocomplete=one-time-code]").fill(recovery)
        await form.locator("button.primary").click()
        if password != _PASSWORD:
            await expect(page.get_by_role("alert")).to_be_focused()
            await fine(page)
    await expect(clerk.part("presence")).to_be_visible()
    await expect(page.locator("#main h1").first).to_be_attached()
    await clerk.present("online")

    if look is PHONE:
        await page.locator(".menu-button").click()
    await clerk.part("sign-out").click()
    await expect(clerk.part("sign-in")).to_be_visible()
    await page.reload()
    await expect(clerk.part("sign-in")).to_be_visible()
    present = await office.presence(member)
    assert present == "offline"


async def test_a_link_that_is_used_up(office: Office) -> None:
    office.watch.failed_requests_expected = True
    member = await office.member("Nina Bech")
    clerk = await office.at_the_door(member)
    await clerk.page.goto(f"{office.origin}/desk/welcome/not-a-link")
    await expect(clerk.page.get_by_role("alert").first).to_be_visible()
    await expect(clerk.part("welcome")).to_have_count(0)
    await fine(clerk.page)
