"""The reply texts of ``bot/replies/<lang>.yml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_FILE = TypeAdapter(dict[str, str])


def placeholders(text: str) -> frozenset[str]:
    """The names of the values that a text needs."""
    return frozenset(_PLACEHOLDER.findall(text))


class ReplyTexts:
    """Every reply in every language."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]], fallback: str) -> None:
        self._texts = texts
        self._fallback = fallback

    def __contains__(self, key: str) -> bool:
        return key in self._texts[self._fallback]

    def __iter__(self) -> Iterator[str]:
        """Every reply key."""
        return iter(self._texts[self._fallback])

    def needs(self, key: str) -> frozenset[str]:
        """The placeholders of a reply. ``KeyError`` for an unknown key."""
        return placeholders(self._texts[self._fallback][key])

    def text(self, key: str, language: str, values: Mapping[str, Any] | None = None) -> str:
        """The text with its placeholders filled.

        Raises ``KeyError`` for an unknown key or a placeholder without a value: a citizen must
        never read a brace.
        """
        texts = self._texts.get(language, {})
        template = texts[key] if key in texts else self._texts[self._fallback][key]
        given = values or {}
        return _PLACEHOLDER.sub(lambda match: str(given[match[1]]), template).strip()

    def problems(self) -> Iterator[str]:
        """What differs between the languages: a missing key, another set of placeholders."""
        source = self._texts[self._fallback]
        for language, texts in self._texts.items():
            for key in sorted(source.keys() - texts.keys()):
                yield f"replies/{language}.yml: {key} is missing"
            for key in sorted(texts.keys() - source.keys()):
                yield f"replies/{language}.yml: {key} is not in {self._fallback}.yml"
            for key in sorted(texts.keys() & source.keys()):
                if placeholders(texts[key]) != placeholders(source[key]):
                    yield f"replies/{language}.yml: {key} has other placeholders"


def load_replies(root: Path, languages: Sequence[str]) -> ReplyTexts:
    """The reply files of ``languages``; the first is what the others fall back to."""
    texts = {}
    for language in languages:
        content = yaml.safe_load((root / f"{language}.yml").read_text(encoding="utf-8"))
        texts[language] = _FILE.validate_python(content)
    return ReplyTexts(texts, languages[0])
