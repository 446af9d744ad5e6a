"""A knowledge base of three services, small enough to break and to read again in no time.

Danish tells of all three, English of two, German of none; German falls back to English, and
English to Danish.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

LANGUAGES: list[dict[str, Any]] = [
    {"code": "da", "name": "Dansk", "direction": "ltr", "stemmer": "danish", "fallback": None},
    {"code": "en", "name": "English", "direction": "ltr", "stemmer": "english", "fallback": "da"},
    {"code": "de", "name": "Deutsch", "direction": "ltr", "stemmer": "german", "fallback": "en"},
]

_SUBJECTS: dict[str, dict[str, tuple[str, list[str]]]] = {
    "hund": {
        "da": ("Registrer din hund", ["min hvalp skal registreres", "hvor melder jeg en hund"]),
        "en": ("Register your dog", ["my puppy needs a chip", "where do I report a dog"]),
    },
    "pas": {
        "da": ("Nyt pas", ["mit pas er udløbet", "jeg skal ud at rejse og mangler pas"]),
        "en": ("New passport", ["my passport has expired", "travel document for abroad"]),
    },
    "affald": {
        "da": ("Affald er ikke hentet", ["skraldespanden er fuld", "ingen tømte min container"]),
    },
}


def service(identifier: str) -> dict[str, Any]:
    """``service.yml`` as an editor writes it."""
    return {
        "identifier": identifier,
        "competent_authority": "borgerservice",
        "level": "municipality",
        "life_events": ["moving"],
        "check_url": "https://example.dk/",
        "sources": {"page": {"url": "https://example.dk/page", "date": "2024-05"}},
        "channels": [
            {"id": "online", "kind": "online", "state": "verified", "sources": ["page"]},
            {"id": "phone", "kind": "phone", "phone": "+4533663366", "state": "unverified"},
        ],
        "costs": [
            {
                "id": "fee",
                "amount": 150,
                "values": {"age": 18},
                "channel": "phone",
                "state": "verified",
                "sources": ["page"],
                "last_verified": "2024-05",
            }
        ],
        "deadlines": [{"id": "early", "state": "unverified", "values": {"wait": "P4W"}}],
        "review_by": "2027-01-01",
    }


def text(title: str, phrasings: list[str]) -> dict[str, Any]:
    """``<lang>.yml`` as an editor writes it."""
    return {
        "title": title,
        "summary": f"{title}.",
        "steps": [f"{title}."],
        "channels": {
            "online": {"label": "Online", "why": "Kort."},
            "phone": {"label": "Tel.", "why": "Kort."},
        },
        "costs": {"fee": "{age}"},
        "deadlines": {"early": "{wait}"},
        "phrasings": phrasings,
    }


def _files() -> dict[str, Any]:
    files: dict[str, Any] = {
        "languages.yml": LANGUAGES,
        "suggestions.yml": ["service:pas", "life_event:moving", "human"],
        "organisations/organisations.yml": [
            {"id": "kk", "level": "municipality"},
            {"id": "kff", "level": "municipality", "part_of": "kk"},
            {"id": "borgerservice", "level": "municipality", "part_of": "kff"},
            {"id": "politiet", "level": "state"},
        ],
        "places/districts.yml": [
            {"id": "valby", "name": "Valby", "neighbours": ["vanloese"]},
            {"id": "vanloese", "name": "Vanløse", "neighbours": ["valby"]},
        ],
        "places/postal_codes.yml": [
            {"first": 2500, "last": 2500, "name": "Valby", "districts": ["valby"], "exact": False}
        ],
        "places/places.yml": [
            {
                "id": "library",
                "name": "Biblioteket",
                "kind": "library",
                "organisation": "borgerservice",
                "street": "Vej 1",
                "postal_code": "2500",
                "city": "Valby",
                "district": "valby",
                "state": "unverified",
                "source": "https://example.dk/",
                "last_verified": None,
            }
        ],
        "life_events/moving/event.yml": {"identifier": "moving", "services": ["hund", "pas"]},
    }
    for code in ("da", "en", "de"):
        files[f"organisations/{code}.yml"] = {
            item["id"]: {"name": f"{item['id']} {code}", "tasks": "..."}
            for item in files["organisations/organisations.yml"]
        }
    for code in ("da", "en"):
        files[f"jargon/{code}.yml"] = {"såfremt": "hvis"}
        files[f"crisis/{code}.yml"] = {"danger": []}
        files[f"crisis/examples/{code}.yml"] = {"danger": []}
    files["life_events/moving/da.yml"] = {
        "title": "Du flytter",
        "summary": "Flytning.",
        "phrasings": ["jeg flytter til en anden bolig"],
    }
    for identifier, by_language in _SUBJECTS.items():
        files[f"services/{identifier}/service.yml"] = service(identifier)
        for code, (title, phrasings) in by_language.items():
            files[f"services/{identifier}/{code}.yml"] = text(title, phrasings)
    return files


class Toy:
    """The files in a folder of their own, to be edited as an editor would."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name, content in _files().items():
            self.put(name, content)

    def path(self, name: str) -> Path:
        return self.root / name

    def put(self, name: str, content: object) -> None:
        """Write a file, as YAML unless it is text already."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
        path.write_text(raw, encoding="utf-8")

    def get(self, name: str) -> Any:
        return yaml.safe_load(self.path(name).read_text(encoding="utf-8"))

    def edit(self, name: str, change: Callable[[Any], object]) -> None:
        """Change a file's content in place."""
        content = self.get(name)
        change(content)
        self.put(name, content)
