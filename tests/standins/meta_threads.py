"""The conversations of a page, as the Conversations API shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

_MESSAGES = re.compile(r"messages(?:\.limit\((\d+)\))?(?:\{([^}]*)\})?")


class Threads:
    """What citizens and page wrote to each other. The caller keeps threads apart."""

    def __init__(self) -> None:
        self._threads: dict[str, list[tuple[datetime, dict[str, Any]]]] = {}

    def add(self, psid: str, mid: str, text: str, *, from_: str, to: str) -> None:
        """A message, unless it is there already."""
        thread, now = self._threads.setdefault(psid, []), datetime.now(UTC)
        if all(mid != message["id"] for _, message in thread):
            message = {
                "id": mid,
                "created_time": f"{now:%Y-%m-%dT%H:%M:%S}+0000",
                "from": {"id": from_},
                "to": {"data": [{"id": to}]},
                "message": text,
            }
            thread.append((now, message))

    def between(self, psid: str, first: str, second: str) -> int:
        """How many messages stand between two of a conversation."""
        order = [message["id"] for _, message in self._threads[psid]]
        return order.index(second) - order.index(first) - 1

    def show(self, psid: str | None, fields: str, until: datetime) -> list[dict[str, Any]]:
        """The conversations, or the one with ``psid``, with what is older than ``until``.

        ``fields`` as in ``messages.limit(5){id,message}``; messages come newest first.
        """
        asked = _MESSAGES.search(fields)
        return [
            self._conversation(each, thread, asked, until)
            for each, thread in self._threads.items()
            if psid in (None, each)
        ]

    @staticmethod
    def _conversation(
        psid: str,
        thread: list[tuple[datetime, dict[str, Any]]],
        asked: re.Match[str] | None,
        until: datetime,
    ) -> dict[str, Any]:
        if asked is None:
            return {"id": f"t_{psid}", "updated_time": thread[-1][1]["created_time"]}
        names = {"id", *re.findall(r"\w+", asked[2] or "created_time")}
        messages = [
            {name: value for name, value in message.items() if name in names}
            for at, message in reversed(thread)
            if at <= until
        ]
        return {"id": f"t_{psid}", "messages": {"data": messages[: int(asked[1] or 25)]}}
