"""Fits an answer into a few segments: what matters most comes first, and nothing is half said."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise

from channels.sms.segments import Encoding, budget, encoding, fold, segments

_DIGIT = re.compile(r"\d")
_SENTENCE_END = re.compile(r"[.!?…؟۔。][\"'”’»)\]]*$")
_ORDINAL = re.compile(r"(?:^|\D)\d{1,2}\.$")
"""``1.`` before ``maj``. It may also be the end of a sentence, but that costs only a few words."""
_ABBREVIATION = re.compile(
    r"^\(?(?:(?:\w{1,3}\.)+\w{1,3}|[b-df-hj-np-tv-xz]{1,4})\.$", re.IGNORECASE
)
"""``f.eks.``, and what cannot be said without a vowel: ``kl.``, ``nr.``, ``tlf.``."""
_OPENING = "\"'“”„‘’«»([¿¡-–—"
_DANGLING = ".,;:-–—([\"'“„«» "
"""What a cut text does not end with."""
_ADDRESS = re.compile(r"[!-~]*(?://|@|www\.|\w\.[a-z])[!-~]*", re.ASCII | re.IGNORECASE)


def compose(
    lines: Sequence[str],
    *,
    choices: Sequence[str] = (),
    link: str | None = None,
    link_only_if_cut: bool = False,
    max_segments: int = 3,
    language: str | None = None,
) -> str:
    """The answer in at most ``max_segments`` segments, folded for ``language``.

    ``lines`` come in order of importance. They are kept from the first one on, up to the one that
    does not fit: lines build on each other. Only the first may be cut. ``choices`` are numbered
    from 1 and follow the lines; the last ones go first and the others keep their numbers.
    ``link`` is the last line, or with ``link_only_if_cut`` only where something was left out. An
    address too long for the whole message is left out itself.

    Empty if nothing of a single endless word can be told without breaking a number or an address.
    Raises :class:`ValueError` for less than one segment.
    """
    if max_segments < 1:
        raise ValueError("a message has at least one segment")

    def write(parts: Sequence[str]) -> str:
        return fold("\n".join(parts), language)

    def fits(parts: Sequence[str]) -> bool:
        return segments(write(parts)) <= max_segments

    said = [line for text in lines for raw in text.splitlines() if (line := raw.strip())]
    titles = [" ".join(title.split()) for title in choices]
    offered = [f"{number}. {title}" for number, title in enumerate(titles, 1) if title]
    ending = [address] if link and (address := link.strip()) else []
    plain = [
        [folded for part in parts if (folded := fold(part, language).strip())]
        for parts in (said, offered, ending)
    ]
    if all(encoding(part) is Encoding.gsm7 for parts in plain for part in parts):
        # Folded once; from here on there is nothing left to fold, whatever is left out.
        said, offered, ending = plain
    whole = [*said, *offered, *([] if link_only_if_cut else ending)]
    if fits(whole):
        return write(whole)
    if not fits(ending):
        ending = []

    kept = _first_that_fit(said, lambda some: fits([*some, *ending]))
    if said and not kept:
        # Twice as much as can fit, so that no word at which it may be cut is itself cut already.
        window = said[0][: 2 * budget(Encoding.gsm7, max_segments)]
        return write(_shortened(window, offered, ending, fits))
    if len(kept) < len(said):
        kept = _without_headings(kept)
    shown = _first_that_fit(offered, lambda some: fits([*kept, *some, *ending]))
    if offered and not shown:
        kept = _without_headings(kept)
    return write([*kept, *shown, *ending])


def _first_that_fit(parts: list[str], fits: Callable[[list[str]], bool]) -> list[str]:
    counts = range(1, len(parts) + 1)
    return parts[: bisect_left(counts, True, key=lambda count: not fits(parts[:count]))]


def _without_headings(lines: list[str]) -> list[str]:
    """Without the last lines that announce what is not there any more."""
    while len(lines) > 1 and lines[-1].endswith(":"):
        lines = lines[:-1]
    return lines


def _shortened(
    lead: str, offered: list[str], ending: list[str], fits: Callable[[list[str]], bool]
) -> list[str]:
    """The lead cut, with as many choices as leave it at least half of what it could be.

    A question with its last words missing can still be answered; one without choices cannot.
    """
    longest = _cut(lead, ending, fits)
    for count in range(len(offered), 0, -1):
        after = [*offered[:count], *ending]
        text = _cut(lead, after, fits)
        if text and 2 * len(text) >= len(longest):
            return [text, *after]
    return [longest, *ending] if longest else ending


def _cut(text: str, after: list[str], fits: Callable[[list[str]], bool]) -> str:
    """The beginning of a text, as much as leaves room for the lines after it.

    Whole sentences if they are at least half of that, else whole words and "…". The latter cut
    never stands beside a word with a digit: a date or a phone number often has several words, and
    the unit of a number is one more.
    """
    more = "..." if encoding(text) is Encoding.gsm7 else "…"
    found = list(re.finditer(r"\S+", text))
    sentences, parts = [], []
    for left, right in pairwise(found):
        if _ends_sentence(left[0], right[0]):
            sentences.append(text[: left.end()])
        beside_digit = _DIGIT.search(left[0]) or _DIGIT.search(right[0])
        if not beside_digit and (head := text[: left.end()].rstrip(_DANGLING)):
            parts.append(head + more)

    def longest(candidates: list[str]) -> str:
        """The last of ever longer texts that fits; empty if none does."""
        place = bisect_left(candidates, True, key=lambda head: not fits([head, *after]))
        return candidates[place - 1] if place else ""

    sentence, part = longest(sentences), longest(parts)
    if sentence and 2 * len(sentence) >= len(part):
        return sentence
    # A word that fits is not torn up, even if no cut beside it is allowed.
    return part or ("" if fits([found[0][0], *after]) else longest(_inside(found[0][0], more)))


def _ends_sentence(left: str, right: str) -> bool:
    if not _SENTENCE_END.search(left) or _ORDINAL.search(left) or _ABBREVIATION.match(left):
        return False
    start = right.lstrip(_OPENING)[:1]
    return start.isalpha() and not start.islower()


def _inside(word: str, more: str) -> list[str]:
    """Cuts between two letters: for a language without spaces, and for endless words."""
    kept = [match.span() for match in _ADDRESS.finditer(word)]
    return [
        word[:place] + more
        for place in range(1, len(word))
        if word[place - 1].isalpha() and word[place].isalpha()
        if not any(start < place < end for start, end in kept)
    ]
