"""The page, which is one for every address, and nothing beside it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app import Parts, create_app
from settings import ROOT

PAGE = "<!doctype html><title>desk</title><script src=/desk/assets/desk.js></script>"


@pytest.fixture
async def browser(parts: Parts, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    root = tmp_path / "dist"
    (root / "desk" / "assets").mkdir(parents=True)
    (root / "index.html").write_text("the city's page")
    (root / "secret.txt").write_text("secret")
    (root / "desk" / "index.html").write_text(PAGE)
    (root / "desk" / "assets" / "desk.js").write_text("1")
    (root / "desk" / "assets" / ".hidden").write_text("secret")
    settings = parts.settings.model_copy(update={"web_root": root})
    app = create_app(dataclasses.replace(parts, settings=settings))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/desk", "/desk/", "/desk/lists/waiting", "/desk/welcome/abc", "/desk/" + "x" * 3000]
)
async def test_every_address_is_the_page(browser: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = await browser.request(method, path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/html")
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert (await browser.get(path)).text == PAGE


async def test_what_the_page_loads(browser: httpx.AsyncClient) -> None:
    script = await browser.get("/desk/assets/desk.js")
    assert script.text == "1"
    assert "javascript" in script.headers["content-type"]
    fresh = {"If-None-Match": script.headers["etag"]}
    assert script.headers["cache-control"] == "no-cache"
    assert (await browser.get("/desk/assets/desk.js", headers=fresh)).status_code in {200, 304}


@pytest.mark.parametrize(
    "path",
    [
        "assets/missing.js",
        "assets/",
        "assets/.hidden",
        "assets/..%2f..%2fsecret.txt",
        "assets/%2e%2e/%2e%2e/secret.txt",
        "assets/%00",
        "assets/" + "x" * 300,
        "assets/a/b",
    ],
)
async def test_nothing_else_is_shown(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(f"/desk/{path}")
    assert answer.status_code == 404 or answer.text == PAGE
    assert "secret" not in answer.text


async def test_a_page_that_was_not_built(parts: Parts, tmp_path: Path) -> None:
    settings = parts.settings.model_copy(update={"web_root": tmp_path})
    app = create_app(dataclasses.replace(parts, settings=settings))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
        assert (await client.get("/desk")).status_code == 404


def test_the_page_has_no_script_of_its_own() -> None:
    html = (ROOT / "web" / "desk" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|<style|\sstyle=", html) == []
