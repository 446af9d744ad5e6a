"""What the guide says about an appointment unasked: moved, cancelled, reminded."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from booking.models import Appointment
from booking.short_links import ShortLinks
from booking.supply_store import SupplyStore
from bot.actions.booking import receipt
from conversations.delivery.dispatch import Dispatch
from conversations.models import Reply
from conversations.rendering.renderer import Renderer
from conversations.store.rows import to_conversation
from conversations.store.store import new_conversation
from conversations.store.tables import ConversationRow
from conversations.store.writing import Said, lock, say


class Notices:
    """Everything here happens in the caller's transaction: what is not stored is not said."""

    def __init__(
        self,
        supply: SupplyStore,
        links: ShortLinks,
        renderer: Renderer,
        dispatch: Dispatch,
        languages: tuple[str, ...],
    ) -> None:
        self._supply = supply
        self._links = links
        self._renderer = renderer
        self._dispatch = dispatch
        self._languages = languages

    async def tell(self, session: AsyncSession, appointment: Appointment, key: str) -> str:
        """Say it in the conversation and at the citizen's address; the code of a new link."""
        code = await self._links.make(session, appointment)
        place = (await self._supply.plan(session)).supply.places[appointment.place_id]
        reply = Reply(key, {**receipt.of(appointment, place), "link": code})
        conversation = await self._conversation(session, appointment)
        if conversation is not None:
            rendered = self._renderer.render(reply, conversation.language)
            channel = appointment.contact_channel or conversation.channel
            parcels = self._dispatch.parcels(
                to_conversation(conversation), channel, appointment.contact_address, rendered
            )
            if not parcels:
                channel = conversation.channel
            say(session, conversation, Said(rendered, parcels), channel)
        return code

    async def remind(self, session: AsyncSession, appointment: Appointment) -> None:
        """A reminder, once, to whoever gave a number; it says nothing of what the visit is for."""
        if appointment.contact_channel in self._dispatch.reachable():
            await self.tell(session, appointment, "booking_reminder")

    async def _conversation(
        self, session: AsyncSession, appointment: Appointment
    ) -> ConversationRow | None:
        if appointment.conversation_id is not None:
            return await lock(session, appointment.conversation_id)
        if appointment.contact_channel not in self._dispatch.reachable():
            return None
        # It was erased, as conversations are before an appointment far ahead: a new one.
        spoken = appointment.language
        language = spoken if spoken in self._languages else self._languages[0]
        row = new_conversation(appointment.contact_channel, language, language_chosen=False)
        session.add(row)
        await session.flush()
        return row
