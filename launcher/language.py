"""``python -m launcher.language add CODE NAME``: the beginning of a new language of the guide.

``--direction rtl``, ``--stemmer NAME`` (Snowball) and ``--fallback CODE`` say more about it. What
every language must have is there afterwards, in the words of the fallback: the guide can be started
and chosen in it at once. Without arguments, what each language still lacks is listed.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from snowballstemmer import algorithms

from knowledge.catalogue import Language, read
from launcher.paths import ROOT

_COPIED = (
    "bot/replies/{}.yml",
    "bot/lexicon/{}.yml",
    "bot/lexicon/booking/{}.yml",
    "bot/lexicon/booking/answers/{}.yml",
    "channels/sms/words/{}.yml",
    "web/widget/texts/{}.json",
    "knowledge/organisations/{}.yml",
)
"""What the guide cannot do without: it begins as the fallback has it."""
_WRITTEN = (
    "knowledge/jargon/{}.yml",
    "knowledge/crisis/{}.yml",
    "knowledge/crisis/examples/{}.yml",
    "bot/data/nlu/{}/acts.yml",
    "bot/data/nlu/{}/area.yml",
    "bot/data/nlu/{}/aspects.yml",
    "bot/data/nlu/{}/meta.yml",
    "bot/data/nlu/{}/out_of_scope.yml",
    "bot/data/nlu/{}/services.yml",
)
"""What must be written anew, by somebody who speaks the language."""
_MEASURED = ("services", "out_of_scope", "crisis", "intents", "language")
"""Held-out messages in ``tests/eval``: without them nobody knows how well it goes."""


class CannotAdd(Exception):
    """The language is there already, or something about it makes no sense."""


def add(language: Language, root: Path = ROOT) -> list[str]:
    """Begin a language; the files that were made. Raises :class:`CannotAdd`."""
    path = root / "knowledge" / "languages.yml"
    lines = path.read_text(encoding="utf-8")
    known = [item["code"] for item in yaml.safe_load(lines)]
    if not re.fullmatch(r"[a-z]{2,3}", language.code):
        raise CannotAdd(f"{language.code} is no code of ISO 639")
    if language.code in known:
        raise CannotAdd(f"{language.code} is spoken already")
    if language.fallback not in known:
        raise CannotAdd(f"the fallback must be one of {', '.join(known)}")
    if language.stemmer is not None and language.stemmer not in algorithms():
        raise CannotAdd(f"the stemmer must be one of {', '.join(algorithms())}")
    made = []
    for pattern in _COPIED:
        target = root / pattern.format(language.code)
        if not target.exists():
            shutil.copyfile(root / pattern.format(language.fallback), target)
            made.append(pattern.format(language.code))
    entry = yaml.safe_dump(
        language.model_dump(),
        default_flow_style=True,
        allow_unicode=True,
        sort_keys=False,
        width=99,
    )
    path.write_text(f"{lines.rstrip()}\n- {entry.strip()}\n", encoding="utf-8")
    return [*made, "knowledge/languages.yml"]


def gaps(root: Path = ROOT) -> Iterator[str]:
    """Files that a language lacks; the knowledge check lists what services lack."""
    catalogue, _ = read(root / "knowledge")
    for code in catalogue.language_codes:
        held_out = tuple(f"tests/eval/{kind}/{{}}.yml" for kind in _MEASURED)
        for pattern in (*_COPIED, *_WRITTEN, *held_out):
            if not (root / pattern.format(code)).exists():
                yield f"{pattern.format(code)} is missing"


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Add, or list the gaps; the exit code is 1 if there are any, or if nothing was added."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command")
    adding = commands.add_parser("add")
    adding.add_argument("code", help="ISO 639, two letters: fi")
    adding.add_argument("name", help="in the language itself: Suomi")
    adding.add_argument("--direction", choices=("ltr", "rtl"), default="ltr")
    adding.add_argument("--stemmer")
    adding.add_argument("--fallback", default="en")
    given = parser.parse_args(arguments)
    if given.command is None:
        found = list(gaps(root))
        for line in found:
            print(f"error: {line}")
        return 1 if found else 0
    values = {name: getattr(given, name) for name in Language.model_fields}
    try:
        made = add(Language.model_validate(values), root)
    except CannotAdd as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for line in made:
        print(f"made: {line}")
    print("Next: `make check` lists what is still to be translated and written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
