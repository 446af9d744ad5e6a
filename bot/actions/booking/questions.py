"""The question of each step, as data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from booking.models import Kind
from booking.plan import Plan
from bot.actions.booking import place as places
from bot.actions.booking import receipt
from bot.actions.booking import time as timing
from bot.actions.booking.answers import EMAIL, SMS
from bot.actions.booking.draft import Draft, Mode, Offer, Step
from bot.actions.booking.services import ServiceReader
from bot.actions.booking.wish import Wish
from conversations.models import Reply
from knowledge.catalogue import Catalogue

STOP = "book:stop"
_MAX_LANGUAGES = 6


class Questions:
    """Asks what is pending."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        services: ServiceReader,
        plan: Callable[[], Awaitable[Plan]],
    ) -> None:
        self._catalogue = catalogue
        self._services = services
        self._plan = plan

    async def ask(self, draft: Draft) -> Reply:
        """The question, with the service that it is about: "what must I bring?" means this one."""
        reply = await self._question(draft)
        known = self._catalogue().services.get(draft.services[0]) if draft.services else None
        # A phone on a table shows a message to everybody: such a service is not even named there.
        if known is None or known.facts.sensitive or reply.service is not None:
            return reply
        return replace(reply, service=known.id)

    async def _question(self, draft: Draft) -> Reply:
        step = draft.pending
        supply = (await self._plan()).supply
        if step is Step.services:
            codes = tuple(f"book:service:{item}" for item in draft.maybe)
            return Reply("candidates" if codes else "booking_ask_services", choices=(*codes, STOP))
        if step is Step.channel:
            service = next(item for item in draft.services if self._services.online(item))
            online = {"url": self._services.online(service)}
            return Reply(
                "booking_ask_channel", online, service=service, choices=("book:go_on", STOP)
            )
        if step is Step.place:
            return await self._ask_place(draft)
        if step is Step.language:
            plan = await self._plan()
            where = places.Where(draft.places, Kind(draft.kind) if draft.kind else None)
            spoken = places.languages(plan, draft.wishes, where)[:_MAX_LANGUAGES]
            codes = tuple(f"book:language:{code}" for code in spoken)
            return Reply("booking_ask_language", choices=(*codes, "book:language:any"))
        if step is Step.time:
            return self._ask_time(draft)
        if step is Step.name:
            return Reply(
                "booking_ask_name", {"when": {"at": draft.chosen.at}} if draft.chosen else {}
            )
        if step is Step.contact:
            return Reply("booking_ask_contact", choices=("book:here", STOP))
        offer = draft.chosen or Offer("", "")
        values: dict[str, object] = {
            "when": {"at": offer.at},
            "visits": receipt.visits(draft.wishes),
        }
        if offer.place in supply.places:
            values["visit_place"] = receipt.visit_place(supply.places[offer.place])
        if draft.mode is Mode.cancel:
            return Reply("booking_confirm_cancel", values, choices=("book:yes", STOP))
        if draft.mode is Mode.move:
            return Reply("booking_confirm_move", values, choices=("book:yes", "book:other", STOP))
        here = draft.channel not in (EMAIL, SMS)
        values |= {"name": draft.name, "reached": None if here else draft.address}
        choices = ("book:yes", "book:yes_summary", "book:other", STOP)
        return Reply("booking_confirm", values, choices=choices)

    async def _ask_place(self, draft: Draft) -> Reply:
        can = places.able(await self._plan(), draft.wishes)
        kinds = {place.kind for place in can}
        codes = [f"book:kind:{kind}" for kind in (Kind.phone, Kind.video) if kind in kinds]
        if Kind.in_person in kinds:
            codes.insert(0, "book:any")
            return Reply("booking_ask_place", choices=(*codes, STOP))
        return Reply("booking_ask_kind", choices=(*codes, STOP))

    @staticmethod
    def _ask_time(draft: Draft) -> Reply:
        if not draft.offered:
            return Reply("booking_ask_day", choices=("book:any", STOP))
        named = len({offer.place for offer in draft.offered}) > 1
        codes = [timing.code(offer, named=named) for offer in draft.offered]
        values: dict[str, object] = {"booked_place": "" if named else draft.offered[0].place}
        wish = draft.wish
        key = "booking_times"
        if wish != Wish():
            key = "booking_times_wish"
            values["wish"] = draft.data()["wish"]
        return Reply(
            key, values, choices=(*codes, "book:earlier", "book:later", "book:other_day", STOP)
        )
