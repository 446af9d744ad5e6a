"""What Meta's Send API refuses, and how it says so."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

LONGEST_TEXT = 2000
_LONGEST_METADATA = 1000
_MOST_QUICK_REPLIES = 13
_LONGEST_TITLE = 20
_LONGEST_PAYLOAD = 1000
_ACTIONS = {"typing_on", "typing_off", "mark_seen"}
_TYPES = {"RESPONSE", "UPDATE", "MESSAGE_TAG"}
_WINDOW = timedelta(hours=24)
_HUMAN_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the Graph API."""

    code: int
    message: str
    subcode: int | None = None
    status: int = 400

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.code == 2:
            error["is_transient"] = True
        return {"error": {**error, "fbtrace_id": "A" + secrets.token_urlsafe(16)}}


NO_TOKEN = Refusal(104, "An access token is required to request this resource.")
BAD_TOKEN = Refusal(190, "Invalid OAuth access token.", status=401)
BAD_PROOF = Refusal(100, "Invalid appsecret_proof provided in the API argument")
NO_SUCH_PAGE = Refusal(100, "Unsupported request: no such object, or no permission", 33)
TEMPORARY = Refusal(
    2, "An unexpected error has occurred. Please retry your request later.", status=500
)
THROTTLED = Refusal(613, "Calls to this api have exceeded the rate limit.")
TOO_MANY_FOR_APP = Refusal(4, "Application request limit reached")
TOO_MANY_REQUESTS = Refusal(4, "Application request limit reached", status=429)
"""``MetaStandIn.throttling`` is one of the last three."""
_NOT_THERE = Refusal(100, "No matching user found", 2018001)
_BLOCKED = Refusal(551, "This person isn't available right now.", 1545041)
_OUTSIDE_WINDOW = Refusal(10, "This message is sent outside of allowed window.", 2018278)


def refusal(
    body: Mapping[str, Any], *, silent_for: timedelta | None, blocked: bool
) -> Refusal | None:
    """Why Meta would not send this.

    ``silent_for``: how long ago the citizen last wrote; ``None`` if never.
    """
    message, action = body.get("message"), body.get("sender_action")
    if silent_for is None:
        return _NOT_THERE
    if blocked:
        return _BLOCKED
    if (message is None) == (action is None):
        return _invalid("exactly one of message and sender_action is required")
    if action is not None:
        return None if action in _ACTIONS else _invalid(f"sender_action: {action}")
    if body.get("messaging_type") not in _TYPES:
        return _invalid("messaging_type must be RESPONSE, UPDATE or MESSAGE_TAG")
    if not isinstance(message, dict):
        return _invalid("message must be an object")
    return _malformed(message) or _too_late(body, silent_for)


def _malformed(message: Mapping[str, Any]) -> Refusal | None:
    text, replies = message.get("text"), message.get("quick_replies", [])
    if not isinstance(text, str) or not text:
        return _invalid("message[text] must be a non-empty UTF-8 encoded string")
    if len(text) > LONGEST_TEXT:
        return _invalid(f"Length of param message[text] must be at most {LONGEST_TEXT}")
    if len(str(message.get("metadata", ""))) > _LONGEST_METADATA:
        return _invalid(f"Length of param message[metadata] must be at most {_LONGEST_METADATA}")
    if "quick_replies" in message and not 1 <= len(replies) <= _MOST_QUICK_REPLIES:
        return _invalid(f"message[quick_replies] must have 1 to {_MOST_QUICK_REPLIES} elements")
    for number, reply in enumerate(replies):
        where = f"message[quick_replies][{number}]"
        if reply.get("content_type") not in {"text", "user_phone_number", "user_email"}:
            return _invalid(f"{where}[content_type]")
        if reply["content_type"] != "text":
            continue
        if not 1 <= len(reply.get("title", "")) <= _LONGEST_TITLE:
            return _invalid(f"Length of param {where}[title] must be 1 to {_LONGEST_TITLE}")
        if not 1 <= len(reply.get("payload", "")) <= _LONGEST_PAYLOAD:
            return _invalid(f"Length of param {where}[payload] must be 1 to {_LONGEST_PAYLOAD}")
    return None


def _too_late(body: Mapping[str, Any], silent_for: timedelta) -> Refusal | None:
    if body["messaging_type"] != "MESSAGE_TAG":
        return _OUTSIDE_WINDOW if silent_for > _WINDOW else None
    if body.get("tag") != "HUMAN_AGENT":
        return _invalid(f"tag: {body.get('tag')}")
    return _OUTSIDE_WINDOW if silent_for > _HUMAN_WINDOW else None


def _invalid(what: str) -> Refusal:
    return Refusal(100, f"(#100) {what}")
