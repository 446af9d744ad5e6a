"""A conversation as server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic

from channels.web.schema import MessageOut
from conversations.metrics import STREAMS
from conversations.models import ConversationNotFound
from conversations.service import Conversations, View
from conversations.typing import by_staff

_STAFF_WRITES = json.dumps({"typing": True, "who": "staff"})
"""Never taken back: whoever shows it lets it go after some seconds."""
_CHECK_SECONDS = 20.0
"""How long to trust wake-ups before looking by itself: a lost one costs a delay, no message."""


async def event_stream(
    conversations: Conversations,
    view: View,
    reopen: Callable[[], Awaitable[View]],
    after: int,
) -> AsyncIterator[dict[str, str]]:
    """Messages with a sequence number above ``after``, then whatever comes.

    Each message is an event with ``id`` = its number, so that a reader who reconnects with
    ``Last-Event-ID`` gets exactly what it has not seen. What else happens has none: it is told
    anew, or is over. Ends when the conversation is erased.
    """
    said: tuple[bool, str, str] | None = None
    signs = {by_staff(view.conversation.id)}
    with STREAMS.track_inprogress():
        async with conversations.follow(view) as subscription:
            while True:
                for message in await conversations.read(view, after):
                    after = message.seq
                    data = MessageOut.of(message).model_dump_json()
                    yield {"event": "message", "id": str(message.seq), "data": data}
                try:
                    view = await reopen()
                except ConversationNotFound:
                    yield {"event": "gone", "data": "{}"}
                    return
                conversation = view.conversation
                now = (view.typing, conversation.state, conversation.language)
                if now != said:
                    if said is None or said[0] != view.typing:
                        yield {"event": "typing", "data": json.dumps({"typing": view.typing})}
                    state = {"state": conversation.state, "language": conversation.language}
                    if said is None or said[1:] != now[1:]:
                        yield {"event": "state", "data": json.dumps(state)}
                    said = now
                check_at = monotonic() + _CHECK_SECONDS
                # While a member of staff writes there is nothing new in the store.
                while await subscription.wait(max(0.0, check_at - monotonic())) == signs:
                    yield {"event": "typing", "data": _STAFF_WRITES}
