"""Words one service's facts: a verified fact is stated, any other is a link to check at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from conversations.models import CardItem, CardRow
from conversations.rendering.replies import ReplyTexts
from knowledge import formatting
from knowledge.catalogue import Catalogue, Service
from knowledge.schema import (
    Appointment,
    ChannelKind,
    Cost,
    Fact,
    ServiceChannel,
    ServiceText,
    State,
)
from knowledge.translations import service_out_of_date

PRICE_AGE_MONTHS = 12
"""Danish fees change every 1 January: a price older than this is given with its year."""


class FactWriter:
    """The rows of a card for one service in one language."""

    def __init__(
        self,
        catalogue: Catalogue,
        replies: ReplyTexts,
        service: Service,
        language: str,
        today: dt.date,
    ) -> None:
        self._catalogue = catalogue
        self._replies = replies
        self.service = service
        self.facts = service.facts
        self.language, self.text = catalogue.text(service.id, language)
        self._say_in = language
        self._today = today
        self.used: list[Fact] = []
        """The verified facts that were stated: what "checked" on the card is about."""

    def say(self, key: str, **values: object) -> str:
        return self._replies.text(key, self._say_in, values)

    @property
    def authority(self) -> str:
        return self._catalogue.organisation_text(self.facts.competent_authority, self._say_in).name

    @property
    def own(self) -> bool:
        """Whether the municipality itself is the competent authority."""
        organisation = self._catalogue.organisations[self.facts.competent_authority]
        return organisation.level == "municipality"

    def authority_note(self) -> str:
        key = "authority_own" if self.own else "authority_other"
        note = self.say(key, authority=self.authority)
        return note[:1].upper() + note[1:]

    def _check(self, key: str) -> CardItem:
        url = str(self.facts.check_url)
        return CardItem(self.say(key, authority=self.authority, url=url), url, verified=False)

    def _row(self, kind: str, items: Sequence[CardItem]) -> CardRow | None:
        # The same "check at" line for several facts is said once.
        unique = tuple(dict.fromkeys(items))
        return CardRow(kind, self.say(f"label_{kind}"), unique) if unique else None

    def _line(self, fact: Fact, lines: dict[str, str]) -> str:
        return formatting.fill(lines[fact.id], fact.values, self.language)

    def costs(self, *, or_none: bool = False) -> CardRow | None:
        stated = [self._cost(cost) for cost in self.facts.costs if cost.state is State.verified]
        return self._row("cost", self._with_doubts("cost", self.facts.costs, stated, or_none))

    def _with_doubts(
        self, kind: str, facts: Sequence[Fact], stated: list[CardItem], or_none: bool
    ) -> list[CardItem]:
        """What is stated, and one line on what is not: where to check it."""
        doubtful = [fact for fact in facts if fact.state is not State.verified]
        if not facts:
            return [self._check(f"none_{kind}")] if or_none else []
        if not doubtful:
            return stated
        if stated:
            return [*stated, self._check("check_more")]
        conflict = all(fact.state is State.conflicting for fact in doubtful)
        return [self._check("check_conflict" if conflict else f"check_{kind}")]

    def _cost(self, cost: Cost) -> CardItem:
        self.used.append(cost)
        if cost.amount is None:  # the schema forbids it for a verified cost
            return self._check("check_cost")
        amount = (
            formatting.money(cost.amount, cost.currency, self._say_in)
            if cost.amount
            else self.say("free")
        )
        if cost.per != "once":
            amount += " " + self.say(f"per_{cost.per}")
        if cost.amount and cost.last_verified is not None and self._old(cost.last_verified):
            amount += f" ({self.say('as_of', year=cost.last_verified[:4])})"
        return CardItem(f"{self._line(cost, self.text.costs).rstrip('.')}: {amount}")

    def _old(self, date: str) -> bool:
        year, month = int(date[:4]), int(date[5:7] or 12) if len(date) > 4 else 12
        return (self._today.year - year) * 12 + self._today.month - month > PRICE_AGE_MONTHS or (
            year < self._today.year
        )

    def deadlines(self, *, or_none: bool = False) -> CardRow | None:
        return self._statements("deadline", self.facts.deadlines, self.text.deadlines, or_none)

    def processing_times(self, *, or_none: bool = False) -> CardRow | None:
        return self._statements(
            "processing_time", self.facts.processing_times, self.text.processing_times, or_none
        )

    def _statements(
        self, kind: str, facts: Sequence[Fact], lines: dict[str, str], or_none: bool
    ) -> CardRow | None:
        verified = [fact for fact in facts if fact.state is State.verified]
        self.used += verified
        stated = [CardItem(self._line(fact, lines)) for fact in verified]
        return self._row(kind, self._with_doubts(kind, facts, stated, or_none))

    def evidence(self, *, or_none: bool = False) -> CardRow | None:
        return self._list("evidence", self.facts.evidence, self.text.evidence, or_none)

    def requirements(self, *, or_none: bool = False) -> CardRow | None:
        return self._list("requirement", self.facts.requirements, self.text.requirements, or_none)

    def outputs(self) -> CardRow | None:
        return self._list("output", self.facts.outputs, self.text.outputs, False)

    def _list(
        self, kind: str, facts: Sequence[Fact], lines: dict[str, str], or_none: bool
    ) -> CardRow | None:
        items = []
        doubtful = False
        for fact in facts:
            if fact.state is State.verified:
                self.used.append(fact)
                items.append(CardItem(self._line(fact, lines)))
            else:
                doubtful = True
                # A doubtful text without figures may still help; a doubtful figure may not.
                if fact.state is State.unverified and not fact.values:
                    items.append(CardItem(self._line(fact, lines), verified=False))
        if doubtful:
            items.append(self._check("check_list"))
        if not items and or_none:
            items = [self._check(f"none_{kind}")]
        return self._row(kind, items)

    def steps(self) -> CardRow | None:
        return self._row("step", [CardItem(step) for step in self.text.steps])

    def channels(self, *, only: frozenset[ChannelKind] | None = None) -> list[CardRow]:
        """The best channel in one row with its reason, the others in a second."""
        chosen = [c for c in self.facts.channels if only is None or c.kind in only]
        items = [self._channel(channel) for channel in chosen]
        first = self._row("channel", items[:1])
        others = self._row("channel_other", items[1:])
        return [row for row in (first, others) if row is not None]

    def _channel(self, channel: ServiceChannel) -> CardItem:
        text: dict[str, object] = {"label": self.text.channels[channel.id].label.rstrip(".")}
        verified = channel.state is State.verified
        if verified:
            self.used.append(channel)
        line = f"{text['label']}. {self.text.channels[channel.id].why}"
        url = str(channel.url) if channel.url else None
        if channel.phone and verified:
            line += f" {formatting.phone(channel.phone)}"
            url = url or f"tel:{channel.phone}"
        return CardItem(line, url or (None if verified else str(self.facts.check_url)), verified)

    def requires(self) -> CardRow | None:
        titles = [self._catalogue.text(item, self._say_in)[1].title for item in self.facts.requires]
        return self._row("requires", [CardItem(title) for title in titles])

    def contact(self) -> CardRow | None:
        """Whom to call: the first verified phone of a channel, else the authority's own."""
        for channel in self.facts.channels:
            if channel.phone and channel.state is State.verified:
                return self._row("contact", [self._phone(channel.phone)])
        organisation = self._catalogue.organisations[self.facts.competent_authority]
        if organisation.phone and organisation.state is State.verified:
            return self._row("contact", [self._phone(organisation.phone)])
        url = str(self.facts.check_url)
        return self._row("contact", [CardItem(url, url)])

    @staticmethod
    def _phone(number: str) -> CardItem:
        return CardItem(formatting.phone(number), f"tel:{number}")

    def authority_row(self) -> CardRow | None:
        organisation = self._catalogue.organisations[self.facts.competent_authority]
        url = str(organisation.url) if organisation.url else str(self.facts.check_url)
        text = self._catalogue.organisation_text(organisation.id, self._say_in)
        return self._row("authority", [CardItem(self.authority_note(), url), CardItem(text.tasks)])

    def eligibility_note(self) -> CardItem:
        return CardItem(self.say("eligibility_note", authority=self.authority))

    def has_online(self) -> bool:
        return any(channel.kind is ChannelKind.online for channel in self.facts.channels)

    def appointment(self) -> bool:
        return any(c.appointment is Appointment.required for c in self.facts.channels)

    def checked(self) -> str:
        """When the stated facts were last verified: the oldest date, or that there is none.

        With a warning where the text may be older than its source. Empty where no fact was stated.
        """
        old = service_out_of_date(self._catalogue, self.service.id, self.language)
        warning = self.say("translation_old") if old else ""
        return " ".join(filter(None, [self._checked() if self.used else "", warning]))

    def _checked(self) -> str:
        dates = [fact.last_verified for fact in self.used if fact.last_verified]
        if not dates:
            return self.say("checked_undated")
        return self.say("checked", date=formatting.partial_date(min(dates), self._say_in))

    def source(self) -> dict[str, str] | None:
        """The newest source of what was stated."""
        ids = [source for fact in self.used for source in fact.sources]
        if not ids:
            return None
        best = max(dict.fromkeys(ids), key=lambda item: self.facts.sources[item].date or "")
        url = self.facts.sources[best].url
        return {"title": url.host or str(url), "url": str(url)}

    @property
    def prose(self) -> ServiceText:
        return self.text
