"""What a message says beside the answer: for what, where, when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from booking.errors import NotOffered
from booking.models import Kind
from booking.plan import Plan
from bot.actions.base import Heard
from bot.actions.booking import place as places
from bot.actions.booking.calendar import Outcome
from bot.actions.booking.draft import Draft, Step
from bot.actions.booking.ears import Ears
from bot.actions.booking.endings import Endings
from bot.actions.booking.keeping import Keeper
from bot.actions.booking.refusals import refusal
from bot.actions.booking.services import ServiceReader
from bot.actions.booking.steps import Steps
from bot.actions.booking.wish import Said
from conversations.models import Reply
from knowledge.catalogue import Catalogue


class Facts:
    """Puts them into the draft."""

    def __init__(
        self,
        *,
        catalogue: Callable[[], Catalogue],
        reader: ServiceReader,
        ears: Ears,
        keeper: Keeper,
        steps: Steps,
        endings: Endings,
    ) -> None:
        self._catalogue = catalogue
        self._services = reader
        self._ears = ears
        self._keeper = keeper
        self._steps = steps
        self._endings = endings

    async def place(
        self, heard: Heard, draft: Draft, plan: Plan, *, asked: bool = True
    ) -> tuple[Draft | None, list[Reply]]:
        """The draft with another place, and what has to be said about it; None: none was named."""
        words = self._ears.words(heard)
        catalogue = self._catalogue()
        can = places.able(plan, draft.wishes)
        kind = words.kind(heard.text)
        if kind in (Kind.phone, Kind.video):
            if not any(place.kind == kind for place in can):
                return None, [refusal(NotOffered("kind", kind), **places.instead(can))]
            return replace(draft, places=(), kind=kind, anywhere=False), []
        named = heard.entities.get("place")
        if named is not None:
            if named in {place.id for place in can}:
                return replace(draft, places=(named,), kind=None, anywhere=False), []
            known = catalogue.places.get(named)
            name = known.name if known is not None else named
            refused = refusal(NotOffered("place", named), name=name, **places.instead(can))
            return None, [refused]
        area = places.area_in(catalogue, dict(heard.entities))
        if area is not None:
            if area.municipality is not None:
                values = {"code": area.postal_code, "municipality": area.municipality}
                return None, [Reply("district_elsewhere", values)]
            near = places.nearest(catalogue, area, can)
            if not near:
                return None, [refusal(NotOffered("kind", "in_person"), **places.instead(can))]
            return replace(draft, places=near, kind=None, anywhere=False), []
        if asked and draft.pending is Step.place and words.anywhere(heard.text):
            return replace(draft, places=(), kind=None, anywhere=True), []
        if asked and draft.pending is Step.place and "postal_code" in heard.entities:
            return None, [Reply("area_unknown")]
        return None, []

    async def services(
        self, heard: Heard, draft: Draft, *, none_is_question: bool = False
    ) -> Outcome | None:
        """On with the services that the message names; None if it names none.

        ``none_is_question``: it was asked for them.
        """
        plan = await self._keeper.plan()
        words = self._ears.words(heard)
        meant = self._services.read(heard, words, plan.supply)
        if not meant.bookable:
            if none_is_question and meant.other is not None:
                # Something that is not booked here: told where, and the booking ends.
                named = Reply("booking_elsewhere", service=meant.other, choices=("human",))
                return await self._endings.stop(heard, draft, named)
            if none_is_question and meant.maybe and not self._ears.is_question(heard):
                return await self._steps.next(heard, replace(draft, maybe=meant.maybe))
            return None
        both = (*draft.services, *meant.bookable) if words.adds(heard.text) else meant.bookable
        services = tuple(dict.fromkeys(both))
        if services == draft.services:
            return None
        persons = words.persons(heard.text) or draft.persons
        changed = replace(draft, services=services, persons=persons, online_known=False)
        changed, notices = await self.also(heard, changed, plan)
        return await self._steps.again(heard, changed, notices)

    async def also(self, heard: Heard, draft: Draft, plan: Plan) -> tuple[Draft, list[Reply]]:
        """What else a message says beside what it is for: where and when."""
        notices: list[Reply] = []
        if draft.services and heard.entities.get("choice") is None:
            moved, notices = await self.place(heard, draft, plan, asked=False)
            draft = moved or draft
        said = self._ears.said(heard) if heard.entities.get("choice") is None else Said()
        if said.problem is not None:
            notices.append(Reply(said.problem.value))
        elif said.wish is not None:
            draft = replace(draft, wish=draft.wish.amended(said.wish))
        return draft, notices
