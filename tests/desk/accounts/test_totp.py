from __future__ import annotations

import datetime as dt

import pyotp
import pytest

from desk.accounts import totp

MOMENT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
SECRET = totp.new_secret()


@pytest.mark.parametrize(
    ("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_one_step_of_drift(steps: int, right: bool) -> None:
    code = pyotp.TOTP(SECRET).at(MOMENT + dt.timedelta(seconds=30 * steps))
    found = totp.matching_step(SECRET, code, lambda: MOMENT)
    assert found == (totp.step_at(MOMENT) + steps if right else None)


@pytest.mark.parametrize("code", ["", "abcdef", "12345", "1234567", "１２３４５６", "٠١٢٣٤٥"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert totp.matching_step(SECRET, code, lambda: MOMENT) is None


def test_without_a_secret_no_code_is_right() -> None:
    code = pyotp.TOTP(totp._NOBODY).at(MOMENT)
    assert totp.matching_step(None, code, lambda: MOMENT) is None


def test_recovery_codes_are_long_different_and_typed_in_any_way() -> None:
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == 10
    code = codes[0]
    assert len(code.replace("-", "")) == 16
    assert totp.recovery_hash(f" {code.upper().replace('-', ' ')} ") == totp.recovery_hash(code)
    assert totp.recovery_hash(codes[1]) != totp.recovery_hash(code)
