"""Citizens, the guide and three members of staff on one database, without HTTP."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from channels.sms.channel import SmsChannel
from channels.sms.settings import TwilioSettings
from conversations.assistant.port import Context
from conversations.delivery.dispatch import Dispatch
from conversations.events.local import LocalEvents
from conversations.models import Conversation, Message, Reply
from conversations.pipeline.assistant import AskAssistant
from conversations.pipeline.choices import ResolveChoice
from conversations.pipeline.crisis import CheckCrisis
from conversations.pipeline.handover import HandOver
from conversations.pipeline.owner import CheckOwner
from conversations.pipeline.pipeline import Pipeline
from conversations.rendering.renderer import Renderer
from conversations.store.inbox import Inbox, Letter, Verdict
from conversations.store.store import ConversationStore
from conversations.store.tables import ActivityRow, DeliveryRow, MessageRow
from desk.accounts.audit import AuditTrail
from desk.accounts.models import NewMember, Role, StaffMember, Team
from desk.accounts.store import StaffStore
from desk.queue.desk import Desk
from desk.queue.guide import DeskHandover
from desk.queue.models import Entry, PresenceState
from desk.queue.rows import to_entry
from desk.queue.tables import HandoverRow
from desk.queue.views import Console
from knowledge.crisis.detector import CrisisDetector
from knowledge.live import LiveKnowledge
from tests.conftest import ScriptedAssistant

PHONE = "+4520123456"
TWILIO = TwilioSettings(
    account_sid="AC" + "0" * 32, auth_token=SecretStr("test"), sender="+4512345678"
)
"""Nothing is sent: the outbox is looked at."""
MORNING = dt.datetime(2026, 11, 24, 9, 0, tzinfo=dt.UTC)
"""A Tuesday, ten o'clock in Copenhagen."""


@dataclass
class Clock:
    moment: dt.datetime = MORNING

    def __call__(self) -> dt.datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += dt.timedelta(**span)


@dataclass
class World:
    """Everything on ``engine``; ``assistant`` says what a test tells it to."""

    engine: AsyncEngine
    live: LiveKnowledge
    renderer: Renderer
    crisis: CrisisDetector
    assistant: ScriptedAssistant = field(default_factory=ScriptedAssistant)
    clock: Clock = field(default_factory=Clock)
    sent: int = 0

    def __post_init__(self) -> None:
        self.events = LocalEvents()
        self.store = ConversationStore(self.engine)
        self.inbox = Inbox(self.engine)
        self.staff = StaffStore(self.engine, AuditTrail(self.engine))
        self.dispatch = Dispatch({"sms": SmsChannel("http://guide", TWILIO)}, "http://guide")
        self.handover = DeskHandover(self.engine, self.staff, self.live.catalogue, self.clock)
        self.console = Console(self.engine, self.clock)
        self.desk = Desk(
            engine=self.engine,
            roster=self.staff,
            catalogue=self.live.catalogue,
            renderer=self.renderer,
            dispatch=self.dispatch,
            events=self.events,
            sent=self._count,
            knowledge_version=self.live.version,
            clock=self.clock,
        )
        step = HandOver(
            self.handover, self.live.catalogue, self.dispatch.outlet, self.renderer.sentence
        )
        self.pipeline = Pipeline(
            store=self.store,
            steps=[
                ResolveChoice(),
                CheckCrisis(self.crisis),
                CheckOwner(),
                step,
                AskAssistant(self.assistant, self.live.catalogue, self.live.search),
            ],
            follow=step.follow,
            renderer=self.renderer,
            dispatch=self.dispatch,
            sent=self._count,
            noticed=self.desk.noticed,
            knowledge_version=self.live.version,
        )

    def _count(self) -> None:
        self.sent += 1

    # Staff.

    async def team(self, team: Team) -> Team:
        return await self.staff.save_team(team, by=None)

    async def member(
        self,
        name: str,
        *,
        role: Role = Role.guide,
        teams: tuple[str, ...] = (),
        languages: tuple[str, ...] = ("da",),
        capacity: int = 3,
        online: bool = True,
    ) -> StaffMember:
        email = f"{name.lower()}-{uuid.uuid4().hex[:6]}@example.dk"
        new = NewMember(name, email, role, teams, languages, capacity=capacity)
        member = await self.staff.add(new, by=None)
        if online:
            await self.desk.set_presence(member, PresenceState.online)
        return member

    # Citizens.

    async def begin(self, language: str = "da") -> Conversation:
        conversation, _ = await self.store.create("web", language, language_chosen=False)
        await self.store.say(conversation.id, self.renderer.render(Reply("welcome"), language))
        return conversation

    async def write(
        self, conversation_id: str, text: str = "", choice: str | None = None
    ) -> list[Message]:
        """On the website; what the guide says to it."""
        words = text or self.renderer.title(choice or "", "da")
        message, _ = await self.store.add_citizen_message(
            conversation_id, words, channel="web", choice=choice
        )
        await self.settle(conversation_id)
        return await self.after(conversation_id, message.seq)

    async def text(self, text: str, address: str = PHONE) -> tuple[str, list[Message]]:
        """By text message; the conversation, and what the guide says to it."""
        letter = Letter("sms", address, uuid.uuid4().hex, text, None, False, "da")
        conversation_id = await self.inbox.receive(letter, lambda *_: Verdict())
        assert conversation_id is not None
        before = (await self.store.get(conversation_id)).last_seq
        await self.settle(conversation_id)
        return conversation_id, await self.after(conversation_id, before)

    async def settle(self, conversation_id: str) -> None:
        while await self.store.typing(conversation_id):
            await self.pipeline.run(conversation_id)

    async def after(self, conversation_id: str, seq: int) -> list[Message]:
        return await self.store.messages(conversation_id, seq)

    async def ask_for_a_person(self, conversation_id: str) -> list[Message]:
        return await self.write(conversation_id, choice="human")

    def says(self, *replies: Reply) -> None:
        """What the dialogue answers from now on."""
        self.assistant.answer = lambda *_: list(replies)

    def answers(self, answer: Callable[[str, str | None, Context], list[Reply]]) -> None:
        self.assistant.answer = answer

    # What is there.

    async def state(self, conversation_id: str) -> str:
        return (await self.store.get(conversation_id)).state

    async def entries(self, conversation_id: str) -> list[Entry]:
        async with self.engine.connect() as connection:
            ids = await connection.scalars(
                select(HandoverRow.id)
                .where(HandoverRow.conversation_id == conversation_id)
                .order_by(HandoverRow.id)
            )
            found = list(ids)
        return [await self._entry(item) for item in found]

    async def _entry(self, identifier: int) -> Entry:
        async with self.desk._sessions.read() as session:
            return to_entry(await session.get_one(HandoverRow, identifier))

    async def entry(self, conversation_id: str) -> Entry:
        return (await self.entries(conversation_id))[-1]

    async def trail(self, conversation_id: str) -> list[str]:
        async with self.engine.connect() as connection:
            kinds = await connection.scalars(
                select(ActivityRow.kind)
                .where(ActivityRow.conversation_id == conversation_id)
                .order_by(ActivityRow.id)
            )
            return list(kinds)

    async def parcels(self, address: str = PHONE) -> list[str]:
        """What has left, or will, for a phone."""
        async with self.engine.connect() as connection:
            payloads = await connection.scalars(
                select(DeliveryRow.payload)
                .where(DeliveryRow.address == address)
                .order_by(DeliveryRow.id)
            )
            return [payload["body"] for payload in payloads]

    async def all_messages(self, conversation_id: str) -> list[Message]:
        return await self.store.messages(conversation_id)

    async def age(self, conversation_id: str, **span: float) -> None:
        """Everything that was said becomes older by so much."""
        earlier = self.clock() - dt.timedelta(**span)
        async with self.engine.begin() as connection:
            await connection.execute(
                update(MessageRow)
                .where(MessageRow.conversation_id == conversation_id)
                .values(created_at=earlier)
            )


def keys(messages: list[Message]) -> list[str | None]:
    return [message.reply for message in messages]


def codes(message: Message) -> list[str]:
    return [choice.choice for choice in message.choices]
