"""The knowledge base's types: what an editor may write in ``knowledge/``.

Terms are those of CPSV-AP 3.2.0 (https://semiceu.github.io/CPSV-AP/releases/3.2.0/) in
snake_case. Facts stand once, in ``service.yml``; prose stands per language, in ``<lang>.yml``,
and takes every number from the facts through ``{placeholders}``.
"""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    model_validator,
)

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$")]
"""Lower-case ASCII words joined by ``-`` or ``_``."""


def _exists(text: str) -> str:
    dt.date.fromisoformat(text + "-01-01"[len(text) - 10 :] if len(text) < 10 else text)
    return text


PartialDate = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"),
    AfterValidator(_exists),
]
"""A year, a month or a day, as exact as the source is: ``2023``, ``2024-05``, ``2024-05-15``."""

Phone = Annotated[str, StringConstraints(pattern=r"^(\+\d{8,15}|\d{3,4})$")]
"""E.164, or a short number such as ``112`` or ``1813``."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

SourceVersion = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{10}$")]
"""See ``knowledge/translations.py``."""

Value = int | float | Annotated[str, StringConstraints(min_length=1)]
"""A number, or a string read by form: ISO 8601 duration ``P4W``, money ``1000 DKK``,
date ``2025-07-01``, anything else as it stands."""

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Strict(BaseModel):
    """Unknown keys are errors: a typing mistake in a YAML file must not pass silently."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class State(StrEnum):
    """How far a fact may be trusted; only ``verified`` facts are stated as facts."""

    verified = "verified"
    unverified = "unverified"
    conflicting = "conflicting"


class Level(StrEnum):
    municipality = "municipality"
    region = "region"
    state = "state"
    other = "other"


class ChannelKind(StrEnum):
    automatic = "automatic"
    online = "online"
    phone = "phone"
    in_person = "in_person"
    post = "post"
    email = "email"
    third_party = "third_party"


class Appointment(StrEnum):
    none = "none"
    optional = "optional"
    required = "required"


class Source(Strict):
    url: HttpUrl
    date: PartialDate | None
    """When the page was published or last changed, as far as it says; null for an undated page."""


class Fact(Strict):
    """A statement with its evidence.

    ``last_verified`` is the date of the newest source that says so, not of the latest edit.
    """

    id: Identifier
    state: State
    sources: tuple[Identifier, ...] = ()
    last_verified: PartialDate | None = None
    values: dict[str, Value] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _verified_needs_a_source(self) -> Fact:
        if self.state is State.verified and not self.sources:
            raise ValueError(f"{self.id}: a verified fact needs at least one source")
        return self


class Cost(Fact):
    """What the citizen pays. ``amount`` null: it exists, but no source gives it."""

    amount: float | None = Field(default=None, ge=0)
    currency: Literal["DKK", "EUR"] = "DKK"
    per: Literal["once", "month", "hour", "year"] = "once"
    channel: Identifier | None = None
    """The service channel that this price belongs to; null: all of them."""

    @model_validator(mode="after")
    def _a_verified_amount_is_dated(self) -> Cost:
        if self.state is State.verified and (self.amount is None or self.last_verified is None):
            raise ValueError(f"{self.id}: a verified cost needs an amount and last_verified")
        return self


class ServiceChannel(Fact):
    """A way to reach the service. The order in the file is the order of preference."""

    kind: ChannelKind
    url: HttpUrl | None = None
    phone: Phone | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]+$")] | None = None
    place: Identifier | None = None
    login: tuple[Literal["mitid"], ...] = ()
    appointment: Appointment = Appointment.none
    hours: Annotated[str, StringConstraints(min_length=2)] | None = None
    """Opening hours in OpenStreetMap's notation, e.g. ``Mo-Fr 08:00-17:00``."""


class ServiceFacts(Strict):
    """``service.yml``: one public service (cpsv:PublicService), its facts once."""

    identifier: Identifier
    competent_authority: Identifier
    """An organisation of ``knowledge/organisations/organisations.yml``."""
    level: Level
    life_events: tuple[Identifier, ...] = Field(min_length=1)
    kle: tuple[Annotated[str, StringConstraints(pattern=r"^\d{2}$")], ...] = ()
    """KLE main groups, two digits (KL's copyright covers the rest)."""
    sensitive: bool = False
    """Benefits, illness, family law, violence: never spelled out in an SMS."""
    handover: bool = False
    """A rule of this service: offer a person at once, with the answer."""
    check_url: HttpUrl
    """The authority's own page, for everything that we have not verified."""
    sources: dict[Identifier, Source]
    channels: tuple[ServiceChannel, ...] = Field(min_length=1)
    costs: tuple[Cost, ...] = ()
    deadlines: tuple[Fact, ...] = ()
    processing_times: tuple[Fact, ...] = ()
    requirements: tuple[Fact, ...] = ()
    evidence: tuple[Fact, ...] = ()
    outputs: tuple[Fact, ...] = ()
    requires: tuple[Identifier, ...] = ()
    """Services that must be finished first (EU document before CPR number before MitID)."""
    related: tuple[Identifier, ...] = ()
    review_by: dt.date

    def facts(self) -> dict[str, tuple[Fact, ...]]:
        """Every fact, by the section that it and its prose stand in."""
        return {
            "channels": self.channels,
            "costs": self.costs,
            "deadlines": self.deadlines,
            "processing_times": self.processing_times,
            "requirements": self.requirements,
            "evidence": self.evidence,
            "outputs": self.outputs,
        }

    @model_validator(mode="after")
    def _references_hold(self) -> ServiceFacts:
        channels = {channel.id for channel in self.channels}
        for section, facts in self.facts().items():
            ids = [fact.id for fact in facts]
            if len(ids) != len(set(ids)):
                raise ValueError(f"{section}: an id stands twice")
            for fact in facts:
                if missing := set(fact.sources) - set(self.sources):
                    raise ValueError(f"{section}.{fact.id}: unknown sources {sorted(missing)}")
        for cost in self.costs:
            if cost.channel is not None and cost.channel not in channels:
                raise ValueError(f"costs.{cost.id}: unknown channel {cost.channel}")
        return self


class ChannelText(Strict):
    label: Text
    why: Text
    """Why this channel, and for whom: the vision's *kanalprioritering* in one sentence."""


class ServiceText(Strict):
    """``<lang>.yml``: the prose of one service in one language."""

    title: Text
    summary: Text
    steps: tuple[Text, ...] = Field(min_length=1)
    names: tuple[Text, ...] = ()
    """Other names: everyday, old, misspelt, the other language's."""
    channels: dict[Identifier, ChannelText]
    costs: dict[Identifier, Text] = Field(default_factory=dict)
    deadlines: dict[Identifier, Text] = Field(default_factory=dict)
    processing_times: dict[Identifier, Text] = Field(default_factory=dict)
    requirements: dict[Identifier, Text] = Field(default_factory=dict)
    evidence: dict[Identifier, Text] = Field(default_factory=dict)
    outputs: dict[Identifier, Text] = Field(default_factory=dict)
    phrasings: tuple[Text, ...]
    """How citizens ask for it; the search's ear."""
    source_version: SourceVersion | None = None
    """For a translation: the source text that it was made from."""


class Organisation(Strict):
    """A public organisation (cv:PublicOrganisation); its name per language stands beside it."""

    id: Identifier
    level: Level
    part_of: Identifier | None = None
    url: HttpUrl | None = None
    phone: Phone | None = None
    email: str | None = None
    hours: str | None = None
    address: str | None = None
    state: State = State.unverified
    source: HttpUrl | None = None
    last_verified: PartialDate | None = None


class OrganisationText(Strict):
    name: Text
    tasks: Text
    """What it does, in a clause: "parking, building, waste"."""


class Place(Strict):
    """Where citizens can come (locn:Address with opening hours)."""

    id: Identifier
    name: Text
    kind: Literal["citizen_service", "library", "international_house", "authority"]
    organisation: Identifier
    street: Text
    postal_code: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
    city: Text
    district: Identifier | None = None
    appointment: Appointment = Appointment.none
    hours: str | None = None
    phone: Phone | None = None
    email: str | None = None
    state: State
    source: HttpUrl
    last_verified: PartialDate | None
    services: tuple[Identifier, ...] = ()


class District(Strict):
    id: Identifier
    name: Text
    neighbours: tuple[Identifier, ...] = ()


class PostalArea(Strict):
    """A range of postal codes and the districts that it may lie in; empty: another municipality."""

    first: int
    last: int
    name: Text
    districts: tuple[Identifier, ...]
    exact: bool
    """False: edges lie elsewhere, so only the street can tell for certain."""
    municipality: Text = "København"


class LifeEventFacts(Strict):
    """A package of services for a situation in life (cv:LifeEvent)."""

    identifier: Identifier
    services: tuple[Identifier, ...] = Field(min_length=1)
    """In the order in which a citizen would take them."""


class LifeEventText(Strict):
    title: Text
    summary: Text
    phrasings: tuple[Text, ...]
    source_version: SourceVersion | None = None
