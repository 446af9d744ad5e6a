"""Reads Twilio's requests into events."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

import structlog

from channels.base import MalformedWebhook, Webhook
from channels.intake import Event
from channels.sms.form import Form, read_form
from channels.sms.keywords import keyword, keyword_language
from channels.sms.numbers import parse_sender
from conversations.delivery.port import DeliveryState, StatusReport
from conversations.reception import Received, Request

log = structlog.get_logger(__name__)

_SID = re.compile(r"[!-~]{1,64}")
_DELIVERY_ID = re.compile(r"[0-9a-f]{32}")
_ERROR_CODE = re.compile(r"[1-9][0-9]{0,8}")
_STOPPED = "21610"
"""Twilio's error for a citizen who has written STOP."""

_OPT_OUT: Mapping[str, Request] = {
    "STOP": Request.stop,
    "START": Request.start,
    "HELP": Request.help,
}
_STATES: Mapping[str, DeliveryState] = {
    # Twilio has it from here on: whatever we heard or did not hear when we sent it.
    "accepted": DeliveryState.sent,
    "scheduled": DeliveryState.sent,
    "queued": DeliveryState.sent,
    "sending": DeliveryState.sent,
    "sent": DeliveryState.sent,
    "delivered": DeliveryState.delivered,
    # A part is not the message.
    "partially_delivered": DeliveryState.sent,
    "read": DeliveryState.read,
    "failed": DeliveryState.failed,
    "undelivered": DeliveryState.failed,
    "canceled": DeliveryState.failed,
    # Of a message that we sent, these can only be the other end's view.
    "receiving": DeliveryState.sent,
    "received": DeliveryState.delivered,
}
"""All of Twilio's message statuses."""


def parse(webhook: Webhook, channel: str, status_path: str) -> Sequence[Event]:
    """What a request says: a citizen's message, or under ``status_path`` a delivery's status.

    Nothing for what is not for us to act on. Raises :class:`MalformedWebhook`.
    """
    try:
        form = read_form(webhook.body)
    except UnicodeDecodeError as error:
        raise MalformedWebhook("not UTF-8") from error
    sid = form.get("MessageSid", "")
    if not _SID.fullmatch(sid):
        raise MalformedWebhook("no MessageSid")
    path, _, query = webhook.path.partition("?")
    if path == status_path:
        return _status(form, sid, query, channel)
    return _message(form, sid, channel)


def _message(form: Form, sid: str, channel: str) -> Sequence[Event]:
    address = parse_sender(form.get("From", ""))
    if address is None:
        # A name or a short code: advertising, or another machine. Or "whatsapp:+45...", which
        # came another way: an answer by text message would surprise.
        log.info("sender_cannot_be_answered", message=sid)
        return []
    text = form.get("Body", "")
    request = _OPT_OUT.get(form.get("OptOutType", ""))
    answered = request is not None
    language = None
    if request is None and (word := keyword(text)) is not None:
        request = Request(word.value)
        language = keyword_language(text)
    received = Received(
        channel=channel,
        address=address,
        provider_message_id=sid,
        text=text,
        attachments=form.get("NumMedia", "").strip("0") != "",
        request=request,
        language=language,
        answered=answered,
    )
    return [received]


def _status(form: Form, sid: str, query: str, channel: str) -> Sequence[Event]:
    status = form.get("MessageStatus", "")
    state = _STATES.get(status)
    if state is None:
        log.warning("unknown_status", message=sid)
        return []
    error = form.get("ErrorCode", "")
    # A messaging service may call back by itself, without our id: then Twilio's own must do.
    delivery = parse_qs(query).get("delivery", [""])[-1]
    report = StatusReport(
        channel=channel,
        state=state,
        status=status,
        delivery_id=delivery if _DELIVERY_ID.fullmatch(delivery) else None,
        provider_id=sid,
        error=error if _ERROR_CODE.fullmatch(error) else None,
        stopped=error == _STOPPED,
    )
    return [report]
