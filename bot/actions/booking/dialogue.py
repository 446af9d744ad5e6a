"""The booking dialogue: hears a message, changes the draft, asks the next question.

One message is one transaction: the draft, the hold or appointment, and the answer are stored
together. What Rasa says about a message only decides whether it answers the question at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from booking.appointments import Appointments
from booking.clock import Clock
from booking.drafts import Drafts
from booking.errors import (
    BookingError,
    HoldExpired,
    IllegalTransition,
    NotFound,
    NotOffered,
    Taken,
    TooMany,
    Unbookable,
)
from booking.models import Appointment, Contact, HoldRequest, Kind
from booking.plan import Plan
from booking.short_links import ShortLinks
from booking.states import State
from booking.supply import Place
from booking.supply_store import SupplyStore
from booking.times import Times
from booking.visits import visit_grains
from bot.actions.base import Heard
from bot.actions.booking import place as places
from bot.actions.booking import receipt
from bot.actions.booking import time as timing
from bot.actions.booking.answers import EMAIL, SMS, Answers, email, looks_like_phone, phone
from bot.actions.booking.dates import DateReader, Move, Said, Wish
from bot.actions.booking.draft import ANY_LANGUAGE, Draft, Mode, Offer, Step
from bot.actions.booking.offering import offer
from bot.actions.booking.questions import Questions
from bot.actions.booking.refusals import refusal
from bot.actions.booking.services import ServiceReader
from conversations.models import Reply
from knowledge.catalogue import Catalogue

log = structlog.get_logger(__name__)

QUESTIONS = frozenset(
    {
        "ask_cost", "ask_documents", "ask_deadline", "ask_eligibility", "ask_how", "ask_authority",
        "ask_status", "ask_complain", "ask_online", "ask_time", "ask_where", "human",
        "who_are_you", "privacy", "feedback_positive", "feedback_negative", "thanks", "greet",
        "bye", "switch_language", "simpler", "which_district",
    }
)  # fmt: skip
"""Intents that are no answer to a question of ours, unless the words say otherwise."""
_OF_TIME = frozenset({"ask_time", "ask_where", "ask_deadline"})
"""Those that "is there anything on Tuesday?" may be taken for."""
_QUESTION = 0.45
"""Probability from which such an intent is believed."""
_NO_NAME = 0.7
"""The same where a name is awaited: names sound like anything."""
PREFIX = "book:"
START = "book:start"
"""Begins a booking from a button, for the service under discussion."""
_FOR = ("book:service:", "book:for:")
"""The same, for the service that follows: out of a few, or from an answer about it."""
_MAX_PLACES = 6
_PLACES = frozenset({"postal_code", "district", "place"})
"""Entities that say where."""
_PLACED = frozenset({Step.place, Step.language, Step.time, Step.confirm})
"""Steps at which another place may be named in passing."""


@dataclass(frozen=True)
class Outcome:
    """What to say, and what is open then; ``draft`` None: nothing."""

    replies: tuple[Reply, ...]
    draft: Draft | None


Summarise = Callable[[str], Awaitable[str]]
"""A few lines on what was said in a conversation, for the caseworker."""


@dataclass(frozen=True)
class Calendar:
    """The parts of the booking core that the dialogue uses."""

    supply: SupplyStore
    times: Times
    appointments: Appointments
    drafts: Drafts
    links: ShortLinks
    clock: Clock


class Dialogue:
    """Decides. It knows neither Rasa nor any wording."""

    def __init__(
        self,
        calendar: Calendar,
        catalogue: Callable[[], Catalogue],
        services: ServiceReader,
        summarise: Summarise,
        languages: tuple[str, ...],
    ) -> None:
        self._calendar = calendar
        self._catalogue = catalogue
        self._services = services
        self._summarise = summarise
        self._answers: Mapping[str, Answers] = {code: Answers(code) for code in languages}
        self._dates: Mapping[str, DateReader] = {code: DateReader(code) for code in languages}
        self._languages = languages
        self._questions = Questions(catalogue, services, self._plan)

    # --- what Rasa's actions call

    async def begin(self, heard: Heard) -> Outcome | None:
        """A booking from its first message; None if our calendar has nothing to do with it."""
        heard_before = await self._heard_before(heard)
        if heard_before is not None:
            return heard_before
        plan = await self._plan()
        if not plan.supply.places:
            return None
        code = heard.entities.get("choice", "")
        if heard.intent in ("booking_move", "booking_cancel") or code.startswith(
            ("book:move", "book:cancel")
        ):
            wanted = "cancel" in (code or heard.intent)
            return await self._change(heard, Mode.cancel if wanted else Mode.move)
        if code and code != START and not code.startswith(_FOR):
            # A button of a booking that is over.
            return await self._settle(heard, None, (Reply("booking_gone"),))
        draft = Draft()
        services: tuple[str, ...] = ()
        other: str | None = None
        if not code:
            meant = self._services.read(heard, self._words(heard), plan.supply)
            services, other = meant.bookable, meant.other
        elif code != START:
            services = (code.rpartition(":")[2],)
        current = heard.context.service
        if not services and other is None and current is not None:
            if current not in plan.supply.services:
                return None
            services = (current,)
        if not services and other is not None:
            return None
        services = tuple(item for item in services if item in plan.supply.services)
        persons = 1 if code else self._words(heard).persons(heard.text) or 1
        draft = replace(draft, services=services, persons=persons)
        draft, notices = await self._facts(heard, draft, plan)
        return await self._next(heard, draft, notices)

    async def hear(self, heard: Heard) -> Outcome | None:
        """The citizen's message while a booking is open; None if it is about something else."""
        heard_before = await self._heard_before(heard)
        if heard_before is not None:
            return heard_before
        draft = await self.draft(heard.conversation_id)
        code = heard.entities.get("choice", "")
        if draft is None:
            return Outcome((Reply("booking_gone"),), None) if code.startswith(PREFIX) else None
        if code.startswith(PREFIX):
            return await self._chosen(heard, draft, code)
        if code:
            return None
        return await self._typed(heard, draft)

    async def draft(self, conversation_id: str) -> Draft | None:
        """The open booking of a conversation."""
        kept = await self._calendar.drafts.find(conversation_id)
        return Draft.of(kept.state) if kept is not None and kept.state is not None else None

    async def question(self, conversation_id: str) -> Reply | None:
        """What the citizen is being asked."""
        draft = await self.draft(conversation_id)
        return await self._questions.ask(draft) if draft is not None else None

    # --- hearing

    async def _heard_before(self, heard: Heard) -> Outcome | None:
        kept = await self._calendar.drafts.find(heard.conversation_id)
        if kept is None or not heard.context.message_id:
            return None
        if kept.message_id != heard.context.message_id:
            return None
        # All that was decided on this message is stored; what is asked next follows from it.
        return Outcome((), Draft.of(kept.state) if kept.state is not None else None)

    def _words(self, heard: Heard) -> Answers:
        return self._answers.get(heard.context.language) or self._answers[self._languages[0]]

    def _any(self, heard: Heard, ask: Callable[[Answers], bool]) -> bool:
        """Whether the answer is one in the citizen's language, or in any other of ours."""
        return ask(self._words(heard)) or any(ask(words) for words in self._answers.values())

    def _said(self, heard: Heard) -> Said:
        today = self._calendar.clock().astimezone(timing.ZONE).date()
        codes = dict.fromkeys((heard.context.language, *self._languages))
        for code in codes:
            if code in self._dates and (said := self._dates[code].read(heard.text, today)):
                return said
        return Said()

    def _is_question(self, heard: Heard, step: Step | None = None) -> bool:
        sure = _NO_NAME if step is Step.name and "?" not in heard.text else _QUESTION
        return heard.intent in QUESTIONS and heard.confidence >= sure

    async def _typed(self, heard: Heard, draft: Draft) -> Outcome | None:
        text, step = heard.text, draft.pending
        if self._any(heard, lambda words: words.stop(text)) or (
            heard.intent == "cancel" and heard.confidence >= _QUESTION
        ):
            return await self._stop(heard, draft)
        address, number = email(text), phone(text)
        reaching = step in (Step.name, Step.contact, Step.confirm) and draft.mode is Mode.book
        if reaching and (address or number):
            # Nothing to understand: an address sounds like anything to a classifier.
            channel = EMAIL if address else SMS
            reached = replace(draft, channel=channel, address=address or number)
            return await self._next(heard, reached)
        said = self._said(heard)
        if self._is_question(heard, step) and not (
            said and (heard.intent in _OF_TIME or not text.rstrip().endswith("?"))
        ):
            return None
        yes = self._any(heard, lambda words: words.yes(text)) or heard.intent == "affirm"
        no = self._any(heard, lambda words: words.no(text))
        if step is Step.confirm:
            if yes and not said:
                return await self._confirm(heard, draft, share=False)
            if no and not said and len(text.split()) <= 2:
                return await self._decline(heard, draft)
        if step is Step.channel and yes:
            return await self._next(heard, replace(draft, online_known=True))
        if step is Step.channel and no:
            return await self._stop(heard, draft)
        if step is Step.services:
            found = await self._named_services(heard, draft, none_is_question=True)
            if found is not None:
                return found
        if said.problem is not None:
            return await self._next(heard, draft, [Reply(said.problem.value)])
        if draft.mode is not Mode.cancel and (said.wish is not None or said.move is not None):
            changed = await self._about_time(heard, draft, said)
            if changed is not None:
                return changed
        return await self._answered(heard, draft)

    async def _answered(self, heard: Heard, draft: Draft) -> Outcome | None:
        """An answer to the question of the step, or a correction of an earlier one."""
        text, step = heard.text, draft.pending
        words = self._words(heard)
        if draft.mode is Mode.book:
            persons = words.persons(text)
            if persons is not None and persons != draft.persons:
                return await self._again(heard, replace(draft, persons=persons))
            if step in _PLACED or heard.entities.keys() & _PLACES:
                plan = await self._plan()
                moved, notices = await self._place(heard, draft, plan)
                if moved is not None:
                    return await self._again(heard, moved, notices)
                if notices:
                    return await self._next(heard, draft, notices)
            if step is Step.language and (found := await self._language(heard, draft)):
                return await self._next(heard, replace(draft, language=found))
            if step is Step.language and self._any(heard, lambda item: item.anywhere(text)):
                return await self._next(heard, replace(draft, language=ANY_LANGUAGE))
            if heard.intent in ("correct", "deny", "booking") or words.adds(text) or words.no(text):
                found_services = await self._named_services(heard, draft)
                if found_services is not None:
                    return found_services
            if step is Step.contact:
                if self._any(heard, lambda item: item.here(text)):
                    return await self._here(heard, draft)
                if looks_like_phone(text):
                    return await self._next(heard, draft, [Reply("number_bad")])
                return (
                    None
                    if self._is_question(heard)
                    else await self._next(heard, draft, [Reply("booking_contact_bad")])
                )
            if step is Step.name and not text.rstrip().endswith("?"):
                name = words.name(text)
                if name is not None:
                    return await self._next(heard, replace(draft, name=name))
                return await self._next(heard, draft, [Reply("booking_name_bad")])
        if step is Step.time:
            picked = self._ordinal(heard, draft)
            if picked is not None:
                return await self._hold(heard, draft, picked)
        return None

    async def _chosen(self, heard: Heard, draft: Draft, code: str) -> Outcome:
        kind, _, rest = code.removeprefix(PREFIX).partition(":")
        if kind == "stop":
            return await self._stop(heard, draft)
        if code == START:
            return await self._next(heard, draft)
        if kind in ("at", "there") and draft.services and draft.mode is not Mode.cancel:
            offer = timing.offer_of(rest)
            known = (await self._plan()).supply.places
            if offer is not None and offer.place in known:
                return await self._hold(heard, draft, offer)
        if kind in ("earlier", "later", "other_day") and draft.offered:
            return await self._other_times(heard, draft, Move(kind))
        if kind == "go_on":
            return await self._next(heard, replace(draft, online_known=True))
        if kind == "any":
            return await self._again(heard, replace(draft, places=(), kind=None, anywhere=True))
        if kind == "kind" and rest in (Kind.phone, Kind.video):
            return await self._again(heard, replace(draft, places=(), kind=rest, anywhere=False))
        if kind == "place":
            return await self._again(heard, replace(draft, places=(rest,), kind=None))
        if kind == "language":
            language = ANY_LANGUAGE if rest == "any" else rest
            return await self._again(heard, replace(draft, language=language))
        if kind == "for" or (kind == "service" and not draft.services):
            supply = (await self._plan()).supply
            if rest in supply.services and draft.mode is Mode.book:
                known = draft.online_known and draft.services == (rest,)
                again = replace(draft, services=(rest,), online_known=known)
                return await self._again(heard, again)
        if kind == "here" and draft.pending is Step.contact:
            return await self._here(heard, draft)
        if kind in ("yes", "yes_summary") and draft.pending is Step.confirm:
            return await self._confirm(heard, draft, share=kind == "yes_summary")
        if kind == "other" and draft.pending is Step.confirm:
            return await self._decline(heard, draft)
        if kind in ("move", "cancel"):
            changed = await self._change(heard, Mode(kind))
            if changed is not None:
                return changed
        return await self._next(heard, draft, [Reply("booking_choice_gone")])

    # --- the steps

    async def _named_services(
        self, heard: Heard, draft: Draft, *, none_is_question: bool = False
    ) -> Outcome | None:
        plan = await self._plan()
        words = self._words(heard)
        meant = self._services.read(heard, words, plan.supply)
        if not meant.bookable:
            if none_is_question and meant.other is not None:
                # Something that is not booked here: told where, and the booking ends.
                named = Reply("booking_elsewhere", service=meant.other, choices=("human",))
                return await self._stop(heard, draft, named)
            if none_is_question and meant.maybe and not self._is_question(heard):
                return await self._next(heard, replace(draft, maybe=meant.maybe))
            return None
        both = (*draft.services, *meant.bookable) if words.adds(heard.text) else meant.bookable
        services = tuple(dict.fromkeys(both))
        if services == draft.services:
            return None
        persons = words.persons(heard.text) or draft.persons
        changed = replace(draft, services=services, persons=persons, online_known=False)
        changed, notices = await self._facts(heard, changed, plan)
        return await self._again(heard, changed, notices)

    async def _facts(self, heard: Heard, draft: Draft, plan: Plan) -> tuple[Draft, list[Reply]]:
        """What else a message says beside what it is for: where and when."""
        notices: list[Reply] = []
        if draft.services and heard.entities.get("choice") is None:
            moved, notices = await self._place(heard, draft, plan, asked=False)
            draft = moved or draft
        said = self._said(heard) if heard.entities.get("choice") is None else Said()
        if said.problem is not None:
            notices.append(Reply(said.problem.value))
        elif said.wish is not None:
            draft = replace(draft, wish=draft.wish.amended(said.wish))
        return draft, notices

    async def _place(
        self, heard: Heard, draft: Draft, plan: Plan, *, asked: bool = True
    ) -> tuple[Draft | None, list[Reply]]:
        """The draft with another place, and what has to be said about it; None: none was named."""
        words = self._words(heard)
        catalogue = self._catalogue()
        can = places.able(plan, draft.wishes)
        kind = words.kind(heard.text)
        if kind in (Kind.phone, Kind.video):
            if not any(place.kind == kind for place in can):
                return None, [refusal(NotOffered("kind", kind), **self._instead(can))]
            return replace(draft, places=(), kind=kind, anywhere=False), []
        named = heard.entities.get("place")
        if named is not None:
            if named in {place.id for place in can}:
                return replace(draft, places=(named,), kind=None, anywhere=False), []
            known = catalogue.places.get(named)
            name = known.name if known is not None else named
            refused = refusal(NotOffered("place", named), name=name, **self._instead(can))
            return None, [refused]
        area = places.area_in(catalogue, dict(heard.entities))
        if area is not None:
            if area.municipality is not None:
                values = {"code": area.postal_code, "municipality": area.municipality}
                return None, [Reply("district_elsewhere", values)]
            near = places.nearest(catalogue, area, can)
            if not near:
                return None, [refusal(NotOffered("kind", "in_person"), **self._instead(can))]
            return replace(draft, places=near, kind=None, anywhere=False), []
        if asked and draft.pending is Step.place and words.anywhere(heard.text):
            return replace(draft, places=(), kind=None, anywhere=True), []
        if asked and draft.pending is Step.place and "postal_code" in heard.entities:
            return None, [Reply("area_unknown")]
        return None, []

    @staticmethod
    def _instead(can: list[Place]) -> dict[str, list[str]]:
        return {"booked_places": [place.id for place in can[:_MAX_PLACES]]}

    async def _language(self, heard: Heard, draft: Draft) -> str | None:
        if self._any(heard, lambda words: words.sign_language(heard.text)):
            return "dsl"
        return heard.entities.get("language")

    def _ordinal(self, heard: Heard, draft: Draft) -> Offer | None:
        ordinal = heard.entities.get("ordinal")
        if ordinal is None or not draft.offered:
            return None
        if ordinal == "last":
            return draft.offered[-1]
        index = int(ordinal) - 1
        return draft.offered[index] if index < len(draft.offered) else None

    async def _here(self, heard: Heard, draft: Draft) -> Outcome:
        channel, address = heard.context.channel, heard.context.address
        reached = replace(draft, channel=channel, address=address or heard.conversation_id)
        return await self._next(heard, reached)

    async def _about_time(self, heard: Heard, draft: Draft, said: Said) -> Outcome | None:
        step = draft.pending
        if said.move is not None:
            if step in (Step.time, Step.confirm) and draft.offered:
                return await self._other_times(heard, draft, said.move)
            return None
        wish = said.wish or Wish()
        if step in (Step.name, Step.contact) and looks_like_phone(heard.text):
            return None
        if step is Step.time and (offer := timing.picked(wish, draft.offered)) is not None:
            return await self._hold(heard, draft, offer)
        return await self._again(heard, replace(draft, wish=draft.wish.amended(wish)))

    async def _again(
        self, heard: Heard, draft: Draft, notices: list[Reply] | None = None
    ) -> Outcome:
        """On from a draft of which something has changed that the time depends on."""
        unsettled = replace(draft, offered=(), chosen=None)
        return await self._next(heard, unsettled, notices)

    async def _next(
        self,
        heard: Heard,
        draft: Draft,
        notices: list[Reply] | None = None,
    ) -> Outcome:
        """Fill in what needs no question, and store the draft with the question that does."""
        said = list(notices or ())
        draft, more = await self._fill(draft)
        said += more
        if draft.pending is Step.confirm and draft.chosen is not None and draft.mode is Mode.book:
            # What is offered for confirmation is held from now on.
            return await self._hold(heard, draft, draft.chosen, tuple(said))
        return await self._settle(heard, draft, tuple(said))

    async def _fill(self, draft: Draft) -> tuple[Draft, list[Reply]]:
        said: list[Reply] = []
        plan = await self._plan()
        if draft.mode is Mode.cancel:
            return draft, said
        if draft.services:
            try:
                can = [place for place, _ in plan.candidates(draft.wishes)]
                visit_grains(plan.supply, draft.wishes)
            except NotOffered as error:
                return replace(draft, services=()), [refusal(error)]
            except TooMany as error:
                return replace(draft, services=(), persons=1), [refusal(error)]
        else:
            return draft, said
        if not draft.online_known and not any(map(self._services.online, draft.services)):
            draft = replace(draft, online_known=True)
        if not draft.placed and len(can) == 1:
            draft = replace(draft, places=(can[0].id,))
        if draft.placed and draft.online_known:
            draft, more = self._spoken(draft, plan)
            said += more
        if draft.pending is Step.time and not draft.offered:
            draft, more = await offer(self._calendar.times, draft)
            said += more
        return draft, said

    def _spoken(self, draft: Draft, plan: Plan) -> tuple[Draft, list[Reply]]:
        kind = Kind(draft.kind) if draft.kind else None
        where = places.Where(draft.places, kind)
        try:
            spoken = places.languages(plan, draft.wishes, where)
        except NotOffered:
            can = places.able(plan, draft.wishes)
            instead = Reply("booking.not_offered_there", self._instead(can))
            return replace(draft, places=(), kind=None, anywhere=False), [instead]
        if draft.language is None and len(spoken) == 1:
            return replace(draft, language=spoken[0]), []
        if draft.language not in (None, ANY_LANGUAGE, *spoken):
            refused = refusal(NotOffered("language", str(draft.language)))
            return replace(draft, language=None), [refused]
        return draft, []

    async def _other_times(self, heard: Heard, draft: Draft, move: Move) -> Outcome:
        first, last = draft.offered[0], draft.offered[-1]
        hours = Wish(from_time=draft.wish.from_time, until_time=draft.wish.until_time)
        if move is Move.earlier:
            query = timing.query(draft, hours, before=first.moment)
        elif move is Move.later:
            query = timing.query(draft, hours, after=last.moment)
        else:
            day = timing.local(last).date() + dt.timedelta(days=1)
            query = timing.query(draft, replace(hours, first=day))
        try:
            found = await self._calendar.times.find_times(query)
        except Unbookable:
            found = []
        if not found:
            return await self._settle(heard, draft, (Reply(f"booking_no_{move}"),))
        changed = replace(draft, wish=hours, offered=timing.offers(found), chosen=None)
        return await self._settle(heard, changed, ())

    # --- what changes the calendar

    async def _hold(
        self, heard: Heard, draft: Draft, offer: Offer, notices: tuple[Reply, ...] = ()
    ) -> Outcome:
        request = HoldRequest(
            offer.place,
            offer.moment,
            draft.wishes,
            None if draft.language == ANY_LANGUAGE else draft.language,
            heard.conversation_id or None,
            draft.hold,
        )
        calendar = self._calendar
        try:
            async with calendar.drafts.sessions.write() as session:
                held = await self._held(request, session)
                changed = replace(draft, chosen=offer, hold=held.id)
                return await self._settle(heard, changed, notices, session)
        except (Taken, Unbookable) as error:
            return await self._gone(heard, draft, offer, error)

    async def _held(self, request: HoldRequest, session: AsyncSession) -> Appointment:
        try:
            return await self._calendar.appointments.hold(request, session=session)
        except (NotFound, IllegalTransition):
            # The hold to let go has lapsed, or became something else.
            return await self._calendar.appointments.hold(
                replace(request, instead_of=None), session=session
            )

    async def _gone(self, heard: Heard, draft: Draft, offer: Offer, error: BookingError) -> Outcome:
        """The time is not to be had any more: sorry, and the next three."""
        said = [refusal(error)] if isinstance(error, Unbookable) else [Reply(error.reply)]
        draft = replace(draft, chosen=None, hold=None)
        try:
            query = timing.query(draft, Wish(), after=offer.moment)
            found = await self._calendar.times.find_times(query)
        except Unbookable:
            found = []
        if found:
            return await self._settle(
                heard, replace(draft, offered=timing.offers(found)), tuple(said)
            )
        return await self._again(heard, draft, said)

    async def _decline(self, heard: Heard, draft: Draft) -> Outcome:
        """No to what was offered for confirmation."""
        if draft.mode is Mode.cancel:
            return await self._settle(heard, None, (Reply("booking_kept"),))
        async with self._calendar.drafts.sessions.write() as session:
            await self._let_go(draft, session)
            changed = replace(draft, chosen=None, hold=None)
            return await self._settle(heard, changed, (), session)

    async def _let_go(self, draft: Draft, session: AsyncSession) -> None:
        if draft.hold is None:
            return
        try:
            await self._calendar.appointments.release(draft.hold, session=session)
        except (NotFound, IllegalTransition):
            log.info("hold_gone", hold=draft.hold)

    async def _stop(self, heard: Heard, draft: Draft, reply: Reply | None = None) -> Outcome:
        said = reply or Reply("booking_kept" if draft.appointment else "booking_stopped")
        async with self._calendar.drafts.sessions.write() as session:
            await self._let_go(draft, session)
            return await self._settle(heard, None, (said,), session)

    async def _confirm(self, heard: Heard, draft: Draft, *, share: bool) -> Outcome:
        summary = await self._summarise(heard.conversation_id) if share else None
        try:
            async with self._calendar.drafts.sessions.write() as session:
                appointment = await self._acted(draft, summary, session)
                said = await self._receipt(draft.mode, appointment, session)
                return await self._settle(heard, None, (said,), session)
        except HoldExpired as error:
            offer = draft.chosen
            if offer is None:
                return await self._again(heard, draft, [refusal(error)])
            # Nobody may have taken it: held anew, it is offered once more.
            fresh = replace(draft, hold=None)
            return await self._hold(heard, fresh, offer, (refusal(error),))
        except BookingError as error:
            log.warning("booking_failed", reply=error.reply)
            return await self._settle(heard, None, (Reply("booking_failed"), refusal(error)))

    async def _acted(self, draft: Draft, summary: str | None, session: AsyncSession) -> Appointment:
        appointments = self._calendar.appointments
        if draft.mode is Mode.cancel:
            return await appointments.cancel(draft.appointment or "", session=session)
        if draft.mode is Mode.move:
            return await appointments.reschedule(
                draft.appointment or "", draft.hold or "", session=session
            )
        contact = Contact(draft.name or "", draft.channel or "", draft.address or "")
        return await appointments.confirm(
            draft.hold or "",
            contact,
            share_summary=bool(summary),
            summary=summary,
            session=session,
        )

    async def _receipt(self, mode: Mode, appointment: Appointment, session: AsyncSession) -> Reply:
        supply = (await self._plan()).supply
        values = receipt.of(appointment, supply.places[appointment.place_id])
        values["link"] = await self._calendar.links.make(session, appointment)
        if mode is Mode.cancel:
            return Reply("booking_cancelled", {k: values[k] for k in ("reference", "when", "link")})
        return Reply("booking_moved" if mode is Mode.move else "booking_done", values)

    async def _change(self, heard: Heard, mode: Mode) -> Outcome | None:
        """Move or cancel: which of the appointments that were made in this conversation?"""
        now = self._calendar.clock()
        mine = [
            item
            for item in await self._calendar.appointments.of_conversation(heard.conversation_id)
            if item.state is State.booked and item.starts_at > now
        ]
        wanted = heard.entities.get("choice", "").removeprefix(f"book:{mode}").strip(":")
        if wanted:
            mine = [item for item in mine if item.reference == wanted]
        if not mine:
            return await self._settle(heard, None, (Reply("booking_unknown", choices=("human",)),))
        if len(mine) > 1:
            codes = tuple(f"book:{mode}:{item.reference}" for item in mine)
            whens = [item.starts_at.isoformat() for item in mine]
            reply = Reply(
                "booking_which",
                {
                    "references": [
                        [item.reference, at] for item, at in zip(mine, whens, strict=True)
                    ]
                },
                choices=codes,
            )
            return await self._settle(heard, None, (reply,))
        (one,) = mine
        chosen = Offer(one.place_id, one.starts_at.isoformat())
        draft = Draft(
            mode=mode,
            services=tuple(wish.service for wish in one.services),
            persons=one.persons,
            online_known=True,
            places=(one.place_id,),
            language=one.language or ANY_LANGUAGE,
            chosen=chosen if mode is Mode.cancel else None,
            appointment=one.id,
        )
        if mode is Mode.move and not wanted and "choice" not in heard.entities:
            said = self._said(heard)
            if said.wish is not None:
                draft = replace(draft, wish=said.wish)
        return await self._next(heard, draft)

    # --- questions

    async def _settle(
        self,
        heard: Heard,
        draft: Draft | None,
        notices: tuple[Reply, ...],
        session: AsyncSession | None = None,
    ) -> Outcome:
        """Store how far it has come together with the answer, and hand both back."""
        asked = await self._questions.ask(draft) if draft is not None else None
        said = [*notices, *([asked] if asked is not None else [])]
        drafts = self._calendar.drafts
        state = draft.data() if draft is not None else None
        data = [asdict(reply) for reply in said]
        key = heard.conversation_id, heard.context.message_id, state, data
        if session is not None:
            await drafts.keep(session, *key)
        else:
            async with drafts.sessions.write() as own:
                await drafts.keep(own, *key)
        return Outcome(notices, draft)

    async def _plan(self) -> Plan:
        async with self._calendar.drafts.sessions.read() as session:
            return await self._calendar.supply.plan(session)
