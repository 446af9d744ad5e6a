"""``python -m launcher.translations [stamp LANG ... [-- PLACE ...]]``: what is out of date.

Without arguments it lists every translation whose Danish text has changed since. ``stamp`` says
that a language's translations (all, or those at the places named after ``--``) were made from the
Danish texts of today: to be used by whoever has just made them so.

Texts with facts carry the version in their own files. For the short texts of replies, of the
widget and for names of organisations it stands in ``knowledge/versions/<lang>.yml``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from knowledge.catalogue import Catalogue, load
from knowledge.translations import out_of_date, source_version, translations, version_of
from launcher.paths import ROOT

_SHORT = {
    "replies": "bot/replies/{}.yml",
    "widget": "web/widget/texts/{}.json",
    "organisations": "knowledge/organisations/{}.yml",
}
"""Files of many short texts, by name."""
_LINE = re.compile(r"^source_version:.*\n", re.MULTILINE)

Versions = dict[str, dict[str, str]]
"""By file and key: the version of the source text."""


def _short(root: Path, name: str, language: str) -> Mapping[str, Any]:
    path = root / _SHORT[name].format(language)
    content = path.read_text(encoding="utf-8")
    found: Mapping[str, Any] = (
        json.loads(content) if path.suffix == ".json" else yaml.safe_load(content)
    )
    return found


def _versions_path(root: Path, language: str) -> Path:
    return root / "knowledge" / "versions" / f"{language}.yml"


def _versions(root: Path, language: str) -> Versions:
    path = _versions_path(root, language)
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}


def old(catalogue: Catalogue, root: Path = ROOT) -> Iterator[str]:
    """The place of every translation whose source has changed since: ``replies/pl/welcome``."""
    source, *others = catalogue.language_codes
    for where, texts in translations(catalogue):
        for language in others:
            if out_of_date(texts, language, source):
                yield f"{where}/{language}"
    for name in _SHORT:
        texts_of_source = _short(root, name, source)
        for language in others:
            made_from = _versions(root, language).get(name, {})
            for key, text in texts_of_source.items():
                if made_from.get(key) != version_of(text):
                    yield f"{name}/{language}/{key}"


def stamp(
    catalogue: Catalogue, language: str, only: Collection[str] = (), root: Path = ROOT
) -> int:
    """Note that translations were made from the texts of today; how many notes changed.

    ``only`` are places without the language: ``services/flytning``, ``replies/welcome``.
    """
    source = catalogue.language_codes[0]
    changed = 0
    for where, texts in translations(catalogue):
        if only and where not in only:
            continue
        if out_of_date(texts, language, source):
            path = root / "knowledge" / where / f"{language}.yml"
            rest = _LINE.sub("", path.read_text(encoding="utf-8"))
            line = f'source_version: "{source_version(texts[source])}"\n'
            path.write_text(line + rest, encoding="utf-8")
            changed += 1
    versions = _versions(root, language)
    for name in _SHORT:
        made_from = versions.setdefault(name, {})
        translated = _short(root, name, language)
        for key, text in _short(root, name, source).items():
            wanted = not only or f"{name}/{key}" in only
            if wanted and key in translated and made_from.get(key) != version_of(text):
                made_from[key] = version_of(text)
                changed += 1
    path = _versions_path(root, language)
    path.parent.mkdir(exist_ok=True)
    head = "# Which Danish texts these were translated from. Written by launcher.translations.\n"
    path.write_text(head + yaml.safe_dump(versions, sort_keys=True), encoding="utf-8")
    return changed


def main(arguments: list[str]) -> int:
    """Print what is old, or stamp; the exit code is 1 for arguments that make no sense."""
    catalogue = load()
    if not arguments:
        found = list(old(catalogue))
        for place in found:
            print(f"old: {place}")
        print(f"translations: {len(found)} are older than the Danish text")
        return 0
    places = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    command, *languages = arguments[: arguments.index("--")] if places else arguments
    known = catalogue.language_codes[1:]
    if command != "stamp" or not languages or set(languages) - set(known):
        print(__doc__)
        print("LANG is one of", ", ".join(known))
        return 1
    for language in languages:
        print(f"{language}: {stamp(catalogue, language, places)} stamped")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
