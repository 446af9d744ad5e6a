"""Cuts the catalogue into the passages that search learns from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.catalogue import Catalogue
from knowledge.schema import PLACEHOLDER

Field = Literal["title", "names", "phrasings", "prose"]
FIELDS: tuple[Field, ...] = ("title", "names", "phrasings", "prose")


@dataclass(frozen=True)
class Passage:
    """A piece of text that speaks of ``owner`` (a service or a life event)."""

    owner: str
    field: Field
    text: str


def service_passages(catalogue: Catalogue, language: str) -> Iterator[Passage]:
    """Everything a language's entries say of each service; a missing entry gives nothing."""
    for service in catalogue.services.values():
        text = service.texts.get(language)
        if text is None:
            continue
        yield Passage(service.id, "title", text.title)
        for name in text.names:
            yield Passage(service.id, "names", name)
        for phrasing in text.phrasings:
            yield Passage(service.id, "phrasings", phrasing)
        yield Passage(service.id, "prose", text.summary)
        for step in text.steps:
            yield Passage(service.id, "prose", step)
        for lines in (
            text.costs,
            text.deadlines,
            text.processing_times,
            text.requirements,
            text.evidence,
            text.outputs,
        ):
            for line in lines.values():
                yield Passage(service.id, "prose", PLACEHOLDER.sub("", line))


def life_event_passages(catalogue: Catalogue, language: str) -> Iterator[Passage]:
    """The title and phrasings of each life event."""
    for event in catalogue.life_events.values():
        text = event.texts.get(language)
        if text is None:
            continue
        yield Passage(event.id, "title", text.title)
        for phrasing in text.phrasings:
            yield Passage(event.id, "phrasings", phrasing)
