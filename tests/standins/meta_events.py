"""What Meta posts to a page's webhook: events, the batch they come in, and its signature."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence
from typing import Any

Event = dict[str, Any]


def new_mid() -> str:
    """A fresh message id."""
    return "m_" + secrets.token_urlsafe(48)


def now_ms() -> int:
    """Milliseconds since 1970, as all times in events are."""
    return int(time.time() * 1000)


def encode(batch: object) -> bytes:
    """JSON as Meta writes it: beyond ASCII all is ``\\u`` and lower-case hex, and ``/`` is ``\\/``.

    The signature is over these very bytes.
    """
    return json.dumps(batch, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def signatures(app_secret: str, body: bytes) -> dict[str, str]:
    """Both signature headers: the one to check, and the one with SHA-1 that is still sent."""
    key = app_secret.encode()
    return {
        "X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest(),
    }


class Events:
    """Builds the events of one page, in the documented shapes."""

    def __init__(self, page_id: str, app_id: int) -> None:
        self.page_id, self.app_id = page_id, app_id

    def batch(self, events: Sequence[Event], *, entries: int = 1) -> dict[str, Any]:
        """The body of a webhook: the events in order, in so many entries."""
        size = max(1, -(-len(events) // entries))
        parts = [list(events[start : start + size]) for start in range(0, len(events), size)]
        return {
            "object": "page",
            "entry": [
                {"id": self.page_id, "time": now_ms(), "messaging": part} for part in parts or [[]]
            ],
        }

    def text(
        self, psid: str, text: str, *, mid: str | None = None, quick_reply: str | None = None
    ) -> Event:
        """A citizen writes, or taps the quick reply with the payload ``quick_reply``."""
        message: Event = {"mid": mid or new_mid(), "text": text}
        if quick_reply is not None:
            message["quick_reply"] = {"payload": quick_reply}
        return self._from_citizen(psid, message=message)

    def attachment(self, psid: str, kind: str, *, mid: str | None = None) -> Event:
        """A citizen sends an ``image``, ``audio``, ``video``, ``file`` or ``fallback``."""
        url = f"https://scontent.xx.fbcdn.net/v/{secrets.token_hex(8)}"
        attachments = [{"type": kind, "payload": {"url": url}}]
        message = {"mid": mid or new_mid(), "attachments": attachments}
        return self._from_citizen(psid, message=message)

    def postback(self, psid: str, payload: str, title: str, *, mid: str | None = None) -> Event:
        """A citizen taps a button, or Get Started."""
        postback = {"mid": mid or new_mid(), "title": title, "payload": payload}
        return self._from_citizen(psid, postback=postback)

    def read(self, psid: str, watermark: int | None = None) -> Event:
        """The citizen has read all that was sent up to ``watermark`` (ms)."""
        return self._from_citizen(psid, read={"watermark": watermark or now_ms()})

    def delivery(
        self, psid: str, mids: Sequence[str] | None, watermark: int | None = None
    ) -> Event:
        """Messages have reached the citizen. Older apps leave ``mids`` out: give ``None``."""
        delivery: Event = {"watermark": watermark or now_ms()}
        if mids is not None:
            delivery["mids"] = list(mids)
        return self._from_citizen(psid, delivery=delivery)

    def echo(
        self,
        psid: str,
        text: str,
        *,
        mid: str | None = None,
        app_id: int | None = None,
        metadata: str | None = None,
    ) -> Event:
        """The page wrote: this app, or with another ``app_id`` a person or another app."""
        message: Event = {"mid": mid or new_mid(), "is_echo": True, "app_id": app_id or self.app_id}
        if metadata is not None:
            message["metadata"] = metadata
        return {
            "sender": {"id": self.page_id},
            "recipient": {"id": psid},
            "timestamp": now_ms(),
            "message": {**message, "text": text},
        }

    def unknown(self, psid: str, kind: str = "message_context_update") -> Event:
        """An event of a kind that no app has heard of."""
        return self._from_citizen(psid, **{kind: {"id": secrets.token_hex(4)}})

    def _from_citizen(self, psid: str, **content: Any) -> Event:
        return {
            "sender": {"id": psid},
            "recipient": {"id": self.page_id},
            "timestamp": now_ms(),
            **content,
        }
