"""Only what Twilio signed, for our account and our address."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest

from channels.base import MalformedWebhook, Webhook, WrongSignature
from channels.sms.parse import parse
from channels.sms.routes import INBOUND_PATH, STATUS_PATH
from channels.sms.verify import verify
from tests.channels.sms.webhooks import (
    ACCOUNT,
    PUBLIC,
    TOKEN,
    account,
    message,
    signed,
    status,
    status_path,
)
from tests.standins.twilio_messages import signature


def sign(text: str) -> str:
    digest = hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    "webhook",
    [
        signed(message("Hej")),
        signed(message("")),
        signed(message("Ærø 🙂 & = + % ?\nمرحبا")),
        signed(message(media=3)),
        signed(status("delivered"), status_path()),
        signed(status("failed", ErrorCode="30003"), f"{STATUS_PATH}?delivery=a%20b&x=%C3%A6"),
        signed({"AccountSid": ACCOUNT}),
    ],
)
def test_what_twilio_signed_passes(webhook: Webhook) -> None:
    verify(webhook, account(), PUBLIC)


@pytest.mark.parametrize(
    "public",
    ["http://localhost:8000", "https://guide.example.dk:8443", "https://guide.example.dk"],
)
def test_the_public_address_counts_and_no_header(public: str) -> None:
    webhook = signed(message(), public=public)
    webhook = replace(
        webhook,
        headers={**webhook.headers, "host": "10.0.0.7:8000", "x-forwarded-host": "evil.example"},
    )
    verify(webhook, account(), public)


def test_an_address_in_the_headers_opens_nothing() -> None:
    webhook = signed(message(), public="https://evil.example")
    webhook = replace(
        webhook,
        headers={
            **webhook.headers,
            "host": "evil.example",
            "x-forwarded-host": "evil.example",
            "x-forwarded-proto": "https",
        },
    )
    with pytest.raises(WrongSignature):
        verify(webhook, account(), PUBLIC)


def test_a_name_that_comes_twice_is_signed_with_all_its_values() -> None:
    body = urlencode([("B", "2"), ("A", "z"), ("A", "a"), ("AccountSid", ACCOUNT)]).encode()
    header = sign(f"{PUBLIC}{INBOUND_PATH}AaAzAccountSid{ACCOUNT}B2")
    verify(Webhook(INBOUND_PATH, {"x-twilio-signature": header}, body), account(), PUBLIC)


FORM = message("Hej")
GOOD = signed(FORM)


@pytest.mark.parametrize(
    "webhook",
    [
        replace(GOOD, headers={}),
        replace(GOOD, headers={"x-twilio-signature": ""}),
        replace(GOOD, headers={"x-twilio-signature": "bm90IGl0"}),
        replace(GOOD, headers={"x-twilio-signature": "é" * 28}),
        replace(GOOD, headers={"x-hub-signature": GOOD.headers["x-twilio-signature"]}),
        replace(GOOD, body=urlencode({**FORM, "Body": "hej"}).encode()),
        replace(GOOD, body=urlencode({**FORM, "Extra": ""}).encode()),
        replace(GOOD, body=GOOD.body + b"&From=%2B4520999999"),
        replace(GOOD, body=b""),
        replace(GOOD, path=status_path()),
        replace(GOOD, path=f"{INBOUND_PATH}?x=1"),
        signed(status("delivered"), status_path("a" * 32), token="another token"),
        replace(signed(status("delivered"), status_path("a" * 32)), path=status_path("b" * 32)),
    ],
)
def test_anything_else_is_refused(webhook: Webhook) -> None:
    with pytest.raises(WrongSignature):
        verify(webhook, account(), PUBLIC)


@pytest.mark.parametrize("other", ["AC" + "f" * 32, "", ACCOUNT.lower()])
def test_another_account_is_refused_though_the_token_fits(other: str) -> None:
    with pytest.raises(WrongSignature):
        verify(signed(message(AccountSid=other)), account(), PUBLIC)


def test_two_accounts_are_refused() -> None:
    other = "AC" + "f" * 32
    body = urlencode([("AccountSid", other), ("AccountSid", ACCOUNT)]).encode()
    header = sign(f"{PUBLIC}{INBOUND_PATH}AccountSid{ACCOUNT}AccountSid{other}")
    with pytest.raises(WrongSignature):
        verify(Webhook(INBOUND_PATH, {"x-twilio-signature": header}, body), account(), PUBLIC)


@pytest.mark.parametrize("body", [b'{"AccountSid": "%s"}' % ACCOUNT.encode(), GOOD.body])
def test_a_signature_that_does_not_cover_the_fields_opens_nothing(body: bytes) -> None:
    path = f"{INBOUND_PATH}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    for text in (PUBLIC + path, PUBLIC + path + "".join(f"{n}{FORM[n]}" for n in sorted(FORM))):
        with pytest.raises(WrongSignature):
            verify(Webhook(path, {"x-twilio-signature": sign(text)}, body), account(), PUBLIC)


@pytest.mark.parametrize("broken", [b"\xff", b"%FF%FE", b"%ED%A0%80"])
def test_what_is_no_utf8_is_malformed_only_behind_a_signature(broken: bytes) -> None:
    fields = {"AccountSid": ACCOUNT, "Body": broken.decode("utf-8", "replace")}
    raw = b"AccountSid=%s&Body=%s" % (ACCOUNT.encode(), broken)
    if broken.startswith(b"%"):
        count = {b"%FF%FE": 2, b"%ED%A0%80": 3}[broken]
        fields["Body"] = "\ufffd" * count
    unsigned = Webhook(INBOUND_PATH, {}, raw)
    with pytest.raises(WrongSignature):
        verify(unsigned, account(), PUBLIC)
    header = signature(TOKEN, PUBLIC + INBOUND_PATH, fields)
    webhook = replace(unsigned, headers={"x-twilio-signature": header})
    verify(webhook, account(), PUBLIC)
    with pytest.raises(MalformedWebhook):
        parse(webhook, "sms", STATUS_PATH)


def test_reserved_characters_are_signed_as_they_are_meant() -> None:
    text = "100% + 1 & more; = ~*'()"
    webhook = signed(message(text))
    assert quote(text).encode() not in webhook.body  # a space is sent as a plus
    verify(webhook, account(), PUBLIC)
