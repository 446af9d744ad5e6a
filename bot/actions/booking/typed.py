"""What the citizen typed while a booking is open."""

from __future__ import annotations

from dataclasses import replace

from bot.actions.base import Heard
from bot.actions.booking import time as timing
from bot.actions.booking.answers import EMAIL, SMS, email, looks_like_phone, phone
from bot.actions.booking.calendar import Outcome
from bot.actions.booking.draft import ANY_LANGUAGE, Draft, Mode, Step
from bot.actions.booking.ears import OF_TIME, SURE, Ears
from bot.actions.booking.endings import Endings
from bot.actions.booking.facts import Facts
from bot.actions.booking.keeping import Keeper
from bot.actions.booking.steps import Steps
from bot.actions.booking.wish import Said, Wish
from conversations.models import Reply

_PLACES = frozenset({"postal_code", "district", "place"})
"""Entities that say where."""
_PLACED = frozenset({Step.place, Step.language, Step.time, Step.confirm})
"""Steps at which another place may be named in passing."""


class Typed:
    """An answer, a correction, or neither."""

    def __init__(
        self, ears: Ears, keeper: Keeper, steps: Steps, endings: Endings, facts: Facts
    ) -> None:
        self._ears = ears
        self._keeper = keeper
        self._steps = steps
        self._endings = endings
        self._facts = facts

    async def hear(self, heard: Heard, draft: Draft) -> Outcome | None:
        """On with it; None if it is about something else."""
        text, step = heard.text, draft.pending
        # A name sounds like anything to a classifier, and a stop is in the words.
        heard_stop = heard.intent == "cancel" and heard.confidence >= SURE
        if self._ears.any(heard, lambda words: words.stop(text)) or (
            heard_stop and step is not Step.name
        ):
            return await self._endings.stop(heard, draft)
        address, number = email(text), phone(text)
        reaching = step in (Step.name, Step.contact, Step.confirm) and draft.mode is Mode.book
        if reaching and (address or number):
            # Nothing to understand: an address sounds like anything to a classifier.
            channel = EMAIL if address else SMS
            reached = replace(draft, channel=channel, address=address or number)
            return await self._steps.next(heard, reached)
        said = self._ears.said(heard)
        yes = self._ears.any(heard, lambda words: words.yes(text))
        answered = said and (heard.intent in OF_TIME or not text.rstrip().endswith("?"))
        answered = answered or (step is Step.place and bool(heard.entities.keys() & _PLACES))
        if self._ears.is_question(heard, step) and not answered and not yes:
            return None
        yes = yes or heard.intent == "affirm"
        no = self._ears.any(heard, lambda words: words.no(text))
        if step is Step.confirm:
            if yes and not said:
                return await self._endings.confirm(heard, draft, share=False)
            if no and not said and len(text.split()) <= 2:
                return await self._endings.decline(heard, draft)
        if step is Step.channel and yes:
            return await self._steps.next(heard, replace(draft, online_known=True))
        if step is Step.channel and no:
            return await self._endings.stop(heard, draft)
        if step is Step.services:
            found = await self._facts.services(heard, draft, none_is_question=True)
            if found is not None:
                return found
        if said.problem is not None:
            return await self._steps.next(heard, draft, [Reply(said.problem.value)])
        if draft.mode is not Mode.cancel and (said.wish is not None or said.move is not None):
            changed = await self._about_time(heard, draft, said)
            if changed is not None:
                return changed
        return await self._answered(heard, draft)

    async def _answered(self, heard: Heard, draft: Draft) -> Outcome | None:
        """An answer to the question of the step, or a correction of an earlier one."""
        text, step = heard.text, draft.pending
        words = self._ears.words(heard)
        if draft.mode is Mode.book:
            persons = words.persons(text)
            if persons is not None and persons != draft.persons:
                return await self._steps.again(heard, replace(draft, persons=persons))
            if step in _PLACED or heard.entities.keys() & _PLACES:
                plan = await self._keeper.plan()
                moved, notices = await self._facts.place(heard, draft, plan)
                if moved is not None:
                    return await self._steps.again(heard, moved, notices)
                if notices:
                    return await self._steps.next(heard, draft, notices)
            if step is Step.language and (found := self._ears.language(heard)):
                return await self._steps.next(heard, replace(draft, language=found))
            if step is Step.language and self._ears.any(heard, lambda item: item.anywhere(text)):
                return await self._steps.next(heard, replace(draft, language=ANY_LANGUAGE))
            if heard.intent in ("correct", "deny", "booking") or words.adds(text) or words.no(text):
                found_services = await self._facts.services(heard, draft)
                if found_services is not None:
                    return found_services
            if step is Step.contact:
                if self._ears.any(heard, lambda item: item.here(text)):
                    return await self._steps.here(heard, draft)
                if looks_like_phone(text):
                    return await self._steps.next(heard, draft, [Reply("number_bad")])
                return (
                    None
                    if self._ears.is_question(heard)
                    else await self._steps.next(heard, draft, [Reply("booking_contact_bad")])
                )
            if step is Step.name and not text.rstrip().endswith("?"):
                name = words.name(text)
                if name is not None:
                    return await self._steps.next(heard, replace(draft, name=name))
                return await self._steps.next(heard, draft, [Reply("booking_name_bad")])
        if step is Step.time:
            picked = self._ears.ordinal(heard, draft)
            if picked is not None:
                return await self._steps.hold(heard, draft, picked)
        return None

    async def _about_time(self, heard: Heard, draft: Draft, said: Said) -> Outcome | None:
        step = draft.pending
        if said.move is not None:
            if step in (Step.time, Step.confirm) and draft.offered:
                return await self._steps.other_times(heard, draft, said.move)
            return None
        wish = said.wish or Wish()
        if step in (Step.name, Step.contact) and looks_like_phone(heard.text):
            return None
        if step is Step.time and (offer := timing.picked(wish, draft.offered)) is not None:
            return await self._steps.hold(heard, draft, offer)
        return await self._steps.again(heard, replace(draft, wish=draft.wish.amended(wish)))
