from __future__ import annotations

import re

import pytest

import desk.queue.errors
from desk.accounts.sentences import LANGUAGES, load_texts
from desk.errors import UnknownTeam
from desk.queue.errors import QueueError
from settings import ROOT

TEXTS = load_texts()
VALUES = {
    "name": "Mette", "capacity": 3, "limit": 4000, "min": 12, "max": 200, "seconds": 2,
    "minutes": 5, "team": "pas", "email": "mette@example.dk",
}  # fmt: skip
_REFUSED = re.compile(r'Refused\(\s*"(\w+)"')
CODES = (
    {
        code
        for path in (ROOT / "desk").rglob("*.py")
        for code in _REFUSED.findall(path.read_text(encoding="utf-8"))
    }
    | {kind.code for kind in QueueError.__subclasses__()}
    | {UnknownTeam("pas").code}
)


@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_a_sentence(code: str, language: str) -> None:
    assert TEXTS.text(code, language, VALUES)


def test_the_errors_of_the_queue_are_among_them() -> None:
    assert desk.queue.errors.AlreadyTaken.code in CODES
    assert len(CODES) > 20
