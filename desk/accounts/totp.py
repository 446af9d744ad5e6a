"""The second factor: codes from an authenticator (RFC 6238), and codes for when it is lost."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets

import pyotp

from desk.accounts.models import Clock

_STEP_SECONDS = 30
_DRIFT = 1
"""Steps that the authenticator's clock may be ahead or behind."""
_ISSUER = "Borgerguide"
_RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
_CODE = re.compile(r"[0-9]{6}")
_NOBODY = pyotp.random_base32()


def new_secret() -> str:
    """160 random bits in base 32."""
    return pyotp.random_base32()


def address(secret: str, email: str) -> str:
    """The ``otpauth:`` address that an authenticator reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)


def step_at(moment: dt.datetime) -> int:
    """The number of the 30 seconds that ``moment`` is in."""
    return int(moment.timestamp()) // _STEP_SECONDS


def matching_step(secret: str | None, code: str, clock: Clock) -> int | None:
    """The step that the code belongs to, or None if it is wrong now.

    Without a secret it is wrong, after the same work. Whether the step was used already is for
    the store to say.
    """
    totp = pyotp.TOTP(secret or _NOBODY)
    given = code if _CODE.fullmatch(code) else ""
    now = step_at(clock())
    found = None
    for step in range(now - _DRIFT, now + _DRIFT + 1):
        if hmac.compare_digest(totp.generate_otp(step), given):
            found = step
    return found if secret is not None else None


def new_recovery_codes() -> list[str]:
    """Codes that each replace the authenticator once; 80 random bits each."""

    def code() -> str:
        letters = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
        return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))

    return [code() for _ in range(_RECOVERY_CODES)]


def recovery_hash(code: str) -> str:
    """What is stored of a recovery code, however it is typed."""
    letters = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(letters.encode()).hexdigest()
