"""Reads Messenger's webhooks: a pure function from a body to events.

There are no keywords here. "Stop" and "help" are what the law and the networks ask of text
messages; on Messenger the guide never writes first, and a citizen can mute or block the page. So
"stop" is a message like any other: "how do I stop my benefits" begins with it, too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import structlog
from pydantic import ValidationError

from channels.base import MalformedWebhook
from channels.intake import Event, ReadUntil
from channels.messenger.events import Delivery, Item, Message, Postback
from conversations.delivery.port import DeliveryState, StatusReport
from conversations.reception import Received, Request

log = structlog.get_logger(__name__)

NAME = "messenger"
GET_STARTED = "get_started"
"""The payload to give the page's button for beginning."""

_READ = ("message", "postback", "delivery", "read")
_IGNORED = (
    "reaction", "referral", "optin", "account_linking", "message_edit", "pass_thread_control",
    "take_thread_control", "request_thread_control", "app_roles", "policy_enforcement",
    "message_context_update",
)  # fmt: skip
_DELIVERY_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST_CHOICE = 80
_LONGEST_TITLE = 100


def parse(body: bytes, page_id: str) -> list[Event]:
    """What has happened on the page, in order. Raises :class:`MalformedWebhook`.

    An event that cannot be read is left out and logged; so is one of a kind that says nothing to
    the guide. Events of other pages, and those of which the guide only stands by, are not ours.
    """
    try:
        batch = json.loads(body)
    except (ValueError, RecursionError):
        # Without the cause: it holds the body.
        raise MalformedWebhook("not JSON") from None
    if not isinstance(batch, dict) or batch.get("object") != "page":
        raise MalformedWebhook("not about a page")
    entries = batch.get("entry")
    if not isinstance(entries, list):
        raise MalformedWebhook("no entries")
    return [event for item in _items(entries, page_id) for event in _events(item, page_id)]


def _items(entries: list[Any], page_id: str) -> Iterator[dict[str, Any]]:
    for entry in entries:
        if not isinstance(entry, dict):
            log.warning("event_malformed", channel=NAME, where=["entry"])
            continue
        if entry.get("id") != page_id:
            log.warning("event_ignored", channel=NAME, kind="other_page")
            continue
        if "standby" in entry:
            log.info("event_ignored", channel=NAME, kind="standby")
        items = entry.get("messaging", [])
        if not isinstance(items, list):
            log.warning("event_malformed", channel=NAME, where=["messaging"])
            continue
        for item in items:
            if isinstance(item, dict):
                yield item
            else:
                log.warning("event_malformed", channel=NAME, where=["messaging"])


def _events(raw: dict[str, Any], page_id: str) -> list[Event]:
    kind = next((kind for kind in (*_READ, *_IGNORED) if kind in raw), "unknown")
    if kind not in _READ:
        return _ignored(kind)
    try:
        # Only what it is about: a fault elsewhere in it is none.
        item = Item.model_validate({key: raw[key] for key in ("sender", kind) if key in raw})
    except ValidationError as error:
        # Places in the shape, never values: those are the citizen's.
        places = [".".join(map(str, each["loc"])) for each in error.errors(include_input=False)]
        log.warning("event_malformed", channel=NAME, where=places[:5])
        return []
    psid = item.sender.id
    if item.message is not None:
        if item.message.is_echo:
            return _echo(item.message)
        return _ignored("own_message") if psid == page_id else _message(psid, item.message)
    if item.postback is not None:
        return _postback(psid, item.postback, raw.get("timestamp"))
    if item.delivery is not None:
        return _delivered(item.delivery)
    if item.read is not None:
        moment = dt.datetime.fromtimestamp(item.read.watermark / 1000, dt.UTC)
        return [ReadUntil(NAME, psid, moment)]
    return _ignored("unknown")


def _ignored(kind: str) -> list[Event]:
    log.info("event_ignored", channel=NAME, kind=kind)
    return []


def _message(psid: str, message: Message) -> list[Event]:
    if message.is_deleted:
        return _ignored("unsend")
    text = message.text or ""
    choice = message.quick_reply.payload if message.quick_reply is not None else None
    if _is_choice(choice):
        return [Received(NAME, psid, message.mid, choice=choice, title=_title(text))]
    attachments = bool(message.attachments) or message.is_unsupported
    if message.text is None and not attachments:
        return _ignored("unknown_message")
    return [Received(NAME, psid, message.mid, text=text, attachments=attachments)]


def _postback(psid: str, postback: Postback, timestamp: object) -> list[Event]:
    payload = postback.payload or ""
    mid = postback.mid or _postback_id(psid, timestamp, payload)
    if payload == GET_STARTED:
        return [Received(NAME, psid, mid, request=Request.welcome)]
    title = _title(postback.title or "")
    if _is_choice(payload):
        return [Received(NAME, psid, mid, choice=payload, title=title)]
    # A button that somebody else has put there: what it says is what the citizen says.
    return [Received(NAME, psid, mid, text=title or "")]


def _postback_id(psid: str, timestamp: object, payload: str) -> str:
    """The same for every copy of an event that has no id of its own."""
    moment = timestamp if isinstance(timestamp, int) else 0
    told = json.dumps([psid, moment, payload]).encode()
    return "postback_" + hashlib.sha256(told).hexdigest()


def _is_choice(payload: str | None) -> bool:
    return payload is not None and 0 < len(payload) <= _LONGEST_CHOICE and payload.isprintable()


def _title(text: str) -> str | None:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:_LONGEST_TITLE] or None


def _echo(message: Message) -> list[Event]:
    """The page has written. If it was the guide, Meta has the message, whatever it answered."""
    if message.metadata is None or not _DELIVERY_ID.fullmatch(message.metadata):
        return _ignored("echo_of_others")
    sent = StatusReport(
        channel=NAME,
        state=DeliveryState.sent,
        status="echo",
        delivery_id=message.metadata,
        provider_id=message.mid,
    )
    return [sent]


def _delivered(delivery: Delivery) -> list[Event]:
    if not delivery.mids:
        # Only the time up to which all has arrived: the next one, or its reading, says more.
        return _ignored("delivery_without_mids")
    return [
        StatusReport(NAME, DeliveryState.delivered, "delivered", provider_id=mid)
        for mid in delivery.mids
    ]
