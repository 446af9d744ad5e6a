"""Composes the answer to one question about one service."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from conversations.models import Card, CardItem, CardRow
from conversations.rendering.facts import FactWriter
from conversations.rendering.replies import ReplyTexts
from knowledge.catalogue import Catalogue
from knowledge.schema import ChannelKind

ASPECTS = (
    "overview",
    "cost",
    "time",
    "deadline",
    "documents",
    "eligibility",
    "where",
    "how",
    "authority",
    "online",
    "simple",
)
"""What can be asked of a service."""

Rows = list[CardRow | None]

_PLACES = frozenset({ChannelKind.in_person, ChannelKind.phone, ChannelKind.post, ChannelKind.email})
_ONLINE = frozenset({ChannelKind.online, ChannelKind.automatic})


def _overview(write: FactWriter) -> Rows:
    # Deadline and cost before all: guidance must come before the citizen acts.
    return [
        write.deadlines(),
        write.costs(),
        write.requires(),
        *write.channels(),
        write.evidence(),
        write.processing_times(),
    ]


def _eligibility(write: FactWriter) -> Rows:
    row = write.requirements(or_none=True)
    if row is None:
        return []
    return [CardRow(row.kind, row.label, (*row.items, write.eligibility_note())), write.requires()]


def _where(write: FactWriter) -> Rows:
    return [*(write.channels(only=_PLACES) or write.channels()), write.contact()]


def _online(write: FactWriter) -> Rows:
    rows: Rows = [*write.channels(only=_ONLINE)]
    if not rows:
        label = write.say("label_channel")
        rows = [CardRow("channel", label, (CardItem(write.say("online_no")),)), *write.channels()]
    return rows


_WRITERS: dict[str, Callable[[FactWriter], Rows]] = {
    "overview": _overview,
    "cost": lambda write: [write.costs(or_none=True)],
    "time": lambda write: [write.processing_times(or_none=True)],
    "deadline": lambda write: [write.deadlines(or_none=True)],
    "documents": lambda write: [write.evidence(or_none=True), write.requires()],
    "eligibility": _eligibility,
    "where": _where,
    "how": lambda write: [write.requires(), write.steps(), *write.channels()],
    "authority": lambda write: [write.authority_row(), write.contact()],
    "online": _online,
    "simple": lambda write: [write.deadlines(), write.steps()],
}


class Answerer:
    """Answers from one catalogue with one set of reply texts."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        replies: ReplyTexts,
        today: Callable[[], dt.date],
    ) -> None:
        self._catalogue = catalogue
        self._replies = replies
        self._today = today

    def writer(self, service: str, language: str) -> FactWriter:
        """The fact writer for a service. ``KeyError`` if it does not exist."""
        catalogue = self._catalogue()
        return FactWriter(
            catalogue, self._replies, catalogue.services[service], language, self._today()
        )

    def card(self, service: str, aspect: str, language: str) -> Card:
        """The answer as a card. ``KeyError`` for an unknown service or aspect."""
        write = self.writer(service, language)
        rows = tuple(row for row in _WRITERS[aspect](write) if row is not None)
        whole = aspect in {"overview", "simple"}
        return Card(
            service=service,
            title=write.prose.title,
            summary=write.prose.summary if whole else "",
            authority={
                "name": write.authority,
                "own": write.own,
                "note": None if write.own else write.authority_note(),
            },
            rows=rows,
            links=self._links(write),
            source=write.source(),
            checked=write.checked(),
        )

    @staticmethod
    def _links(write: FactWriter) -> tuple[dict[str, str], ...]:
        best = write.facts.channels[0]
        links = []
        if best.url is not None:
            links.append({"title": write.prose.channels[best.id].label, "url": str(best.url)})
        check = str(write.facts.check_url)
        if not links or links[0]["url"] != check:
            links.append(
                {"title": write.say("check_link", authority=write.authority), "url": check}
            )
        return tuple(links)

    def text(self, card: Card) -> str:
        """The same answer in plain lines, for SMS, screen readers and the transcript."""
        lines = [card.title if card.title.endswith(("?", "!", ".")) else f"{card.title}."]
        # The summary of another authority's service already begins with whose it is.
        if card.summary:
            lines.append(card.summary)
        elif card.authority["note"]:
            lines.append(card.authority["note"])
        for row in card.rows:
            if len(row.items) == 1:
                lines.append(f"{row.label}: {_with_url(row.items[0])}")
            else:
                lines.append(f"{row.label}:")
                mark = "{n}. " if row.kind == "step" else "- "
                lines += [mark.format(n=n) + _with_url(item) for n, item in enumerate(row.items, 1)]
        if card.links and card.links[0]["url"] not in "\n".join(lines):
            lines.append(card.links[0]["url"])
        return "\n".join(filter(None, [*lines, card.checked]))


def _with_url(item: CardItem) -> str:
    """The item's text with its address, unless the text says it already."""
    if item.url is None or item.url.startswith("tel:") or item.url in item.text:
        return item.text
    return f"{item.text} {item.url}"
