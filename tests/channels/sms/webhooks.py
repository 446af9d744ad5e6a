"""Requests as Twilio posts them, and an account for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from channels.base import Webhook
from channels.sms.routes import INBOUND_PATH, STATUS_PATH
from channels.sms.settings import TwilioSettings
from tests.standins.twilio_messages import inbound_form, new_sid, signature

ACCOUNT = "AC0123456789abcdef0123456789abcdef"
TOKEN = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
NUMBER, CITIZEN = "+4592450000", "+4520123478"
PUBLIC = "https://guide.example.dk"
DELIVERY = "0123456789abcdef0123456789abcdef"


def account(**other: Any) -> TwilioSettings:
    given = {"account_sid": ACCOUNT, "auth_token": SecretStr(TOKEN), "sender": NUMBER}
    return TwilioSettings(**{**given, **other})


def message(
    body: str = "Hej", *, from_: str = CITIZEN, media: int = 0, **more: str
) -> dict[str, str]:
    """The form of a citizen's message."""
    form = inbound_form(ACCOUNT, from_, NUMBER, body, sid=new_sid(), media=media, service=None)
    return {**form, **more}


def status(value: str, **more: str) -> dict[str, str]:
    """The form of a status callback."""
    sid = new_sid()
    return {
        "AccountSid": ACCOUNT,
        "From": NUMBER,
        "MessageSid": sid,
        "MessageStatus": value,
        "SmsSid": sid,
        "SmsStatus": value,
        "To": CITIZEN,
        **more,
    }


def signed(
    form: Mapping[str, str],
    path: str = INBOUND_PATH,
    *,
    public: str = PUBLIC,
    token: str = TOKEN,
) -> Webhook:
    """The form, posted to ``path`` under the public address and signed for that."""
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": signature(token, public + path, form),
    }
    return Webhook(path, headers, urlencode(form).encode())


def status_path(delivery: str = DELIVERY) -> str:
    return f"{STATUS_PATH}?delivery={delivery}"
