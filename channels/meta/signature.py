"""How Meta proves that a webhook comes from it, and asks whether an address is ours."""

from __future__ import annotations

import hashlib
import hmac

from pydantic import SecretStr

from channels.base import Webhook, WrongSignature

HEADER = "x-hub-signature-256"
_SCHEME = "sha256="


def check_signature(webhook: Webhook, app_secret: SecretStr) -> None:
    """Raises :class:`WrongSignature` unless the app's secret has signed these very bytes.

    The header with SHA-1, which Meta still sends beside this one, proves nothing here.
    """
    given = webhook.headers.get(HEADER)
    if given is None:
        raise WrongSignature("no signature")
    if not given.startswith(_SCHEME):
        raise WrongSignature("a signature of another kind")
    key = app_secret.get_secret_value().encode()
    expected = _SCHEME + hmac.new(key, webhook.body, hashlib.sha256).hexdigest()
    if not same(given, expected):
        raise WrongSignature("the signature is not the app's")


def same(given: str, expected: str) -> bool:
    """Whether two texts are equal, in a time that does not tell how far they are."""
    # As bytes: of text it compares only ASCII.
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())
