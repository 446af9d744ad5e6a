"""A channel whose provider is a post office in memory, with troubles to order.

It keeps every rule of a channel that pushes and needs no network, so that the core can be tested
with something real at its end.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from channels import webhooks
from channels.base import Access, MalformedWebhook, Webhook, WrongSignature
from channels.intake import Event, ReadUntil
from conversations import reception
from conversations.delivery.port import (
    DeliveryState,
    Outgoing,
    Payload,
    Rejected,
    StatusReport,
    Stopped,
    TryLater,
    Unclear,
)
from conversations.models import Capabilities, MessageRejected, Rendered
from conversations.rendering.degrade import degrade

PATH = f"{webhooks.PREFIX}paper"
STAMP = {"x-paper-stamp": "sealed"}
"""The headers that the post office's own requests have."""
_LONGEST = 1000


class Trouble(Enum):
    """One way for the post office to fail, and whether it takes the letter all the same."""

    busy = ("not taken", lambda: TryLater("busy"))
    lost = ("not taken", lambda: Unclear("no answer"))
    receipt_lost = ("taken", lambda: Unclear("no receipt"))
    refused = ("not taken", lambda: Rejected("no such box"))
    stopped = ("not taken", lambda: Stopped("no more letters"))
    fire = ("not taken", lambda: RuntimeError("fire"))
    fire_after = ("taken", lambda: RuntimeError("fire"))
    death = ("not taken", asyncio.CancelledError)
    """The worker is gone before it can write anything down."""
    death_after = ("taken", asyncio.CancelledError)

    def __init__(self, outcome: str, error: Callable[[], BaseException]) -> None:
        self.taken = outcome == "taken"
        self.error = error


PASSING = (
    Trouble.busy,
    Trouble.lost,
    Trouble.receipt_lost,
    Trouble.fire,
    Trouble.fire_after,
)
"""Troubles after which a letter can still arrive."""


@dataclass(frozen=True)
class Letter:
    """A letter that the post office has."""

    id: str
    delivery: str
    """Our name for it; the post office does not look at that when it is asked."""
    address: str
    payload: Payload
    moment: dt.datetime

    @property
    def text(self) -> str:
        return str(self.payload["text"])


class PostOffice:
    """Takes letters in, unless it is in trouble."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.sends: list[Outgoing] = []
        """Every attempt to send."""
        self.finds: list[Outgoing] = []
        """Every question for a letter."""
        self.typing: list[str] = []
        self.closed = False
        self.held: dict[str, asyncio.Event] = {}
        """Addresses to which nothing leaves before the event."""
        self.under_way = 0
        self.most_under_way = 0
        self._troubles: deque[Trouble | BaseException | None] = deque()
        self._find_troubles: deque[BaseException | None] = deque()
        self._chance: tuple[random.Random, float] | None = None

    def expect(self, *troubles: Trouble | BaseException | None) -> None:
        """What happens to the next attempts to send, in order; ``None`` lets one pass."""
        self._troubles.extend(troubles)

    def expect_finding(self, *errors: BaseException | None) -> None:
        """What happens to the next questions, in order."""
        self._find_troubles.extend(errors)

    def chaos(self, rng: random.Random, share: float) -> None:
        """From now on ``share`` (0 to 1) of everything else goes wrong in a passing way."""
        self._chance = (rng, share)

    def to(self, address: str) -> list[Letter]:
        """The letters to an address, in the order of their arrival."""
        return [letter for letter in self.letters if letter.address == address]

    async def send(self, outgoing: Outgoing) -> str:
        self.sends.append(outgoing)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if outgoing.address in self.held:
                await self.held[outgoing.address].wait()
            else:
                await asyncio.sleep(0)
            return self._take_in(outgoing)
        finally:
            self.under_way -= 1

    def _take_in(self, outgoing: Outgoing) -> str:
        trouble = self._next_trouble()
        if isinstance(trouble, BaseException):
            raise trouble
        if trouble is not None and not trouble.taken:
            raise trouble.error()
        letter = Letter(
            id=f"letter-{len(self.letters) + 1}",
            delivery=outgoing.id,
            address=outgoing.address,
            payload=outgoing.payload,
            moment=dt.datetime.now(tz=dt.UTC),
        )
        self.letters.append(letter)
        if trouble is not None:
            raise trouble.error()
        return letter.id

    def _next_trouble(self) -> Trouble | BaseException | None:
        if self._troubles:
            return self._troubles.popleft()
        if self._chance is not None and self._chance[0].random() < self._chance[1]:
            return self._chance[0].choice(PASSING)
        return None

    async def find(self, outgoing: Outgoing) -> str | None:
        """By address and content, as real providers must be asked; the oldest unknown one."""
        self.finds.append(outgoing)
        await asyncio.sleep(0)
        if self._find_troubles:
            if error := self._find_troubles.popleft():
                raise error
        elif self._chance is not None and self._chance[0].random() < self._chance[1]:
            raise self._chance[0].choice((TryLater("busy"), Unclear("lost"), OSError("fire")))
        found = (
            letter.id
            for letter in self.to(outgoing.address)
            if letter.payload == outgoing.payload
            and letter.id not in outgoing.known
            and letter.moment >= outgoing.first_tried
        )
        return next(found, None)


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


_Id = Annotated[str, Field(pattern=r"^[ -~]{1,80}$")]


class _LetterIn(_Strict):
    kind: Literal["letter"]
    id: _Id
    box: _Id
    text: str = ""
    choice: Annotated[str, Field(max_length=80)] | None = None
    title: str | None = None
    attachments: bool = False
    request: Literal["stop", "start", "help", "welcome"] | None = None
    answered: bool = False


class _StatusIn(_Strict):
    kind: Literal["status"]
    state: Literal["sent", "delivered", "read", "failed"]
    delivery: _Id | None = None
    letter: _Id | None = None
    error: str | None = None
    stopped: bool = False


class _ReadIn(_Strict):
    kind: Literal["read"]
    box: _Id
    until: AwareDatetime


_BODY: TypeAdapter[list[_LetterIn | _StatusIn | _ReadIn]] = TypeAdapter(
    list[Annotated[_LetterIn | _StatusIn | _ReadIn, Field(discriminator="kind")]]
)


class Paper:
    """The channel. Its requests are JSON, and their signature is a header."""

    name = "paper"
    capabilities = Capabilities(
        buttons=True,
        cards=False,
        max_length=_LONGEST,
        max_choices=5,
        max_title=30,
        typing=True,
        status_callbacks=True,
        typed_addresses=True,
    )

    def __init__(self, office: PostOffice | None = None) -> None:
        self.office = office or PostOffice()

    def router(self, access: Access) -> APIRouter:
        router = APIRouter()

        @router.post(PATH, status_code=204)
        async def receive(request: Request) -> Response:
            await webhooks.take(request, self, access)
            return Response(status_code=204)

        return router

    def verify(self, webhook: Webhook) -> None:
        for name, value in STAMP.items():
            if webhook.headers.get(name) != value:
                raise WrongSignature("no stamp")

    def parse(self, webhook: Webhook) -> Sequence[Event]:
        try:
            items = _BODY.validate_json(webhook.body)
        except ValidationError as error:
            raise MalformedWebhook(f"{error.error_count()} errors") from error
        return [self._event(item) for item in items]

    def _event(self, item: _LetterIn | _StatusIn | _ReadIn) -> Event:
        match item:
            case _LetterIn():
                return reception.Received(
                    channel=self.name,
                    address=item.box,
                    provider_message_id=item.id,
                    text=item.text,
                    choice=item.choice,
                    title=item.title,
                    attachments=item.attachments,
                    request=reception.Request(item.request) if item.request else None,
                    answered=item.answered,
                )
            case _StatusIn():
                return StatusReport(
                    channel=self.name,
                    state=DeliveryState(item.state),
                    status=item.state,
                    delivery_id=item.delivery,
                    provider_id=item.letter,
                    error=item.error,
                    stopped=item.stopped,
                )
            case _ReadIn():
                return ReadUntil(self.name, item.box, item.until)

    def address_of(self, text: str) -> str:
        if not text.strip():
            raise MessageRejected("number_empty")
        found = re.fullmatch(r"\s*(?:box\s*)?([0-9]{1,6})\s*", text, re.IGNORECASE)
        if found is None:
            raise MessageRejected("number_bad")
        return f"box {found[1]}"

    def render(self, rendered: Rendered, link: str | None) -> Sequence[Payload]:
        if rendered.neutral is not None:
            return [{"text": _lines([rendered.neutral], [], _link(rendered, link))}]
        plain = degrade(rendered, self.capabilities)
        numbered = plain.text[len(rendered.text) :].strip("\n").splitlines()
        text = _lines([rendered.text], numbered, [])
        if len(text) > _LONGEST:
            text = _lines(rendered.text.splitlines(), numbered, _link(rendered, link))
        payload: Payload = {"text": text}
        if plain.choices:
            payload["buttons"] = [
                {"title": choice.title, "choice": choice.choice} for choice in plain.choices
            ]
        return [payload]

    def offered(self, rendered: Rendered, payloads: Sequence[Payload]) -> int:
        return len(rendered.choices) if payloads and rendered.neutral is None else 0

    async def send(self, outgoing: Outgoing) -> str:
        return await self.office.send(outgoing)

    async def find(self, outgoing: Outgoing) -> str | None:
        return await self.office.find(outgoing)

    async def typing(self, address: str) -> None:
        self.office.typing.append(address)

    async def close(self) -> None:
        self.office.closed = True


def _link(rendered: Rendered, link: str | None) -> list[str]:
    return [f"{rendered.more} {link}"] if link is not None else []


def _lines(text: Iterable[str], numbered: Sequence[str], link: Sequence[str]) -> str:
    """The text's lines as far as there is room, then everything else."""
    head = list(text)
    while len(head) > 1 and len("\n".join([*head, *numbered, *link])) > _LONGEST:
        head.pop()
    return "\n".join([*head, *numbered, *link])
