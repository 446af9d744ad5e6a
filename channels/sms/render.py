"""Shapes what is said into text messages of at most three segments."""

from __future__ import annotations

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
        body = _compose(rendered, lines, choices=titles, link=last)
    else:
        titles = [choice.title for choice in rendered.choices]
        lines = rendered.text.splitlines()
        body = _compose(rendered, lines, choices=titles, link=last, link_only_if_cut=True)
    return [{"body": body}] if body else []


def offered(rendered: Rendered, payloads: Sequence[Payload]) -> int:
    """How many of the choices the message has room for: the last ones go first."""
    lines = {line for payload in payloads for line in payload["body"].splitlines()}
    return next(
        (
            count
            for count, choice in enumerate(rendered.choices)
            if fold(f"{count + 1}. {' '.join(choice.title.split())}", rendered.language)
            not in lines
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
    """The title and a line for each row, as far as they fit.

    What must be known before anything is done is told in part rather than not at all, and a long
    list of deadlines leaves room for the price. The first row is treated alike: otherwise there
    would be only the title. Other rows are told whole or left for the citizen to ask about.
    """
    title = card.title if card.title.endswith(("?", "!", ".")) else f"{card.title}."
    shown = [0] * len(card.rows)

    def lines() -> list[str]:
        return [title, *(_line(row, n) for row, n in zip(card.rows, shown, strict=True) if n)]

    def tell(place: int, count: int) -> bool:
        before = shown[place]
        shown[place] = count
        if fits(lines()):
            return True
        shown[place] = before
        return False

    first = [n for n, row in enumerate(card.rows) if n == 0 or row.kind in _BEFORE_ALL]
    for place in first:
        # "Not confirmed" is worth less than a second fact.
        if any(item.verified for item in card.rows[place].items[:1]):
            tell(place, 1)
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
