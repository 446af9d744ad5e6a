"""What was said in a conversation, and saying more: to the citizen and to colleagues."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from conversations.models import Author, Message
from desk.accounts.sessions import StaffSession
from desk.console.door import Seen, sound_id
from desk.console.lines import Line, titled
from desk.console.parts import ConsoleParts
from desk.console.schema import (
    MAX_SEQ,
    ActivityOut,
    AppointmentOut,
    CitizenOut,
    ConversationOut,
    DetailResponse,
    MessageOut,
    MessagesResponse,
    NoteOut,
    OtherOut,
    ReadRequest,
    SayRequest,
    SayResponse,
    SuggestionOut,
    SuggestionsResponse,
    SummaryOut,
    TextRequest,
    TitledOut,
)
from desk.errors import DeskError, NotFound
from desk.queue.views import ConversationView
from desk.rights import Action
from knowledge import formatting

_SUGGESTED = 3
_CONSIDERED = 5
"""Questions of the citizen among which the one to help with is looked for."""
_STAFF = "staff:"


def label_of(address: str | None) -> str | None:
    """An address as people know it; None for what only a provider understands."""
    if address is None or not (address.startswith("+") or "@" in address):
        return None
    return formatting.phone(address)


def build_router(parts: ConsoleParts) -> APIRouter:
    router = APIRouter(prefix="/conversations/{conversation_id}")
    desk, door, lines = parts.desk, parts.door, parts.lines
    Shown = Annotated[Seen, Depends(door.conversation())]  # noqa: N806 - a type
    # What a page does by itself keeps no session alive.
    Followed = Annotated[Seen, Depends(door.conversation(active=False))]  # noqa: N806 - a type
    Writer = Annotated[  # noqa: N806 - a type
        StaffSession, Depends(door.gate.signed_in(Action.write))
    ]

    @router.get("")
    async def read(seen: Followed) -> DetailResponse:
        await door.look(seen)
        member = seen.session.member
        view = await parts.console.open(member, seen.id)
        line = await lines.line(view.entry, member.ui_language)
        if line is None:
            raise NotFound
        names, addresses = await lines.names(), await lines.addresses(seen.id)
        booked = parts.appointments
        detail = _detail(
            parts, view, line, names=names, addresses=addresses, language=member.ui_language
        )
        visits = await booked(seen.session, seen.id) if booked is not None else []
        return detail.model_copy(
            update={"appointments": [AppointmentOut.of(item) for item in visits]}
        )

    @router.get("/messages")
    async def read_messages(
        seen: Followed, after: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0
    ) -> MessagesResponse:
        await door.go_on_looking(seen)
        view = await parts.console.open(seen.session.member, seen.id)
        addresses = await lines.addresses(seen.id)
        return MessagesResponse(
            messages=[item for item in _messages(view, addresses) if item.seq > after]
        )

    @router.get("/suggestions")
    async def suggest(seen: Followed) -> SuggestionsResponse:
        await door.go_on_looking(seen)
        view = await parts.console.open(seen.session.member, seen.id)
        asked = [item.message for item in view.messages if _is_question(item.message)]
        questions = [message.text for message in asked[-_CONSIDERED:]]
        cards = parts.shelf.suggest(questions, view.conversation.language, _SUGGESTED)
        return SuggestionsResponse(
            items=[
                SuggestionOut(
                    service=card.service, title=card.title, text=card.summary or card.title
                )
                for card in cards
            ]
        )

    @router.post("/messages", status_code=202)
    async def say(session: Writer, conversation_id: str, body: SayRequest) -> SayResponse:
        member = session.member
        sound_id(conversation_id)
        try:
            # First of all, since what was said before the conversation went elsewhere is known:
            # a page that asks again must hear that it was said.
            card = parts.shelf.reply(body.card.service, body.card.aspect) if body.card else None
            message = await desk.reply(
                member, conversation_id, body.text, body.client_message_id, card
            )
        except DeskError:
            # Whoever may not see it must not learn from the error that it is there.
            await door.see(session, conversation_id)
            raise
        return SayResponse(message_id=message.id, seq=message.seq)

    @router.post("/notes", status_code=201)
    async def note(seen: Shown, body: TextRequest) -> NoteOut:
        member = seen.session.member
        written = await desk.note(member, seen.id, body.text)
        return NoteOut(id=written.id, author=member.name, text=written.text, at=written.at)

    @router.post("/read", status_code=204)
    async def mark_read(seen: Followed, body: ReadRequest) -> None:
        await desk.mark_read(seen.session.member, seen.id, body.seq)

    @router.post("/typing", status_code=204)
    async def typing(seen: Shown) -> None:
        await desk.typing(seen.session.member, seen.id)

    return router


def _is_question(message: Message) -> bool:
    return message.author is Author.citizen and message.choice is None


def _messages(view: ConversationView, addresses: Mapping[str, str]) -> list[MessageOut]:
    found = []
    for item in view.messages:
        message = MessageOut.model_validate(item.message)
        label = label_of(addresses.get(message.id))
        found.append(message.model_copy(update={"delivery": item.delivery, "address_label": label}))
    return found


def _detail(
    parts: ConsoleParts,
    view: ConversationView,
    line: Line,
    *,
    names: Mapping[str, str],
    addresses: Mapping[str, str],
    language: str,
) -> DetailResponse:
    catalogue, summary, entry = parts.shelf.catalogue(), view.summary, view.entry

    def service(identifier: str | None) -> TitledOut | None:
        return TitledOut.of(titled(catalogue, identifier, language))

    # The citizen's choice where to be answered holds until the first answer.
    chosen = entry.answer_channel is not None and entry.first_answer_at is None
    wrote = [item.message.address for item in view.messages if item.message.address is not None]
    address = entry.answer_address if chosen else wrote[-1] if wrote else None
    return DetailResponse(
        conversation=ConversationOut.of(line),
        summary=SummaryOut(
            service=service(summary.services[0] if summary.services else entry.service),
            asked=list(summary.asked),
            slots={"area": summary.area} if summary.area is not None else {},
            failed=list(summary.failed),
            danger=summary.danger,
            language=summary.language,
            channel=summary.channel,
            waiting_seconds=summary.waited,
        ),
        messages=_messages(view, addresses),
        notes=[
            NoteOut(id=one.id, author=names.get(one.author, one.author), text=one.text, at=one.at)
            for one in view.notes
        ],
        activity=[
            ActivityOut(
                kind=one.kind,
                actor=names.get(one.actor.removeprefix(_STAFF), one.actor),
                at=one.at,
                details=one.details,
            )
            for one in view.activity
        ],
        others=[
            OtherOut(
                id=one.conversation_id,
                channel=one.channel,
                at=one.queued_at,
                service=service(one.service),
            )
            for one in view.others
        ],
        appointments=[],
        citizen=CitizenOut(
            label=label_of(address) or parts.texts.text("citizen", language),
            channel=(entry.answer_channel if chosen else None) or summary.channel,
            language=view.conversation.language,
        ),
    )
