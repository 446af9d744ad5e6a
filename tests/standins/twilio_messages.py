"""Twilio's messages on paper: what is kept of one, its resource, its forms, its signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from tests.standins.segments import segments

VERSION = "2010-04-01"
_LONGEST_BODY = 1600
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_RANKS = {"accepted": 0, "queued": 1, "sending": 2, "sent": 3}
_LAST_RANK = 4  # delivered, undelivered, failed

ERRORS = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource {} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21211: (400, "Invalid 'To' Phone Number: {}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number {} is not a valid, SMS-capable number for your account."),
    21609: (400, "The 'StatusCallback' URL {} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit."),
}
"""Twilio's error codes, with the HTTP status and the message of each."""


@dataclass(frozen=True, slots=True)
class SentSms:
    """A message that Twilio took on. ``status_callback`` is empty if none was asked for."""

    sid: str
    to: str
    from_: str
    body: str
    status_callback: str
    messaging_service_sid: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What Twilio tells of one message, in this order, which need not be the real one."""

    statuses: tuple[str, ...] = ("sent", "delivered")
    error_code: int | None = None  # told with "failed" and "undelivered"
    copies: int = 1
    delay: float = 0.0  # seconds before each
    shuffle: random.Random | None = None
    before_answer: bool = False


@dataclass(slots=True)
class Message:
    """A message on its way. Its status never goes back, whatever order it is told in."""

    sent: SentSms
    status: str
    updated: datetime
    date_sent: datetime | None = None
    error_code: int | None = None

    def advance(self, status: str, error_code: int | None) -> None:
        now = datetime.now(UTC)
        if _RANKS.get(status, _LAST_RANK) >= _RANKS.get(self.status, _LAST_RANK):
            self.status, self.updated = status, now
        if status in {"sent", "delivered", "undelivered"}:
            self.date_sent = self.date_sent or now
        if status in {"failed", "undelivered"}:
            self.error_code = error_code


def new_sid(prefix: str = "SM") -> str:
    """A fresh SID: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def signature(auth_token: str, url: str, form: Mapping[str, str]) -> str:
    """``X-Twilio-Signature``: base64 of HMAC-SHA1 over the URL and the sorted fields."""
    signed = url + "".join(f"{name}{form[name]}" for name in sorted(form))
    digest = hmac.new(auth_token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def refusal(
    form: Mapping[str, str], number: str, service: str | None, opted_out: set[str]
) -> tuple[int, str] | None:
    """The error code and what it is about, if Twilio would not take the message on."""
    to, from_, body = (form.get(name, "") for name in ("To", "From", "Body"))
    callback, through = form.get("StatusCallback", ""), form.get("MessagingServiceSid", "")
    if not to:
        return 21604, ""
    if not _E164.fullmatch(to):
        return 21211, to
    if not from_ and not through:
        return 21603, ""
    if from_ not in ("", number) or through not in ("", service):
        return 21606, from_ or through
    if not body:
        return 21602, ""
    if len(body) > _LONGEST_BODY:
        return 21617, ""
    if callback and not callback.startswith(("http://", "https://")):
        return 21609, callback
    if to in opted_out:
        return 21610, ""
    return None


def resource(message: Message, account: str) -> dict[str, object]:
    """The Message resource as the API shows it."""
    sent = message.sent
    uri = f"/{VERSION}/Accounts/{account}/Messages/{sent.sid}"
    # A messaging service chooses the sender after it has accepted.
    chosen = message.status != "accepted"
    return {
        "account_sid": account,
        "api_version": VERSION,
        "body": sent.body,
        "date_created": format_datetime(sent.at),
        "date_sent": format_datetime(message.date_sent) if message.date_sent else None,
        "date_updated": format_datetime(message.updated),
        "direction": "outbound-api",
        "error_code": message.error_code,
        "error_message": None,
        "from": sent.from_ if chosen else None,
        "messaging_service_sid": sent.messaging_service_sid,
        "num_media": "0",
        "num_segments": str(segments(sent.body)) if chosen else "0",
        "price": None,
        "price_unit": "USD",
        "sid": sent.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": sent.to,
        "uri": f"{uri}.json",
    }


def matches(message: Message, query: Mapping[str, str]) -> bool:
    """Whether a list with these filters has the message.

    Dates without a time are whole days, and bounds count themselves in. A message that is not yet
    sent counts as sent when it was created.
    """
    sent = message.sent
    if query.get("To", sent.to) != sent.to or query.get("From", sent.from_) != sent.from_:
        return False
    at = (message.date_sent or sent.at).replace(microsecond=0)
    for sign in ("", "<", ">"):
        asked = query.get(f"DateSent{sign}")
        if asked is None:
            continue
        wanted = datetime.fromisoformat(asked)
        wanted = wanted.replace(tzinfo=wanted.tzinfo or UTC)
        by_day = sign == "" or "T" not in asked
        have, bound = (at.date(), wanted.date()) if by_day else (at, wanted)
        if (sign == "" and have != bound) or (sign == "<" and have > bound):
            return False
        if sign == ">" and have < bound:
            return False
    return True


def page(
    found: Sequence[Message], path: str, query: Mapping[str, str], account: str
) -> dict[str, object]:
    """One page of a list, newest first. A page goes on after the last message of the one before."""
    size = min(max(int(query.get("PageSize", "50")), 1), 1000)
    number = int(query.get("Page", "0"))
    if token := query.get("PageToken"):
        sids = [message.sent.sid for message in found]
        after = token.removeprefix("PA")
        found = found[sids.index(after) + 1 :] if after in sids else []
    shown, more = found[:size], len(found) > size
    filters = {name: query[name] for name in query if not name.startswith("Page")}

    def uri(**place: object) -> str:
        return f"{path}?{urlencode({**filters, 'PageSize': size, **place})}"

    return {
        "first_page_uri": uri(Page=0),
        "next_page_uri": uri(Page=number + 1, PageToken=f"PA{shown[-1].sent.sid}")
        if more
        else None,
        "previous_page_uri": None,
        "uri": f"{path}?{urlencode(query)}",
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(shown) - 1, 0),
        "messages": [resource(message, account) for message in shown],
    }


def status_form(sent: SentSms, account: str, status: str, error_code: int | None) -> dict[str, str]:
    """The form of a status callback."""
    form = {
        "AccountSid": account,
        "ApiVersion": VERSION,
        "From": sent.from_,
        "MessageSid": sent.sid,
        "MessageStatus": status,
        "SmsSid": sent.sid,
        "SmsStatus": status,
        "To": sent.to,
    }
    if sent.messaging_service_sid:
        form["MessagingServiceSid"] = sent.messaging_service_sid
    if status == "delivered":
        form["RawDlrDoneDate"] = f"{datetime.now(UTC):%y%m%d%H%M}"
    if status in {"failed", "undelivered"} and error_code is not None:
        form["ErrorCode"] = str(error_code)
    return form


def inbound_form(
    account: str, from_: str, to: str, body: str, *, sid: str, media: int, service: str | None
) -> dict[str, str]:
    """The form of a citizen's message. Places are empty, as they are outside North America."""
    form = {
        "AccountSid": account,
        "ApiVersion": VERSION,
        "Body": body,
        "From": from_,
        "FromCity": "",
        "FromCountry": "DK",
        "FromState": "",
        "FromZip": "",
        "MessageSid": sid,
        "NumMedia": str(media),
        "NumSegments": str(segments(body)),
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": to,
        "ToCity": "",
        "ToCountry": "DK",
        "ToState": "",
        "ToZip": "",
    }
    base = f"https://api.twilio.com/{VERSION}/Accounts/{account}/Messages/{sid}/Media"
    for index in range(media):
        form[f"MediaContentType{index}"] = "image/jpeg"
        form[f"MediaUrl{index}"] = f"{base}/{new_sid('ME')}"
    if service:
        form["MessagingServiceSid"] = service
    return form
