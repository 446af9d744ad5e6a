"""Which Danish text a translation was made from, and whether that text has changed since.

``source_version`` in a translated file names it. ``python -m launcher.translations`` writes it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from knowledge.catalogue import Catalogue
from knowledge.schema import LifeEventText, ServiceText

Translated = ServiceText | LifeEventText
_NOT_TRANSLATED = {"phrasings", "names", "source_version"}
"""How people ask is written anew in each language, so it makes no translation old."""


def version_of(content: object) -> str:
    """Ten hexadecimal digits that change with the content (as JSON writes it)."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def source_version(text: Translated) -> str:
    """The version of a source text."""
    return version_of(text.model_dump(mode="json", exclude=_NOT_TRANSLATED))


def out_of_date(texts: Mapping[str, Translated], language: str, source: str) -> bool:
    """Whether the text in ``language`` was made from another ``source`` text than there is now.

    A text that does not say what it was made from counts as out of date.
    """
    if language == source or language not in texts or source not in texts:
        return False
    return texts[language].source_version != source_version(texts[source])


def service_out_of_date(catalogue: Catalogue, service_id: str, language: str) -> bool:
    """Whether what a citizen reads of a service may have been overtaken by the source text."""
    texts = catalogue.services[service_id].texts
    return out_of_date(texts, language, catalogue.language_codes[0])


def translations(catalogue: Catalogue) -> Iterator[tuple[str, Mapping[str, Translated]]]:
    """Where each translated text stands (``services/<id>``), and the text in every language."""
    for service in catalogue.services.values():
        yield f"services/{service.id}", service.texts
    for event in catalogue.life_events.values():
        yield f"life_events/{event.id}", event.texts
