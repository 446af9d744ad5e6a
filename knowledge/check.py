"""``python -m knowledge.check``: is the knowledge base whole, fresh and readable?

Errors (exit 1): what does not parse, is missing, or states a number outside the facts.
Warnings (exit 0): what is stale, and texts near the limit.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from knowledge.catalogue import ROOT, Catalogue, Service, read
from knowledge.readability import lix, load_jargon, longest_sentence
from knowledge.schema import PLACEHOLDER, ServiceText
from knowledge.translations import out_of_date, translations

MIN_PHRASINGS = {"da": 20, "en": 20}
MIN_PHRASINGS_OTHER = 12
MAX_LIX = {"da": 45.0, "de": 55.0}
MAX_SENTENCE = 22

_DIGITS = re.compile(r"\d+")
_ALLOWED_DIGITS = {"112", "114", "1813", "1888"}
"""Emergency numbers are names, not figures: they may stand in prose."""


def _prose(text: ServiceText) -> Iterator[tuple[str, str]]:
    """Every piece of prose that a citizen reads, with where it stands (title and names apart)."""
    yield "summary", text.summary
    for number, step in enumerate(text.steps, 1):
        yield f"steps.{number}", step
    for key, channel in text.channels.items():
        yield f"channels.{key}.label", channel.label
        yield f"channels.{key}.why", channel.why
    for section in (
        "costs",
        "deadlines",
        "processing_times",
        "requirements",
        "evidence",
        "outputs",
    ):
        for key, line in getattr(text, section).items():
            yield f"{section}.{key}", line


def text_problems(service: Service, language: str, text: ServiceText) -> Iterator[str]:
    """What is wrong with one service's prose in one language."""
    where = f"services/{service.id}/{language}.yml"
    for section, facts in service.facts.facts().items():
        lines = getattr(text, section)
        ids = {fact.id for fact in facts}
        for missing in sorted(ids - set(lines)):
            yield f"{where}: {section}.{missing} is missing"
        for extra in sorted(set(lines) - ids):
            yield f"{where}: {section}.{extra} has no fact in service.yml"
        for fact in facts:
            line = lines.get(fact.id)
            if isinstance(line, str):
                used = set(PLACEHOLDER.findall(line))
                for name in sorted(used - set(fact.values)):
                    yield f"{where}: {section}.{fact.id} uses {{{name}}}, which has no value"
                for name in sorted(set(fact.values) - used):
                    yield f"{where}: {section}.{fact.id} leaves out the value {{{name}}}"
    for place, line in _prose(text):
        for digits in _DIGITS.findall(PLACEHOLDER.sub("", line)):
            if digits not in _ALLOWED_DIGITS:
                yield f"{where}: {place} states {digits}; put it in service.yml as a value"
        if (length := longest_sentence(line)) > MAX_SENTENCE:
            yield f"{where}: {place} has a sentence of {length} words (at most {MAX_SENTENCE})"
    whole = ". ".join(line.rstrip(".") for _, line in _prose(text))
    if (limit := MAX_LIX.get(language)) and (score := lix(whole)) > limit:
        yield f"{where}: LIX is {score:.0f} (at most {limit:.0f})"
    need = MIN_PHRASINGS.get(language, MIN_PHRASINGS_OTHER)
    different = len({phrasing.casefold() for phrasing in text.phrasings})
    if different < need:
        yield f"{where}: {different} different phrasings (at least {need})"


def jargon_problems(catalogue: Catalogue, root: Path) -> Iterator[str]:
    """Words of offices in what citizens read, with what to write instead."""
    for language in catalogue.language_codes:
        path = root / "jargon" / f"{language}.yml"
        if not path.exists():
            yield f"jargon/{language}.yml is missing"
            continue
        jargon = load_jargon(path)
        for service in catalogue.services.values():
            if (text := service.texts.get(language)) is not None:
                for place, line in _prose(text):
                    for word, plain in jargon.find(line):
                        where = f"services/{service.id}/{language}.yml: {place}"
                        yield f'{where}: "{word}" is a word of offices; write "{plain}"'


def problems(catalogue: Catalogue, root: Path = ROOT) -> Iterator[str]:
    """Every error in a catalogue that parses."""
    for service in catalogue.services.values():
        for language in catalogue.language_codes:
            text = service.texts.get(language)
            if text is None:
                yield f"services/{service.id}/{language}.yml is missing"
            else:
                yield from text_problems(service, language, text)
    yield from jargon_problems(catalogue, root)
    for event in catalogue.life_events.values():
        for language in catalogue.language_codes:
            if language not in event.texts:
                yield f"life_events/{event.id}/{language}.yml is missing"
    for language in catalogue.language_codes:
        for name in (f"crisis/{language}.yml", f"crisis/examples/{language}.yml"):
            if not (root / name).exists():
                yield f"{name} is missing"
    for organisation in catalogue.organisations:
        for language in catalogue.language_codes:
            if organisation not in catalogue.organisation_texts.get(language, {}):
                yield f"organisations/{language}.yml: {organisation} is missing"


def stale(catalogue: Catalogue, today: dt.date) -> Iterator[str]:
    """Services whose facts should have been looked at again by now."""
    for service in catalogue.services.values():
        if service.facts.review_by < today:
            yield f"services/{service.id}: review was due on {service.facts.review_by}"


def old_translations(catalogue: Catalogue) -> Iterator[str]:
    """Translations whose source text has changed since they were made."""
    source = catalogue.language_codes[0]
    for where, texts in translations(catalogue):
        for language in catalogue.language_codes:
            if out_of_date(texts, language, source):
                yield f"{where}/{language}.yml: {source}.yml has changed since"


def main(root: Path = ROOT, only: tuple[str, ...] = ()) -> int:
    """Print the findings (for the services named in ``only``, or all); the exit code."""
    catalogue, faults = read(root)
    found = [*faults, *problems(catalogue, root)]
    if only:
        marks = [mark for name in only for mark in (f"{name}/", f"{name}: ")]
        found = [line for line in found if any(mark in line for mark in marks)]
    for line in found:
        print(f"error: {line}")
    old = list(stale(catalogue, dt.datetime.now(tz=dt.UTC).date()))
    old += old_translations(catalogue)
    for line in old:
        print(f"warning: {line}")
    print(
        f"knowledge: {len(catalogue.services)} services, {len(catalogue.life_events)} life events,"
        f" {', '.join(catalogue.language_codes)}; {len(found)} errors, {len(old)} stale"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(only=tuple(sys.argv[1:])))
