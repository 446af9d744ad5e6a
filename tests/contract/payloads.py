"""What can be seen of a payload without knowing its channel, and what must be in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from channels.base import PushChannel
from conversations.delivery.port import Payload
from conversations.models import Rendered

LINK = "https://guide.example/s/Abcde23456"
_UNSEEN = frozenset({"payload", "choice", "content_type", "type", "kind", "id"})
"""Names of values that come back to us, or that only the provider reads."""


def strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a payload, with the name that it stands under."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from strings(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, key)


def lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from lists(item)


def seen(payloads: Sequence[Payload]) -> str:
    """What the citizen reads, line by line."""
    return "\n".join(text for key, text in strings(list(payloads)) if key not in _UNSEEN)


def letters(text: str) -> str:
    """The text without what a channel may write in another way."""
    return "".join(character for character in text.casefold() if character.isalnum())


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def limits(channel: PushChannel, payloads: Sequence[Payload]) -> Iterator[str]:
    """What the channel itself says that it cannot show."""
    can = channel.capabilities
    for payload in payloads:
        if not seen([payload]).strip():
            yield "an empty payload"
        if json.loads(json.dumps(payload)) != payload:
            yield "not JSON"
        for key, text in strings(payload):
            if can.max_length is not None and len(text) > can.max_length:
                yield f"{len(text)} characters"
            if key == "title" and can.max_title is not None and len(text) > can.max_title:
                yield f"a title of {len(text)} characters"
        for items in lists(payload):
            if can.max_choices is not None and len(items) > can.max_choices:
                yield f"{len(items)} choices"
    if not payloads:
        yield "no payload"


def losses(rendered: Rendered, payloads: Sequence[Payload]) -> Iterator[str]:
    """What of an ordinary saying is neither there nor linked to.

    What can be asked after an answer may be left to the link, and what must be picked may not.
    """
    text, everything = seen(payloads), [value for _, value in strings(list(payloads))]
    for number, choice in enumerate(rendered.choices, 1):
        if re.search(rf"(?m)^{number}\. ", text) or choice.choice in everything:
            continue
        linked = rendered.card is not None and LINK in text
        if not linked and letters(choice.title) not in letters(text):
            yield f"the choice {choice.choice}"
    left_out = words(rendered.text) - words(text)
    if left_out and LINK not in text:
        yield f"no link to {sorted(left_out)[:5]}"


def leaks(rendered: Rendered, payloads: Sequence[Payload]) -> Iterator[str]:
    """What of a private saying stands where others may read along."""
    assert rendered.neutral is not None
    text, everything = letters(seen(payloads)), [value for _, value in strings(list(payloads))]
    if letters(rendered.neutral) not in text:
        yield "not the neutral text"
    if LINK not in seen(payloads):
        yield "no link"
    secrets = [line for line in rendered.text.splitlines() if len(letters(line)) > 12]
    if rendered.card is not None:
        secrets += [rendered.card.title, rendered.card.summary]
        secrets += [item.text for row in rendered.card.rows for item in row.items]
    private = [choice for choice in rendered.choices if choice.choice != "human"]
    secrets += [choice.title for choice in private if choice.choice.startswith("service:")]
    for secret in secrets:
        # The city's phone number stands in the neutral text, too.
        if letters(secret) in text and letters(secret) not in letters(rendered.neutral):
            yield f"says {secret!r}"
    for choice in private:
        if choice.choice in everything:
            yield f"tells the provider {choice.choice}"


def dangers(rendered: Rendered, payloads: Sequence[Payload]) -> Iterator[str]:
    """What of the numbers to call is missing."""
    text = seen(payloads)
    if "112" not in seen(payloads[:1]):
        yield "no 112 at first"
    for number in re.findall(r"\+?\d[\d ]*\d", rendered.text):
        if number not in text:
            yield f"no {number}"
    if not words(rendered.text) <= words(text):
        yield "cut"
