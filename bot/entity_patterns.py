"""``python -m bot.entity_patterns FILE``: the entity extractor's patterns, from the knowledge base.

Runs in the gateway's Python; the Rasa process only reads the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from knowledge.catalogue import Catalogue, load
from knowledge.folding import fold
from knowledge.formatting import locale
from knowledge.schema import Strict

LEXICON = Path(__file__).parent / "lexicon"


class Lexicon(Strict):
    """``bot/lexicon/<lang>.yml``."""

    ordinals: dict[str, tuple[str, ...]]
    age_units: tuple[str, ...]
    areas: dict[str, tuple[str, ...]]
    languages: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """How languages are called beside their names: "in Polish" is one word in some."""
    capitals: tuple[str, ...] = ()
    """Short names that mean something else in small letters: "su" is water in Turkish."""


def load_lexicon(language: str) -> Lexicon:
    """Raises ``FileNotFoundError`` for a language without one."""
    content = yaml.safe_load((LEXICON / f"{language}.yml").read_text(encoding="utf-8"))
    return Lexicon.model_validate(content)


def patterns(catalogue: Catalogue, language: str) -> dict[str, Any]:
    """One language's patterns: phrases per entity and value, months and units of age."""
    lexicon = load_lexicon(language)
    cldr = locale(language)
    services = {
        service.id: _spellings(text.title, *text.names)
        for service in catalogue.services.values()
        if (text := service.texts.get(language)) is not None
    }
    months = {
        fold(name).rstrip(".")
        for width in ("wide", "abbreviated")
        for name in cldr.months["format"][width].values()
    }
    return {
        "phrases": {
            "service": services,
            "district": {key: list(names) for key, names in lexicon.areas.items()},
            "place": {place.id: [place.name] for place in catalogue.places.values()},
            "ordinal": {key: list(names) for key, names in lexicon.ordinals.items()},
            "language": {
                item.code: _spellings(
                    item.name,
                    str(cldr.languages.get(item.code, item.name)),
                    *lexicon.languages.get(item.code, ()),
                )
                for item in catalogue.languages
            },
        },
        "months": sorted(months),
        "capitals": sorted(fold(name) for name in lexicon.capitals),
        "age_units": sorted(fold(unit) for unit in lexicon.age_units),
    }


def _spellings(*names: str) -> list[str]:
    """The names, and as they are written without a key for "ü"; folding knows the rest."""
    return sorted({*names, *(name.replace("ü", "ue") for name in names)})


def write(path: Path, catalogue: Catalogue) -> bool:
    """Write the patterns of every language; whether the file changed."""
    content = {
        "default": catalogue.languages[0].code,
        "languages": {code: patterns(catalogue, code) for code in catalogue.language_codes},
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    # A reader must never see half a file.
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
    return True


if __name__ == "__main__":
    write(Path(sys.argv[1]), load())
