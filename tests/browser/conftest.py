"""Chromium, and visits with it that are watched over."""

from __future__ import annotations

import asyncio
import shutil
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests.browser.guide import Guide, Watch
from tests.stack import Stack, running

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}

Visit = Callable[..., Awaitable[Guide]]

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        reason = "no Chromium, so the guide is not tested in a browser: apt-get install chromium"
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest.fixture
def origin(stack: Stack) -> str:
    """The gateway to visit; a module with a stack of its own replaces this."""
    return stack.url


@pytest.fixture
def watch(origin: str) -> Watch:
    return Watch(origin)


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, origin: str, watch: Watch) -> AsyncIterator[Visit]:
    """Somebody's browser with one tab; ``visit(**context options)``, a desktop by default.

    Whatever the test is about, the watch must have seen nothing when it ends.
    """
    contexts: list[BrowserContext] = []

    async def begin(**options: Any) -> Guide:
        context = await browser.new_context(**{"locale": "da-DK", **DESKTOP, **options})
        contexts.append(context)
        await watch.over(context)
        return Guide(await context.new_page(), origin)

    yield begin
    for context in contexts:
        for page in context.pages:
            await page.unroute_all(behavior="ignoreErrors")
        await context.close()
    assert watch.problems == []


@pytest_asyncio.fixture(loop_scope="session", params=[DESKTOP, PHONE], ids=["desktop", "phone"])
async def guide(visit: Visit, request: pytest.FixtureRequest) -> Guide:
    """The widget open on the city page, with the welcome."""
    guide = await visit(**request.param)
    await guide.begin()
    return guide


@pytest_asyncio.fixture(loop_scope="session")
async def desktop(visit: Visit) -> Guide:
    """As ``guide``, where the size of the window makes no difference."""
    guide = await visit()
    await guide.begin()
    return guide


@pytest.fixture(scope="session")
def _fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("fragile")
    # Three messages at once, then one every ten seconds.
    with running(folder, message_burst="3", messages_per_minute="6") as stack:
        yield stack


@pytest_asyncio.fixture(loop_scope="session")
async def fragile(_fragile: Stack) -> AsyncIterator[Stack]:
    """A stack that the test may break, impatient with fast writers; whole again afterwards."""
    yield _fragile
    if "gateway" not in _fragile.processes:
        _fragile.start_gateway()
    if "rasa" not in _fragile.processes:
        _fragile.start_rasa()
    await asyncio.to_thread(_fragile.wait)


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    return tmp_path / "downloads"
