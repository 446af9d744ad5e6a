"""The console's JSON, as ``web/desk/contract.ts`` reads it."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from conversations.models import Card
from conversations.states import State
from conversations.store.outbox import DeadLetter
from desk.accounts.models import Team
from desk.booking.view import Visit
from desk.console.canned import CannedReply, NewReply
from desk.console.lines import Line, Named, Titled
from desk.console.remarks import Remark, RemarkKind
from desk.console.report import Report
from desk.queue.models import Assignment, Outcome, PresenceState, TeamSettings

MAX_SEQ = 2**31 - 1
_NO_CONTROL = r"^[^\x00-\x1f]*$"
"""Some databases refuse them, and no name has any."""
_Text = Annotated[str, StringConstraints(max_length=10_000)]
_ClientId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,80}$")]
_Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_NO_CONTROL)]
_Language = Annotated[str, StringConstraints(max_length=8)]
_Date = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class ErrorDetail(BaseModel):
    code: str
    message: str = Field(description="A sentence in the member's language")


class ErrorResponse(BaseModel):
    error: ErrorDetail


ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorResponse, "description": "Not signed in"},
    403: {"model": ErrorResponse, "description": "No right to it, or not from a page of ours"},
    404: {"model": ErrorResponse, "description": "Unknown, or not visible to the member"},
    409: {"model": ErrorResponse, "description": "Not as things stand; already_taken: by whom"},
    413: {"model": ErrorResponse, "description": "Too large"},
    422: {"model": ErrorResponse, "description": "Not understood; says why"},
    429: {"model": ErrorResponse, "description": "Too many streams; see Retry-After"},
}


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True, serialize_by_alias=True)


# Lists.


class NamedOut(_Answer):
    id: str
    name: str


class TitledOut(_Answer):
    id: str
    title: str

    @classmethod
    def of(cls, titled: Titled | None) -> Self | None:
        return cls.model_validate(titled) if titled is not None else None


class LastMessageOut(_Answer):
    author: str
    text: str
    at: dt.datetime


class TransferOut(_Answer):
    from_: NamedOut = Field(serialization_alias="from")
    to: NamedOut
    note: str

    @classmethod
    def between(cls, giver: Named, taker: Named, note: str) -> Self:
        return cls(
            from_=NamedOut.model_validate(giver), to=NamedOut.model_validate(taker), note=note
        )


class ConversationOut(_Answer):
    id: str
    state: State
    kind: str
    channel: str
    language: str
    service: TitledOut | None
    reason: str
    priority: int
    team: str | None
    assignee: NamedOut | None
    waiting_seconds: int
    queued_at: dt.datetime
    last_message: LastMessageOut | None
    unread: int
    snoozed_until: dt.datetime | None
    transfer: TransferOut | None
    outcome: str | None
    version: int

    @classmethod
    def of(cls, line: Line) -> Self:
        entry, offer = line.entry, line.transfer
        return cls(
            id=entry.conversation_id,
            state=line.state,
            kind=entry.kind,
            channel=entry.channel,
            language=line.language,
            service=TitledOut.of(line.service),
            reason=entry.reason,
            priority=entry.priority,
            team=entry.team,
            assignee=NamedOut.model_validate(line.assignee) if line.assignee else None,
            waiting_seconds=line.waiting_seconds,
            queued_at=entry.queued_at,
            last_message=LastMessageOut.model_validate(line.last_message)
            if line.last_message
            else None,
            unread=line.unread,
            snoozed_until=line.snoozed_until,
            transfer=TransferOut.between(offer.giver, offer.taker, offer.note) if offer else None,
            outcome=entry.outcome,
            version=line.version,
        )


class CountsOut(_Answer):
    waiting: int
    mine: int
    team: int
    snoozed: int


class PageResponse(BaseModel):
    items: list[ConversationOut]
    next: str | None
    counts: CountsOut


class FoundOut(BaseModel):
    conversation: ConversationOut
    snippet: str


class SearchResponse(BaseModel):
    items: list[FoundOut]
    next: str | None


# One conversation.


class MessageOut(_Answer):
    id: str
    seq: int
    author: Literal["citizen", "guide", "staff", "system"]
    author_name: str | None
    text: str
    language: str
    channel: str
    created_at: dt.datetime
    card: dict[str, Any] | None
    delivery: str | None = None
    address_label: str | None = None


class MessagesResponse(BaseModel):
    messages: list[MessageOut]


class SummaryOut(BaseModel):
    service: TitledOut | None
    asked: list[str]
    slots: dict[str, str]
    failed: list[str]
    danger: bool
    language: str
    channel: str
    waiting_seconds: int


class NoteOut(BaseModel):
    id: int
    author: str
    text: str
    at: dt.datetime


class ActivityOut(BaseModel):
    kind: str
    actor: str
    at: dt.datetime
    details: dict[str, Any]


class OtherOut(BaseModel):
    id: str
    channel: str
    at: dt.datetime
    service: TitledOut | None


class AppointmentOut(BaseModel):
    id: str
    at: dt.datetime
    title: str
    place: NamedOut
    state: str
    reference: str
    zone: str

    @classmethod
    def of(cls, visit: Visit) -> Self:
        made = visit.appointment
        return cls(
            id=made.id,
            at=made.starts_at,
            title=", ".join(item.service.title for item in visit.errands),
            place=NamedOut.model_validate(visit.place),
            state=made.state,
            reference=made.reference,
            zone=made.zone,
        )


class CitizenOut(BaseModel):
    label: str
    channel: str
    language: str


class DetailResponse(BaseModel):
    conversation: ConversationOut
    summary: SummaryOut
    messages: list[MessageOut]
    notes: list[NoteOut]
    activity: list[ActivityOut]
    others: list[OtherOut]
    appointments: list[AppointmentOut]
    citizen: CitizenOut


class CardRequest(_Request):
    service: _Id
    aspect: _Id = "overview"


class SayRequest(_Request):
    """Words, an answer card, or both."""

    text: _Text = ""
    client_message_id: _ClientId
    card: CardRequest | None = None


class SayResponse(BaseModel):
    message_id: str
    seq: int


class TextRequest(_Request):
    text: _Text


class TransferRequest(_Request):
    """To exactly one of ``team`` and ``member``."""

    team: _Id | None = None
    member: _Id | None = None
    note: _Text = ""

    @model_validator(mode="after")
    def _one_of_two(self) -> TransferRequest:
        if (self.team is None) == (self.member is None):
            raise ValueError("exactly one of team and member is needed")
        return self


class DeclineRequest(_Request):
    note: _Text = ""


class SnoozeRequest(_Request):
    until: AwareDatetime


class ResolveRequest(_Request):
    outcome: Outcome
    note: _Text = ""


class ReadRequest(_Request):
    seq: int = Field(ge=0, le=MAX_SEQ)


# Knowledge.


class LinkOut(BaseModel):
    title: str
    url: str


class CardOut(_Answer):
    service: str
    title: str
    summary: str
    authority: dict[str, Any] | None
    rows: list[dict[str, Any]]
    links: list[LinkOut]
    source: LinkOut | None
    checked: str | None

    @classmethod
    def of(cls, card: Card) -> Self:
        return cls.model_validate(asdict(card) | {"checked": card.checked or None})


class HitOut(BaseModel):
    service: str
    title: str
    summary: str
    source: LinkOut | None
    checked: str | None


class HitsResponse(BaseModel):
    items: list[HitOut]


class SuggestionOut(BaseModel):
    service: str
    title: str
    text: str


class SuggestionsResponse(BaseModel):
    items: list[SuggestionOut]


class RemarkRequest(_Request):
    text: _Text
    kind: RemarkKind


class RemarkOut(BaseModel):
    id: int
    service: TitledOut
    kind: RemarkKind
    text: str
    author: str
    at: dt.datetime
    done: bool

    @classmethod
    def of(cls, remark: Remark, service: Titled, author: str) -> Self:
        return cls(
            id=remark.id,
            service=TitledOut.model_validate(service),
            kind=remark.kind,
            text=remark.text,
            author=author,
            at=remark.at,
            done=remark.done,
        )


class RemarksResponse(BaseModel):
    items: list[RemarkOut]


# Replies ready to use.


class CannedRequest(_Request):
    team: _Id | None = None
    language: _Language
    shortcut: Annotated[str, StringConstraints(pattern=r"^[a-zæøå0-9-]{1,20}$")]
    title: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=_NO_CONTROL),
    ]
    text: _Text

    def new(self) -> NewReply:
        return NewReply(**self.model_dump())


class CannedOut(_Answer):
    id: int
    team: str | None
    language: str
    shortcut: str
    title: str
    text: str

    @classmethod
    def of(cls, reply: CannedReply) -> Self:
        return cls.model_validate(reply)


class CannedResponse(BaseModel):
    items: list[CannedOut]


class FillRequest(_Request):
    conversation_id: _Id


class FillResponse(BaseModel):
    text: str


# Teams and colleagues.


class HoursRequest(_Request):
    auto_assign: bool = False
    hours: Annotated[dict[str, list[str]], Field(max_length=7)] | None = None
    """As ``{"mo": ["10:00-16:00"]}``; None: the team is there when its people are."""
    closed: Annotated[tuple[_Date, ...], Field(max_length=400)] = ()

    def settings(self, team: str | None) -> TeamSettings:
        """None: of the common queue."""
        assignment = Assignment.auto if self.auto_assign else Assignment.pick
        return TeamSettings(team, assignment, self.hours, self.closed)


class HoursOut(BaseModel):
    auto_assign: bool
    hours: dict[str, list[str]] | None
    closed: list[str]

    @classmethod
    def of(cls, settings: TeamSettings) -> Self:
        return cls(
            auto_assign=settings.assignment is Assignment.auto,
            hours=settings.hours,
            closed=list(settings.closed),
        )


class TeamOut(BaseModel):
    id: str
    name: str
    administrations: list[str]
    services: list[str]
    auto_assign: bool
    hours: dict[str, list[str]] | None
    closed: list[str]

    @classmethod
    def of(cls, team: Team, settings: TeamSettings) -> Self:
        return cls(
            id=team.id,
            name=team.name,
            administrations=list(team.administrations),
            services=list(team.services),
            auto_assign=settings.assignment is Assignment.auto,
            hours=settings.hours,
            closed=list(settings.closed),
        )


class TeamsResponse(BaseModel):
    teams: list[TeamOut]
    common: HoursOut
    """Of what no team answers for."""


class ColleagueOut(BaseModel):
    id: str
    name: str
    presence: PresenceState
    teams: list[str]
    languages: list[str]


class ColleaguesResponse(BaseModel):
    items: list[ColleagueOut]


class PresenceRequest(_Request):
    state: PresenceState


# Administration.


class DeadLetterOut(_Answer):
    id: str
    conversation_id: str
    channel: str
    state: str
    error: str | None
    attempts: int
    created_at: dt.datetime

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        return cls.model_validate(letter)


class DeadLettersResponse(BaseModel):
    items: list[DeadLetterOut]


class TimesOut(BaseModel):
    """Seconds; None where there is nothing to measure."""

    median: float | None
    p90: float | None


class GuideAloneOut(BaseModel):
    count: int
    share: float | None


class HandoversOut(BaseModel):
    service: TitledOut | None
    language: str
    count: int


class RatingsOut(BaseModel):
    average: float | None
    count: int
    by_star: dict[str, int]


class DayOut(BaseModel):
    day: dt.date
    conversations: int
    handovers: int


class StatisticsResponse(BaseModel):
    waiting: TimesOut
    handling: TimesOut
    guide_alone: GuideAloneOut
    handovers: list[HandoversOut]
    ratings: RatingsOut
    by_day: list[DayOut]

    @classmethod
    def of(cls, report: Report) -> Self:
        return cls(
            waiting=TimesOut(median=report.waiting.median, p90=report.waiting.nine_of_ten),
            handling=TimesOut(median=report.handling.median, p90=report.handling.nine_of_ten),
            guide_alone=GuideAloneOut(count=report.guide_alone, share=report.share_alone),
            handovers=[
                HandoversOut(
                    service=TitledOut.of(row.service), language=row.language, count=row.count
                )
                for row in report.handovers
            ],
            ratings=RatingsOut(
                average=report.rating,
                count=sum(report.ratings.values()),
                by_star={str(star): count for star, count in sorted(report.ratings.items())},
            ),
            by_day=[
                DayOut(day=row.day, conversations=row.conversations, handovers=row.handovers)
                for row in report.days
            ],
        )
