"""Only what the app's secret has signed, byte for byte."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from channels.base import Webhook, WrongSignature
from channels.meta.signature import check_signature, same
from tests.standins.meta_events import signatures

SECRET = SecretStr("hemmeligt æble")
BODY = b'{"object":"page","entry":[],"text":"\\u00e6"}'
TRUE = signatures(SECRET.get_secret_value(), BODY)["X-Hub-Signature-256"]


def check(signature: str | None, body: bytes = BODY, name: str = "x-hub-signature-256") -> None:
    headers = {} if signature is None else {name: signature}
    check_signature(Webhook("/channels/messenger", headers, body), SECRET)


def test_the_apps_signature_holds() -> None:
    check(TRUE)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        TRUE[:-1],
        TRUE + "0",
        TRUE.upper(),
        TRUE.removeprefix("sha256="),
        TRUE.replace("sha256=", "sha1="),
        signatures(SECRET.get_secret_value(), BODY)["X-Hub-Signature"],
        signatures("another secret", BODY)["X-Hub-Signature-256"],
        "sha256=æøå",
        "sha256=\udc80",
    ],
)
def test_everything_else_is_refused(signature: str | None) -> None:
    with pytest.raises(WrongSignature):
        check(signature)


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b"\\u00e6", "æ".encode())])
def test_the_signature_is_over_the_raw_bytes(body: bytes) -> None:
    with pytest.raises(WrongSignature):
        check(TRUE, body)


def test_the_weaker_header_counts_for_nothing() -> None:
    with pytest.raises(WrongSignature):
        check(TRUE, name="x-hub-signature")


@pytest.mark.parametrize(
    ("given", "equal"), [("æble", True), ("aeble", False), ("", False), ("\udcff", False)]
)
def test_texts_beyond_ascii_are_compared(given: str, equal: bool) -> None:
    assert same(given, "æble") == equal
