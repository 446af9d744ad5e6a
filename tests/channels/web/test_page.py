"""The guide without script: forms, redirects and a cookie."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest

from app import Parts
from channels.web.page import linked
from conversations.models import Reply
from storage.base import Base
from tests.channels.web.conftest import Gateway
from tests.conftest import ScriptedAssistant

EVIL = {"Origin": "https://evil.example"}
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """What a test wants to know of a page."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.language = ""
        self.direction = ""
        self.tags: list[str] = []
        self.forms: list[str] = []
        self.choices: list[str] = []
        self.inline: list[str] = []
        self.messages: list[tuple[str, str]] = []
        """Author and text, in order."""
        self._author = ""
        self._text: list[str] | None = None
        assert answer.headers["content-type"].startswith("text/html"), answer.text
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "html":
            self.language, self.direction = given["lang"], given["dir"]
        elif tag == "form":
            assert given["method"] == "post"
            self.forms.append(given["action"])
        elif tag == "button" and given.get("name") == "choice":
            self.choices.append(given["value"])
        elif tag == "li" and "dir" in given:
            self._author = given["class"]
        elif tag == "p" and self._author:
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "p" and self._text is not None:
            self.messages.append((self._author, "".join(self._text)))
            self._text, self._author = None, ""


async def show(client: httpx.AsyncClient, **headers: str) -> Page:
    answer = await client.get("/chat", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return Page(answer)


async def send(client: httpx.AsyncClient, path: str = "/chat", **form: str) -> httpx.Response:
    answer = await client.post(path, data=form)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].partition("#")[0] == "/chat"
    return answer


async def test_the_page_can_be_read_before_anything_is_said(client: httpx.AsyncClient) -> None:
    page = await show(client)
    assert page.messages == []
    assert "/chat" in page.forms
    assert "/chat/erase" not in page.forms
    assert not client.cookies


async def test_a_round_trip_needs_no_script(
    client: httpx.AsyncClient, assistant: ScriptedAssistant
) -> None:
    offered = ("service:pas-voksen", "service:pas-boern", "human")
    assistant.answer = lambda *_: [Reply("candidates", choices=offered)]
    await send(client, text="Hvad koster et pas?")
    page = await show(client)
    authors = [author for author, _ in page.messages]
    assert authors == ["guide", "citizen", "guide"]
    assert page.messages[1][1] == "Hvad koster et pas?"
    assert page.choices == list(offered)
    assistant.answer = lambda *_: [Reply("service", service="pas-voksen")]
    await send(client, choice="service:pas-voksen")
    page = await show(client)
    assert len(page.messages) == 5
    assert assistant.asked[-1][2] == "service:pas-voksen"
    assert "script" not in page.tags
    assert page.inline == []


async def test_the_cookie_is_for_the_server_only(client: httpx.AsyncClient) -> None:
    answer = await send(client, text="hej")
    cookie = answer.headers["set-cookie"]
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/chat"} <= flags
    assert "secure" not in flags
    again = await send(client, text="hej igen")
    assert "set-cookie" not in again.headers


async def test_over_https_the_cookie_is_secure(client: httpx.AsyncClient) -> None:
    answer = await client.post("https://guide/chat", data={"text": "hej"})
    assert "; secure" in answer.headers["set-cookie"].lower()


async def test_two_browsers_see_their_own_conversation(client: httpx.AsyncClient) -> None:
    await send(client, text="min hemmelighed")
    client.cookies.clear()
    page = await show(client)
    assert page.messages == []


@pytest.mark.parametrize(
    "cookie", ["", ".", "x.y", "x", "å", "0" * 32 + ".wrong", "." * 1000, "%00.%00"]
)
async def test_a_strange_cookie_is_no_cookie(client: httpx.AsyncClient, cookie: str) -> None:
    header = b"borgerguide=" + cookie.encode()
    answer = await client.get("/chat", headers={b"cookie": header})
    assert answer.status_code == 200
    assert Page(answer).messages == []


async def test_what_the_citizen_writes_is_never_markup(client: httpx.AsyncClient) -> None:
    await send(client, text=SCRIPT)
    answer = await client.get("/chat")
    page = Page(answer)
    assert ("citizen", SCRIPT) in page.messages
    assert not {"script", "img"} & set(page.tags)
    assert page.inline == []


async def test_a_refused_text_stays_in_the_field_and_is_no_markup(
    client: httpx.AsyncClient,
) -> None:
    draft = "</textarea>" + SCRIPT + "x" * 2000
    answer = await client.post("/chat", data={"text": draft})
    assert answer.status_code == 422
    page = Page(answer)
    assert not {"script", "img"} & set(page.tags)
    assert 'role="alert"' in answer.text
    assert "&lt;/textarea&gt;" in answer.text


@pytest.mark.parametrize("form", [{}, {"text": " "}, {"choice": "nothing"}])
async def test_what_cannot_be_taken_is_said_on_the_page(
    client: httpx.AsyncClient, form: dict[str, str]
) -> None:
    await send(client, text="hej")
    answer = await client.post("/chat", data=form)
    assert answer.status_code == 422
    page = Page(answer)
    assert 'role="alert"' in answer.text
    assert len(page.messages) == 3


async def test_a_refused_first_message_keeps_its_conversation(client: httpx.AsyncClient) -> None:
    await client.post("/chat", data={"text": " "})
    assert len((await show(client)).messages) == 1


async def test_the_rate_limit_of_the_page_is_a_page(gateway: Gateway) -> None:
    async with gateway(messages_per_minute=1, message_burst=1) as client:
        await send(client, text="hej")
        answer = await client.post("/chat", data={"text": "hej igen"})
        assert answer.status_code == 429
        assert "Retry-After" in answer.headers
        assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/chat", "/chat/language", "/chat/erase"])
async def test_a_form_from_another_site_is_refused(client: httpx.AsyncClient, path: str) -> None:
    await send(client, text="hej")
    form = {"text": "hej", "language": "en"}
    for origin in (EVIL, {"Origin": "http://guide.evil.example"}, {"Origin": "http://guide:81"}):
        assert (await client.post(path, data=form, headers=origin)).status_code == 403
    page = await show(client)
    assert (page.language, len(page.messages)) == ("da", 3)


@pytest.mark.parametrize("path", ["/chat", "/chat/language", "/chat/erase"])
async def test_a_form_from_this_site_is_taken(client: httpx.AsyncClient, path: str) -> None:
    form = {"text": "hej", "language": "en"}
    answer = await client.post(path, data=form, headers={"Origin": "http://guide"})
    assert answer.status_code == 303


@pytest.mark.parametrize("said_before", [True, False])
async def test_the_language_can_be_chosen(client: httpx.AsyncClient, said_before: bool) -> None:
    if said_before:
        await send(client, text="Hvad koster et pas?")
    assert (await show(client)).language == "da"
    await send(client, "/chat/language", language="en")
    assert (await show(client)).language == "en"


async def test_an_unknown_language_is_refused(client: httpx.AsyncClient) -> None:
    for _ in range(2):
        answer = await client.post("/chat/language", data={"language": "xx"})
        assert answer.status_code == 422
        await send(client, text="hej")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("da-DK", "da"),
        ("fr, en;q=0.5, da;q=0.8", "da"),
        ("fr", "da"),
        ("", "da"),
        ("*", "da"),
        (";;q=,,=", "da"),
        ("en;q=x, da;q=0.1", "da"),
    ],
)
async def test_the_browsers_language_is_the_first_guess(
    client: httpx.AsyncClient, accepted: str, language: str
) -> None:
    page = await show(client, **{"Accept-Language": accepted})
    assert (page.language, page.direction) == (language, "ltr")


async def test_erasing_leaves_nothing_on_either_side(
    client: httpx.AsyncClient, parts: Parts
) -> None:
    await send(client, text="hej")
    answer = await send(client, "/chat/erase")
    assert re.search(r'borgerguide=""; .*Max-Age=0', answer.headers["set-cookie"])
    assert not client.cookies
    assert (await show(client)).messages == []
    async with parts.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            assert (await connection.execute(table.select())).all() == []


async def test_erasing_nothing_is_fine(client: httpx.AsyncClient) -> None:
    await send(client, "/chat/erase")


async def test_the_style_is_a_file_of_ours(client: httpx.AsyncClient) -> None:
    answer = await client.get("/chat.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "url(http" not in answer.text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("hej", "hej"),
        ("<b>", "&lt;b&gt;"),
        (
            "Se https://kk.dk/pas.",
            'Se <a href="https://kk.dk/pas">https://kk.dk/pas</a>.',
        ),
        (
            "https://a.dk?x=1&y=2 og https://b.dk",
            (
                '<a href="https://a.dk?x=1&amp;y=2">https://a.dk?x=1&amp;y=2</a> og '
                '<a href="https://b.dk">https://b.dk</a>'
            ),
        ),
        (
            'https://a.dk"onclick="x',
            '<a href="https://a.dk&#34;onclick=&#34;x">https://a.dk&#34;onclick=&#34;x</a>',
        ),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("{0} {{ 7*7 }}", "{0} {{ 7*7 }}"),
    ],
)
def test_addresses_become_links_and_the_rest_is_escaped(text: str, html: str) -> None:
    assert str(linked(text)) == html
