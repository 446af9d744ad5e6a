from __future__ import annotations

import pytest

from desk.accounts import passwords
from desk.accounts.passwords import Passwords
from desk.errors import Refused
from tests.desk.accounts.conftest import HASHER

REFUSED = [
    ("kort", "password_short"),
    ("elleve tegn", "password_short"),
    ("x" * 300, "password_long"),
    ("idaholm12345", "password_name"),
    ("Ida Holm 2026", "password_name"),
    ("holm@example.dk", "password_name"),
    ("Holm2026Holm2026", "password_common"),
    ("passwordpassword", "password_common"),
    ("Adgangskode2026", "password_common"),
    ("qwertyuiopå123", "password_common"),
    ("København12345!", "password_common"),
    ("aaaaaaaaaaaaaaaa", "password_common"),
    ("ababababababab", "password_common"),
]
TAKEN = [
    "en stille morgen ved søerne",
    "fire grå kajakker",
    "tolvtegnpræc",
    "9471 6620 8835",
    "почему бы и нет",
]


@pytest.mark.parametrize(("password", "why"), REFUSED)
def test_easy_passwords_are_refused(password: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        passwords.check(password, "Ida Holm", "ida.holm@example.dk")
    assert refused.value.code == why


@pytest.mark.parametrize("password", TAKEN)
def test_no_kind_of_character_is_asked_for(password: str) -> None:
    passwords.check(password, "Ida Holm", "ida.holm@example.dk")


async def test_only_the_password_itself_is_right() -> None:
    hashing = Passwords(HASHER)
    stored = await hashing.hash("blåbærgrød på tirsdag")
    assert stored.startswith("$argon2id$")
    assert await hashing.verify(stored, "blåbærgrød på tirsdag")
    assert not await hashing.verify(stored, "blåbærgrød på onsdag")
    assert not await hashing.verify(None, "nobody has this password")
    assert not await hashing.verify("rubbish", "blåbærgrød på tirsdag")


async def test_the_same_letters_typed_elsewhere_are_the_same_password() -> None:
    hashing = Passwords(HASHER)
    stored = await hashing.hash("blåbærgrød")
    assert await hashing.verify(stored, "blåbærgrød")


def test_hashes_in_production_cost_what_they_should() -> None:
    assert Passwords().outdated(HASHER.hash("x"))
