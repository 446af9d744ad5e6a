"""Reads ``knowledge/`` from disk into one immutable, cross-checked catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import snowballstemmer
import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from knowledge.schema import (
    District,
    LifeEventFacts,
    LifeEventText,
    Organisation,
    OrganisationText,
    Place,
    PostalArea,
    ServiceFacts,
    ServiceText,
    Strict,
)

ROOT = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Model = TypeVar("_Model", bound=BaseModel)


class KnowledgeError(Exception):
    """The files cannot be read as a catalogue; ``problems`` has one line per fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Language(Strict):
    """One line of ``languages.yml``."""

    code: str
    name: str
    direction: Literal["ltr", "rtl"]
    stemmer: str | None
    fallback: str | None


@dataclass(frozen=True)
class Service:
    """A public service: its facts, and its prose by language."""

    facts: ServiceFacts
    texts: Mapping[str, ServiceText]

    @property
    def id(self) -> str:
        return self.facts.identifier


@dataclass(frozen=True)
class LifeEvent:
    facts: LifeEventFacts
    texts: Mapping[str, LifeEventText]

    @property
    def id(self) -> str:
        return self.facts.identifier


@dataclass(frozen=True)
class Catalogue:
    """Everything the guide knows. Build it with :func:`load`."""

    languages: tuple[Language, ...]
    services: Mapping[str, Service]
    life_events: Mapping[str, LifeEvent]
    organisations: Mapping[str, Organisation]
    organisation_texts: Mapping[str, Mapping[str, OrganisationText]]
    """By language, then by organisation."""
    places: Mapping[str, Place]
    districts: Mapping[str, District]
    postal_areas: tuple[PostalArea, ...]
    suggestions: tuple[str, ...] = ()
    """Choice codes offered with the welcome."""
    version: str = ""
    """A hash of all the files: what an answer was made from."""

    @property
    def language_codes(self) -> tuple[str, ...]:
        return tuple(language.code for language in self.languages)

    def fallbacks(self, language: str) -> tuple[str, ...]:
        """The language itself, then what is read where it has no text."""
        by_code = {item.code: item for item in self.languages}
        chain: list[str] = []
        code: str | None = language if language in by_code else self.languages[0].code
        while code is not None and code not in chain:
            chain.append(code)
            code = by_code[code].fallback
        return tuple(chain)

    def text(self, service_id: str, language: str) -> tuple[str, ServiceText]:
        """The language found, and the service's prose in it. ``KeyError`` if there is none."""
        texts = self.services[service_id].texts
        for code in self.fallbacks(language):
            if code in texts:
                return code, texts[code]
        raise KeyError((service_id, language))

    def life_event_text(self, life_event_id: str, language: str) -> LifeEventText:
        """A life event's prose. ``KeyError`` if there is none in any fallback."""
        texts = self.life_events[life_event_id].texts
        for code in self.fallbacks(language):
            if code in texts:
                return texts[code]
        raise KeyError((life_event_id, language))

    def organisation_text(self, organisation_id: str, language: str) -> OrganisationText:
        """An organisation's name and tasks. ``KeyError`` if there is none in any fallback."""
        for code in self.fallbacks(language):
            texts = self.organisation_texts.get(code, {})
            if organisation_id in texts:
                return texts[organisation_id]
        raise KeyError((organisation_id, language))

    def administration(self, organisation_id: str) -> str | None:
        """Which of the seven administrations an organisation lies under; None outside the city."""
        current = self.organisations.get(organisation_id)
        # As many steps as there are organisations: a circle in the files must not hang anything.
        for _ in self.organisations:
            if current is None or current.part_of in (None, "kk"):
                break
            current = self.organisations.get(current.part_of or "")
        return current.id if current is not None and current.part_of == "kk" else None


class _Reader:
    """Parses files one by one and gathers every fault, so that an editor sees all at once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[str] = []
        self.hash = hashlib.sha256()

    def parse(self, path: Path, kind: Any) -> Any:
        name = path.relative_to(self.root)
        try:
            content = path.read_bytes()
            self.hash.update(content)
            return TypeAdapter(kind).validate_python(yaml.load(content, Loader=_LOADER))  # noqa: S506
        except (OSError, yaml.YAMLError) as error:
            self.problems.append(f"{name}: {error}")
        except ValidationError as error:
            for item in error.errors():
                where = ".".join(str(part) for part in item["loc"])
                self.problems.append(f"{name}: {where}: {item['msg']}")
        return None

    def items(self, path: Path, kind: type[_Model]) -> list[_Model]:
        return list(self.parse(path, list[kind]) or []) if path.exists() else []  # type: ignore[valid-type]

    def texts(
        self, folder: Path, kind: type[_Model], languages: Iterable[str]
    ) -> dict[str, _Model]:
        found: dict[str, _Model] = {}
        for code in languages:
            path = folder / f"{code}.yml"
            if path.exists() and (text := self.parse(path, kind)) is not None:
                found[code] = text
        return found


def fingerprint(root: Path) -> frozenset[tuple[str, int, int]]:
    """Path, modification time and size of every YAML file: has anything changed?"""
    found = set()
    for path in root.rglob("*.yml"):
        stat = path.stat()
        found.add((str(path), stat.st_mtime_ns, stat.st_size))
    return frozenset(found)


def load(root: Path = ROOT) -> Catalogue:
    """Read and cross-check everything under ``root``.

    Raises :class:`KnowledgeError` with one line per fault.
    """
    catalogue, problems = read(root)
    if problems:
        raise KnowledgeError(problems)
    return catalogue


def read(root: Path = ROOT) -> tuple[Catalogue, list[str]]:
    """What can be read under ``root``, and one line per fault.

    A fault is a file that does not parse, a key that the schema does not know, or a reference
    to something that does not exist.
    """
    reader = _Reader(root)
    # Without languages there is nothing to say anything in: a missing file is a fault.
    languages: list[Language] = reader.parse(root / "languages.yml", list[Language]) or []
    codes = [language.code for language in languages]
    services = {}
    for folder in sorted((root / "services").glob("*/")):
        facts = reader.parse(folder / "service.yml", ServiceFacts)
        if facts is not None:
            services[facts.identifier] = Service(facts, reader.texts(folder, ServiceText, codes))
            if facts.identifier != folder.name:
                reader.problems.append(f"{folder.name}: identifier is {facts.identifier}")
    life_events = {}
    for folder in sorted((root / "life_events").glob("*/")):
        event = reader.parse(folder / "event.yml", LifeEventFacts)
        if event is not None:
            texts = reader.texts(folder, LifeEventText, codes)
            life_events[event.identifier] = LifeEvent(event, texts)
            if event.identifier != folder.name:
                reader.problems.append(f"{folder.name}: identifier is {event.identifier}")
    organisations = reader.items(root / "organisations" / "organisations.yml", Organisation)
    organisation_texts = {
        code: reader.parse(path, dict[str, OrganisationText]) or {}
        for code in codes
        if (path := root / "organisations" / f"{code}.yml").exists()
    }
    catalogue = Catalogue(
        languages=tuple(languages),
        services=services,
        life_events=life_events,
        organisations={item.id: item for item in organisations},
        organisation_texts=organisation_texts,
        places={item.id: item for item in reader.items(root / "places" / "places.yml", Place)},
        districts={
            item.id: item for item in reader.items(root / "places" / "districts.yml", District)
        },
        postal_areas=tuple(reader.items(root / "places" / "postal_codes.yml", PostalArea)),
        suggestions=tuple(reader.parse(root / "suggestions.yml", list[str]) or ()),
        version=reader.hash.hexdigest()[:16],
    )
    return catalogue, reader.problems + _broken_references(catalogue)


def _goes_round(catalogue: Catalogue, organisation_id: str) -> bool:
    seen: set[str] = set()
    current: str | None = organisation_id
    while current is not None and current in catalogue.organisations:
        if current in seen:
            return True
        seen.add(current)
        current = catalogue.organisations[current].part_of
    return False


def _broken_references(catalogue: Catalogue) -> list[str]:
    problems: list[str] = []

    def expect(where: str, ids: Iterable[str | None], known: Mapping[str, object]) -> None:
        missing = [item for item in ids if item is not None and item not in known]
        problems.extend(f"{where}: {item} does not exist" for item in missing)

    for service in catalogue.services.values():
        facts, name = service.facts, service.id
        expect(f"{name}: related", facts.related, catalogue.services)
        expect(f"{name}: requires", facts.requires, catalogue.services)
        expect(f"{name}: life_events", facts.life_events, catalogue.life_events)
        expect(f"{name}: authority", [facts.competent_authority], catalogue.organisations)
        expect(f"{name}: place", [c.place for c in facts.channels], catalogue.places)
    for event in catalogue.life_events.values():
        expect(f"life event {event.id}", event.facts.services, catalogue.services)
    for organisation in catalogue.organisations.values():
        expect(f"{organisation.id}: part_of", [organisation.part_of], catalogue.organisations)
        if _goes_round(catalogue, organisation.id):
            problems.append(f"{organisation.id}: part_of leads back to itself")
    for district in catalogue.districts.values():
        expect(f"{district.id}: neighbours", district.neighbours, catalogue.districts)
    for area in catalogue.postal_areas:
        expect(f"postal area {area.first} {area.name}", area.districts, catalogue.districts)
    languages = {language.code: language for language in catalogue.languages}
    for language in catalogue.languages:
        expect(f"language {language.code}: fallback", [language.fallback], languages)
        if language.stemmer is not None and language.stemmer not in snowballstemmer.algorithms():
            problems.append(f"language {language.code}: {language.stemmer} is no Snowball stemmer")
    known: dict[str, Mapping[str, object]] = {
        "service": catalogue.services,
        "life_event": catalogue.life_events,
        "language": languages,
    }
    for code in catalogue.suggestions:
        kind, _, rest = code.partition(":")
        if kind in known:
            expect("suggestions", [rest], known[kind])
        elif code != "human":
            problems.append(f"suggestions: {code} does not exist")
    for place in catalogue.places.values():
        expect(f"{place.id}: district", [place.district], catalogue.districts)
        expect(f"{place.id}: organisation", [place.organisation], catalogue.organisations)
        expect(f"{place.id}: services", place.services, catalogue.services)
    return problems
