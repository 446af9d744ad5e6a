"""Shapes what is said into text messages of at most three segments."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from channels.sms.compose import compose
from channels.sms.segments import fold, segments
from conversations.delivery.port import Payload
from conversations.models import Card, CardRow, Rendered

MAX_SEGMENTS = 3
MAX_LENGTH = 1600
"""Characters that Twilio takes in one message."""
_DANGER = "crisis_"
"""Replies with numbers to call."""
_BEFORE_ALL = frozenset({"deadline", "cost"})
"""Rows that a citizen must have seen before doing anything."""
_FIRST_SENTENCE = re.compile(r".+?[.!?؟](?=\s|$)")
_MORE = "..."
"""In the place of items that are left out of a list."""


def render(rendered: Rendered, link: str | None) -> list[Payload]:
    """One message; for danger as many as the whole text takes.

    ``link`` leads to the answer on the web. It is the last line wherever there is more to read
    there than the message says.
    """
    if rendered.reply.startswith(_DANGER):
        return [{"body": body} for body in _whole(rendered)]
    last = f"{rendered.more} {link}".strip() if link else None
    if rendered.neutral is not None:
        # A phone on a table shows a message to everybody: nothing of the answer, and no choices.
        body = _compose(rendered, [rendered.neutral], link=last)
    elif (card := rendered.card) is not None:
        titles = [choice.title for choice in rendered.choices]
        lines = _rows(card, lambda some: _fits(rendered, some, last))
        if len(lines) == 1 and last != link:
            # Room for a fact rather than for what the link is.
            last = link
            lines = _rows(card, lambda some: _fits(rendered, some, last))
        body = _compose(rendered, lines, choices=titles, link=last)
    else:
        body = _asked(rendered, last)
    return [{"body": body}] if body else []


def _asked(rendered: Rendered, link: str | None) -> str:
    """A text with what may be answered to it: the choices count for more than its last words.

    Where the whole does not fit, the choices are told shorter, then the text, then without it.
    """
    titles = [choice.title for choice in rendered.choices]
    shorter = [choice.short or choice.title for choice in rendered.choices]
    lines = rendered.text.splitlines()
    first = _FIRST_SENTENCE.match(lines[0]) if lines else None
    begun = [first[0], *lines[1:]] if first else lines
    ways = [(lines, titles, link), (lines, shorter, link), (begun, shorter, link)]
    ways += [(begun, shorter, None), (begun[:1], shorter, None), ([], shorter, None)]
    bodies = [
        _compose(rendered, text, choices=choices, link=to, link_only_if_cut=True)
        for text, choices, to in (ways if titles else ways[:1])
    ]
    # The first of those that show most.
    return max(bodies, key=lambda body: offered(rendered, [{"body": body}]))


def offered(rendered: Rendered, payloads: Sequence[Payload]) -> int:
    """How many of the choices the message has room for: the last ones go first."""
    lines = {line for payload in payloads for line in payload["body"].splitlines()}
    return next(
        (
            count
            for count, choice in enumerate(rendered.choices)
            if lines.isdisjoint(
                fold(f"{count + 1}. {' '.join(title.split())}", rendered.language)
                for title in (choice.title, choice.short or choice.title)
            )
        ),
        len(rendered.choices),
    )


def _compose(
    rendered: Rendered,
    lines: list[str],
    *,
    choices: list[str] | None = None,
    link: str | None,
    link_only_if_cut: bool = False,
) -> str:
    return compose(
        lines,
        choices=choices or (),
        link=link,
        link_only_if_cut=link_only_if_cut,
        max_segments=MAX_SEGMENTS,
        language=rendered.language,
    )


def _fits(rendered: Rendered, lines: list[str], last: str | None) -> bool:
    whole = "\n".join([*lines, *([last] if last else [])])
    return segments(fold(whole, rendered.language)) <= MAX_SEGMENTS


def _rows(card: Card, fits: Callable[[list[str]], bool]) -> list[str]:
    """The title, if there is room for anything else, and a line for each row, as far as they fit.

    What must be known before anything is done is told in part rather than not at all, and a long
    list of deadlines leaves room for the price. The first row is treated alike: otherwise there
    would be only the title. Other rows are told whole or left for the citizen to ask about.
    """
    title = card.title if card.title.endswith(("?", "!", ".")) else f"{card.title}."
    head = [title]
    shown = [0] * len(card.rows)

    def lines() -> list[str]:
        return [*head, *(_line(row, n) for row, n in zip(card.rows, shown, strict=True) if n)]

    def tell(place: int, count: int) -> bool:
        before = shown[place]
        shown[place] = count
        if fits(lines()):
            return True
        shown[place] = before
        return False

    first = [n for n, row in enumerate(card.rows) if n == 0 or row.kind in _BEFORE_ALL]
    # "Not confirmed" is worth less than a second fact.
    sure = [n for n in first if any(item.verified for item in card.rows[n].items[:1])]
    for place in sure:
        tell(place, 1)
    if sure and not any(shown):
        # A long price in an alphabet of two bytes: it is worth more than the title.
        head.clear()
        if not any(tell(place, 1) for place in sure):
            head.append(title)
    for place in first:
        while shown[place] < len(card.rows[place].items) and tell(place, shown[place] + 1):
            pass
    if all(shown[place] == len(card.rows[place].items) for place in first):
        for place, row in enumerate(card.rows):
            if place not in first and not tell(place, len(row.items)):
                break
    return lines()


def _line(row: CardRow, count: int) -> str:
    text = f"{row.label}:"
    for item in row.items[:count]:
        between = " " if text.endswith((":", ".", "!", "?")) else "; "
        text += between + item.text
    return text if count == len(row.items) else f"{text} {_MORE}"


def _whole(rendered: Rendered) -> list[str]:
    """The text of a danger, uncut whatever it costs; choices where they cost nothing more."""
    titles = [f"{n}. {choice.title}" for n, choice in enumerate(rendered.choices, 1)]
    for lines in ([rendered.text, *titles], [rendered.text]):
        body = fold("\n".join(lines), rendered.language)
        if segments(body) <= MAX_SEGMENTS:
            return [body]
    return _parts(body)


def _parts(text: str) -> list[str]:
    """A text in messages that Twilio takes, between lines: a number is in one of them whole."""
    parts: list[str] = []
    for line in text.splitlines():
        if parts and len(parts[-1]) + 1 + len(line) <= MAX_LENGTH:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts
