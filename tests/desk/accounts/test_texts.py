from __future__ import annotations

from collections.abc import Iterator

import pytest

from desk.accounts.models import Role
from desk.accounts.sentences import LANGUAGES, load_texts
from desk.errors import DeskError, TooManyTries

TEXTS = load_texts()
REFUSALS = (
    "password_short",
    "password_long",
    "password_name",
    "password_common",
    "totp_wrong",
    "name_invalid",
    "email_invalid",
    "email_taken",
    "team_id_invalid",
    "team_name_taken",
    "provider_account",
    "local_accounts_off",
)


def kinds(root: type[DeskError]) -> Iterator[type[DeskError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_the_languages_say_the_same() -> None:
    assert list(TEXTS.problems()) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_a_sentence(language: str) -> None:
    # The errors of the tree itself: which other modules are loaded depends on other tests.
    ours = [kind for kind in kinds(DeskError) if kind.__module__ == DeskError.__module__]
    codes = {kind.code for kind in ours} - {DeskError.code}
    assert {code for code in {*codes, *REFUSALS} if code not in TEXTS} == set()
    assert TEXTS.text("too_many_tries", language, TooManyTries(1.2).values).count("2") == 1


def test_every_role_has_a_name() -> None:
    assert all(f"role_{role}" in TEXTS for role in Role)
