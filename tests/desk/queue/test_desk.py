"""What members do with a conversation, and what the citizen gets of it."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from conversations.assistant.port import Context
from conversations.handover import CHOICES
from conversations.models import Author, ConversationNotFound, Reply
from conversations.store.outbox import Outbox
from conversations.store.tables import ActivityRow, ConversationRow, MessageRow
from desk.accounts.models import Role, StaffMember, Team
from desk.accounts.store import Changes
from desk.errors import DeskError, NotAllowed, NotFound, Refused
from desk.queue.errors import AlreadyTaken, AtCapacity, NothingOffered, NotPossible
from desk.queue.models import Assignment, Kind, Outcome, PresenceState, TeamSettings
from desk.queue.rows import left_unanswered
from desk.queue.teams import TeamBoard
from desk.queue.views import ListName
from tests.desk.queue.world import PHONE, World, codes, keys


async def queued(world: World) -> str:
    conversation = await world.begin()
    await world.ask_for_a_person(conversation.id)
    assert await world.state(conversation.id) == "queued"
    return conversation.id


async def test_of_twenty_exactly_one_gets_it(world: World, team: Team) -> None:
    members = [await world.member(f"Nr{n}", teams=(team.id,)) for n in range(20)]
    conversation_id = await queued(world)
    tries = await asyncio.gather(
        *(world.desk.claim(member, conversation_id) for member in members),
        return_exceptions=True,
    )
    won = [item for item in tries if not isinstance(item, BaseException)]
    lost = [item for item in tries if isinstance(item, BaseException)]
    assert len(won) == 1
    assert {type(item) for item in lost} == {AlreadyTaken}
    entry = await world.entry(conversation_id)
    assert entry.assignee == won[0].assignee
    assert (await world.trail(conversation_id)).count("claimed") == 1
    assert keys(await world.all_messages(conversation_id)).count("handover_joined") == 1


async def test_twenty_at_once_by_one_member_stay_within_capacity(world: World, team: Team) -> None:
    member = await world.member("Mette", teams=(team.id,), capacity=4)
    waiting = [await queued(world) for _ in range(10)]
    tries = await asyncio.gather(
        *(world.desk.claim(member, item) for item in waiting), return_exceptions=True
    )
    assert sum(not isinstance(item, BaseException) for item in tries) == 4
    assert {type(item) for item in tries if isinstance(item, BaseException)} == {AtCapacity}


async def test_the_citizen_hears_who_it_is_and_the_guide_is_silent(
    world: World, mette: StaffMember
) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    last = (await world.all_messages(conversation_id))[-1]
    assert (last.author, last.text) == (Author.system, "Du skriver nu med Mette, Borgerservice.")
    assert await world.write(conversation_id, "hej") == []
    assert await world.state(conversation_id) == "assigned"


async def test_claiming_twice_is_claiming_once(
    world: World, mette: StaffMember, omar: StaffMember
) -> None:
    conversation_id = await queued(world)
    first = await world.desk.claim(mette, conversation_id)
    assert await world.desk.claim(mette, conversation_id) == first
    with pytest.raises(AlreadyTaken) as taken:
        await world.desk.claim(omar, conversation_id)
    assert taken.value.values["name"] == "Mette, Borgerservice"


async def test_a_reply_is_stored_once_and_sent_where_the_citizen_wrote_from(
    world: World, mette: StaffMember
) -> None:
    conversation_id, _ = await world.text("menneske")
    world.says(Reply("human"))
    conversation_id, answers = await world.text("jeg vil tale med et menneske")
    assert keys(answers) == ["handover_queued_unknown"]
    await world.desk.claim(mette, conversation_id)
    sent = world.sent
    tries = await asyncio.gather(
        *(
            world.desk.reply(mette, conversation_id, "Hej, hvad drejer det sig om?", "a")
            for _ in "12345"
        )
    )
    assert len({message.id for message in tries}) == 1
    assert world.sent == sent + 1
    assert (await world.parcels())[-1] == "Hej, hvad drejer det sig om?"
    message = tries[0]
    assert (message.author, message.author_name) == (Author.staff, "Mette, Borgerservice")
    last = (await world.store.get(conversation_id)).last_seq
    assert (message.channel, message.seq) == ("sms", last)
    assert await world.state(conversation_id) == "waiting_citizen"
    assert (await Outbox(world.engine).states(conversation_id))[message.id] == "pending"
    # Also when it has ended meanwhile: a console that lost the answer asks again.
    await world.desk.resolve(mette, conversation_id)
    assert (await world.desk.reply(mette, conversation_id, "Hej", "a")).id == message.id


async def test_the_answer_follows_the_citizen_to_another_channel(
    world: World, mette: StaffMember
) -> None:
    world.says(Reply("human"))
    conversation_id, _ = await world.text("et menneske tak")
    await world.desk.claim(mette, conversation_id)
    await world.write(conversation_id, "nu er jeg på nettet")
    before = len(await world.parcels())
    message = await world.desk.reply(mette, conversation_id, "Fint", "1")
    assert message.channel == "web"
    assert len(await world.parcels()) == before


@pytest.mark.parametrize(
    ("words", "code"), [("", "empty"), (" \n\x00", "empty"), ("a" * 4001, "too_long")]
)
async def test_what_is_no_message_is_refused(
    world: World, mette: StaffMember, words: str, code: str
) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    with pytest.raises(Refused) as refused:
        await world.desk.reply(mette, conversation_id, words, "1")
    assert refused.value.code == code
    assert await world.state(conversation_id) == "assigned"


async def test_a_cpr_number_of_staff_is_masked_too(world: World, mette: StaffMember) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    await world.desk.reply(mette, conversation_id, "Er det 010190-1234?", "1")
    await world.desk.note(mette, conversation_id, "cpr 010190-1234")
    async with world.engine.connect() as connection:
        for table in ("message", "handover_note", "delivery", "activity"):
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()
            assert "010190" not in repr(rows)


@pytest.mark.parametrize(
    ("service", "private"), [("pas-voksen", False), ("friplads", True)], ids=["open", "private"]
)
async def test_a_card_by_text_message_is_as_the_guides(
    world: World, mette: StaffMember, service: str, private: bool
) -> None:
    world.says(Reply("human"))
    conversation_id, _ = await world.text("et menneske tak")
    await world.desk.claim(mette, conversation_id)
    before = len(await world.parcels())
    card = Reply("service", service=service, aspect="overview")
    said = await world.desk.reply(mette, conversation_id, "Se her:", "1", card)
    assert (await world.desk.reply(mette, conversation_id, "Se her:", "1", card)).id == said.id
    words, body = (await world.parcels())[before:]
    assert words == "Se her:"
    title = world.live.catalogue().text(service, "da")[1].title
    # Others may read along on a phone.
    assert (title in body) is not private
    shown = (await world.all_messages(conversation_id))[-1]
    assert shown.card is not None
    assert (shown.author, shown.seq, shown.service) == (Author.staff, said.seq + 1, service)
    entry = await world.entry(conversation_id)
    assert (entry.read_seq, entry.first_answer_at) == (shown.seq, world.clock())


async def test_a_left_message_outlives_the_others_until_somebody_has_seen_to_it(
    world: World, mette: StaffMember
) -> None:
    async def left() -> str:
        conversation = await world.begin()
        for words in ("leave", "Ring til mig", "answer:here", "leave:send"):
            code = words if words in CHOICES else None
            await world.write(conversation.id, "" if code else words, code)
        assert (await world.entry(conversation.id)).kind is Kind.message
        return conversation.id

    waiting, answered, ended, chat = await left(), await left(), await left(), await queued(world)
    for conversation_id in (answered, ended):
        await world.desk.claim(mette, conversation_id)
    await world.desk.reply(mette, answered, "Hej", "1")
    await world.desk.mark_spam(mette, ended)
    much_later = dt.datetime.now(tz=dt.UTC) + dt.timedelta(days=400)
    assert await world.store.erase_older_than(much_later, left_unanswered()) == 3
    assert (await world.store.get(waiting)).id == waiting
    for gone in (answered, ended, chat):
        with pytest.raises(ConversationNotFound):
            await world.store.get(gone)
    # Whoever left it can still take it back.
    await world.store.erase(waiting)
    with pytest.raises(ConversationNotFound):
        await world.store.get(waiting)


async def test_resolving_gives_the_word_back_and_asks_how_it_was(
    world: World, mette: StaffMember
) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    await world.desk.reply(mette, conversation_id, "Sådan her", "1")
    await world.desk.resolve(mette, conversation_id, Outcome.solved)
    asked = (await world.all_messages(conversation_id))[-1]
    assert (asked.author, asked.reply) == (Author.guide, "rating_ask")
    assert codes(asked) == [f"rate:{n}" for n in range(1, 6)]
    (thanks,) = await world.write(conversation_id, "4")
    assert (thanks.reply, codes(thanks)) == ("rating_thanks", ["rate:words"])
    (ask,) = await world.write(conversation_id, choice="rate:words")
    assert ask.reply == "rating_words"
    assert keys(await world.write(conversation_id, "Hun var rar")) == ["rating_words_thanks"]
    entry = await world.entry(conversation_id)
    assert (entry.rating, entry.rating_words, entry.outcome) == (4, "Hun var rar", Outcome.solved)
    assert keys(await world.write(conversation_id, "hej")) == ["greet"]


async def test_whoever_asks_instead_of_rating_is_answered(world: World, mette: StaffMember) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    await world.desk.resolve(mette, conversation_id)
    assert keys(await world.write(conversation_id, "hvad koster et pas?")) == ["greet"]
    assert (await world.entry(conversation_id)).rating is None


async def test_rating_by_text_message_is_a_typed_number(world: World, mette: StaffMember) -> None:
    world.says(Reply("human"))
    conversation_id, _ = await world.text("et menneske tak")
    await world.desk.claim(mette, conversation_id)
    await world.desk.resolve(mette, conversation_id)
    asked = (await world.parcels())[-1]
    assert "1. Meget dårlig" in asked
    assert "5. Meget god" in asked
    _, (thanks,) = await world.text("5")
    assert thanks.reply == "rating_thanks"
    assert (await world.entry(conversation_id)).rating == 5


async def test_spam_ends_without_a_word(world: World, mette: StaffMember) -> None:
    conversation_id = await queued(world)
    before = len(await world.all_messages(conversation_id))
    entry = await world.desk.mark_spam(mette, conversation_id)
    assert entry.outcome is Outcome.spam
    assert len(await world.all_messages(conversation_id)) == before
    assert await world.state(conversation_id) == "resolved"


async def test_reopening_takes_it_up_again(world: World, mette: StaffMember) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    await world.desk.resolve(mette, conversation_id)
    await world.write(conversation_id, "hov, en ting til")
    assert await world.state(conversation_id) == "bot"
    await world.desk.reopen(mette, conversation_id)
    assert await world.state(conversation_id) == "assigned"
    assert len(await world.entries(conversation_id)) == 1
    with pytest.raises(NotPossible):
        await world.desk.reopen(mette, conversation_id)


async def test_a_transfer_waits_for_the_colleague(
    world: World, mette: StaffMember, omar: StaffMember
) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    await world.desk.offer(mette, conversation_id, omar.id, "Kan du tage den?")
    assert (await world.entry(conversation_id)).assignee == mette.id
    with pytest.raises(NothingOffered):
        await world.desk.accept(mette, conversation_id)
    await world.desk.decline(omar, conversation_id)
    with pytest.raises(NothingOffered):
        await world.desk.accept(omar, conversation_id)
    await world.desk.offer(mette, conversation_id, omar.id, "Nu?")
    assert (await world.desk.accept(omar, conversation_id)).assignee == omar.id
    last = (await world.all_messages(conversation_id))[-1]
    assert last.text == "Du skriver nu med Omar, Borgerservice."
    view = await world.console.open(omar, conversation_id)
    assert [note.text for note in view.notes] == ["Nu?"]
    with pytest.raises(NotAllowed):
        await world.desk.reply(mette, conversation_id, "hej", "1")


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("nobody", "unknown_colleague"),
        ("gone", "unknown_colleague"),
        ("self", "theirs_already"),
        ("editor", "colleague_converses_not"),
    ],
)
async def test_who_cannot_take_it_is_not_offered_it(
    world: World, mette: StaffMember, to: str, code: str
) -> None:
    await world.team(Team("parkering", "Parkering", ("parkering",)))
    people = {
        "nobody": "f" * 32,
        "gone": (await world.member("Per", teams=("parkering",))).id,
        "self": mette.id,
        "editor": (await world.member("Eva", role=Role.editor)).id,
    }
    await world.staff.change(people["gone"], Changes(active=False), by=None)
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    with pytest.raises(Refused, match=code):
        await world.desk.offer(mette, conversation_id, people[to], "")


async def test_a_colleague_of_another_team_takes_it_there(world: World, mette: StaffMember) -> None:
    await world.team(Team("parkering", "Parkering", ("parkering",)))
    per = await world.member("Per", role=Role.specialist, teams=("parkering",))
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    with pytest.raises(NotAllowed):
        await world.console.open(per, conversation_id)
    await world.desk.offer(mette, conversation_id, per.id, "En p-afgift")
    assert (await world.console.open(per, conversation_id)).entry.offer is not None
    entry = await world.desk.accept(per, conversation_id)
    assert (entry.team, entry.assignee) == ("parkering", per.id)
    await world.desk.reply(per, conversation_id, "Hej", "1")


async def test_passing_on_to_a_team_keeps_the_place(world: World, mette: StaffMember) -> None:
    await world.team(Team("parkering", "Parkering", ("parkering",)))
    conversation_id = await queued(world)
    before = (await world.entry(conversation_id)).queued_at
    world.clock.forward(minutes=5)
    await world.desk.claim(mette, conversation_id)
    entry = await world.desk.pass_on(mette, conversation_id, "parkering", "En p-afgift")
    assert (entry.team, entry.assignee, entry.queued_at) == ("parkering", None, before)
    assert await world.state(conversation_id) == "queued"
    last = (await world.all_messages(conversation_id))[-1]
    assert "Parkering" in last.text
    with pytest.raises(Refused, match="unknown_team"):
        await world.desk.pass_on(
            await world.member("Per", role=Role.administrator), conversation_id, "no-team", ""
        )


async def test_snoozed_until_then_or_until_the_citizen_writes(
    world: World, mette: StaffMember
) -> None:
    async def listed(name: ListName) -> int:
        return (await world.console.page(mette, name)).total

    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    with pytest.raises(Refused, match="in_the_past"):
        await world.desk.snooze(mette, conversation_id, world.clock())
    await world.desk.snooze(mette, conversation_id, world.clock() + dt.timedelta(hours=1))
    assert (await listed(ListName.mine), await listed(ListName.snoozed)) == (0, 1)
    await world.write(conversation_id, "er du der?")
    assert (await listed(ListName.mine), await listed(ListName.snoozed)) == (1, 0)
    await world.desk.snooze(mette, conversation_id, world.clock() + dt.timedelta(hours=1))
    world.clock.forward(hours=2)
    assert await listed(ListName.mine) == 1


@pytest.mark.parametrize("how", ["says so", "falls silent"])
async def test_whoever_goes_away_leaves_what_is_not_answered(
    world: World, mette: StaffMember, omar: StaffMember, how: str
) -> None:
    unanswered, answered = await queued(world), await queued(world)
    places = [(await world.entry(item)).queued_at for item in (unanswered, answered)]
    for item in (unanswered, answered):
        await world.desk.claim(mette, item)
    await world.desk.reply(mette, answered, "Hej", "1")
    if how == "says so":
        await world.desk.set_presence(mette, PresenceState.away)
    else:
        world.clock.forward(seconds=91)
        await world.desk.presence.beat(omar.id)
        await world.desk.sweep()
    assert await world.state(unanswered) == "queued"
    assert await world.state(answered) == "waiting_citizen"
    back = await world.entry(unanswered)
    assert (back.assignee, back.queued_at) == (None, places[0])
    # The citizen writes to somebody who is not there: then it goes back, too.
    await world.write(answered, "er du der?")
    await world.desk.sweep()
    assert (await world.entry(answered)).queued_at == places[1]
    assert await world.state(answered) == "queued"


async def test_a_heartbeat_keeps_the_conversation(world: World, mette: StaffMember) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    for _ in range(5):
        world.clock.forward(seconds=60)
        await world.desk.presence.beat(mette.id)
        await world.desk.sweep()
    assert await world.state(conversation_id) == "assigned"


async def test_a_team_that_shares_out_gives_it_to_who_speaks_the_language(
    world: World, mette: StaffMember, omar: StaffMember
) -> None:
    boss = await world.member("Bo", role=Role.administrator, online=False)
    await TeamBoard(world.engine).save(boss, TeamSettings("borgerservice", Assignment.auto))
    conversation = await world.begin("en")
    await world.ask_for_a_person(conversation.id)
    assert (await world.entry(conversation.id)).assignee == omar.id
    assert await world.state(conversation.id) == "assigned"


async def test_nobody_gets_more_than_they_can_have(world: World, team: Team) -> None:
    boss = await world.member("Bo", role=Role.administrator, online=False)
    await TeamBoard(world.engine).save(boss, TeamSettings(team.id, Assignment.auto))
    only = await world.member("Mette", teams=(team.id,), capacity=2)
    items = []
    for _ in range(3):
        conversation = await world.begin()
        await world.ask_for_a_person(conversation.id)
        items.append(conversation.id)
    assert [await world.state(item) for item in items] == ["assigned", "assigned", "queued"]
    await world.desk.resolve(only, items[0])
    await world.desk.sweep()
    assert await world.state(items[2]) == "assigned"


async def test_rights_are_asked_everywhere(world: World, mette: StaffMember) -> None:
    await world.team(Team("parkering", "Parkering", ("parkering",)))
    other = await world.member("Per", role=Role.specialist, teams=("parkering",))
    waiting = await queued(world)
    taken = await queued(world)
    await world.desk.claim(mette, taken)
    later = world.clock() + dt.timedelta(hours=1)
    tries = [
        world.desk.claim(other, waiting),
        world.desk.reply(other, taken, "hej", "1"),
        world.desk.note(other, taken, "hej"),
        world.desk.offer(other, taken, other.id, ""),
        world.desk.pass_on(other, taken, "parkering", ""),
        world.desk.put_back(other, taken),
        world.desk.snooze(other, taken, later),
        world.desk.wake(other, taken),
        world.desk.resolve(other, taken),
        world.desk.mark_spam(other, taken),
        world.desk.mark_read(other, taken, 1),
        world.desk.typing(other, taken),
        world.console.open(other, taken),
        TeamBoard(world.engine).save(other, TeamSettings("borgerservice")),
    ]
    for attempt in tries:
        with pytest.raises(NotAllowed):
            await attempt
    await world.desk.resolve(mette, taken)
    with pytest.raises(NotAllowed):
        await world.desk.reopen(other, taken)
    assert await world.state(waiting) == "queued"


async def test_what_is_not_there_is_not_found(world: World, mette: StaffMember) -> None:
    for attempt in (
        world.desk.claim(mette, "0" * 32),
        world.desk.reply(mette, "0" * 32, "hej", "1"),
        world.console.open(mette, "0" * 32),
    ):
        with pytest.raises(NotFound):
            await attempt
    conversation = await world.begin()
    with pytest.raises(NotPossible):
        await world.desk.claim(mette, conversation.id)
    with pytest.raises(NotFound):
        await world.console.open(mette, conversation.id)


async def test_the_trail_can_only_grow(world: World, mette: StaffMember) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    before = await world.trail(conversation_id)
    for statement in (
        update(ActivityRow).values(actor="somebody else"),
        update(ActivityRow).values(details={}),
        delete(ActivityRow),
    ):
        with pytest.raises(DBAPIError):
            async with world.engine.begin() as connection:
                await connection.execute(statement)
    assert await world.trail(conversation_id) == before
    await world.store.erase(conversation_id)
    async with world.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(ActivityRow)) == 0


async def test_erasing_leaves_nothing(world: World, mette: StaffMember) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    await world.desk.note(mette, conversation_id, "husk")
    await world.store.erase(conversation_id)
    async with world.engine.connect() as connection:
        for table in ("conversation", "message", "handover", "handover_note", "handover_draft"):
            count = await connection.scalar(text(f"SELECT count(*) FROM {table}"))
            assert count == 0, table
    with pytest.raises(NotFound):
        await world.desk.reply(mette, conversation_id, "hej", "1")


async def test_a_failing_transition_leaves_no_trace(
    world: World, mette: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation_id = await queued(world)
    before = await world.trail(conversation_id), await world.all_messages(conversation_id)

    async def broken(*_: object, **__: object) -> bool:
        raise RuntimeError("broken")

    monkeypatch.setattr(world.desk._voice, "tell", broken)
    with pytest.raises(RuntimeError):
        await world.desk.claim(mette, conversation_id)
    assert await world.state(conversation_id) == "queued"
    assert (await world.entry(conversation_id)).assignee is None
    assert (await world.trail(conversation_id), await world.all_messages(conversation_id)) == before


async def test_the_guide_that_is_still_thinking_falls_silent(
    world: World, mette: StaffMember
) -> None:
    conversation_id = await queued(world)
    message, _ = await world.store.add_citizen_message(conversation_id, "hvad?", channel="web")
    original = world.assistant.respond

    async def claimed_meanwhile(
        conversation_id: str, text: str, choice: str | None, context: Context
    ) -> list[Reply]:
        await world.desk.claim(mette, conversation_id)
        return await original(conversation_id, text, choice, context)

    world.assistant.respond = claimed_meanwhile  # type: ignore[method-assign]
    await world.settle(conversation_id)
    later = await world.after(conversation_id, message.seq)
    assert [item.author for item in later] == [Author.system]


async def test_a_left_message_is_answered_where_it_was_asked_for(
    world: World, mette: StaffMember
) -> None:
    conversation = await world.begin()
    await world.write(conversation.id, choice="leave")
    await world.write(conversation.id, "Min sag er vigtig")
    await world.write(conversation.id, "20 12 34 56")
    (done,) = await world.write(conversation.id, choice="leave:send")
    assert done.reply == "leave_done_elsewhere"
    entry = await world.desk.claim(mette, conversation.id)
    assert (entry.kind, entry.answer_address) == (Kind.message, PHONE)
    await world.desk.reply(mette, conversation.id, "Her er svaret", "1")
    assert await world.parcels() == ["Her er svaret\nMette, Borgerservice"]
    # From there on it goes wherever the citizen writes from.
    await world.write(conversation.id, "tak")
    message = await world.desk.reply(mette, conversation.id, "Selv tak", "2")
    assert message.channel == "web"


async def test_numbers_have_no_gaps(world: World, mette: StaffMember, omar: StaffMember) -> None:
    conversation_id = await queued(world)
    await world.desk.claim(mette, conversation_id)
    await asyncio.gather(
        *(world.desk.reply(mette, conversation_id, f"{n}", f"{n}") for n in range(10)),
        *(
            world.store.add_citizen_message(conversation_id, f"{n}", channel="web")
            for n in range(10)
        ),
    )
    numbers = [message.seq for message in await world.all_messages(conversation_id)]
    assert numbers == list(range(1, len(numbers) + 1))
    async with world.engine.connect() as connection:
        last = await connection.scalar(select(ConversationRow.last_seq))
        count = await connection.scalar(select(func.count()).select_from(MessageRow))
    assert last == count == len(numbers)


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = (AlreadyTaken, AtCapacity, NotPossible, NothingOffered)
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(issubclass(kind, DeskError) and kind.status == 409 for kind in kinds)
