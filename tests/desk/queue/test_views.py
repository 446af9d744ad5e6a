"""What consoles show: the right conversations, in the right order, and no others."""

from __future__ import annotations

import pytest

from conversations.delivery.port import Parcel
from conversations.handover import Reason
from conversations.models import Rendered, Reply
from conversations.store.codes import OneTimeCodes, Purpose
from conversations.store.writing import Said
from desk.accounts.models import Role, StaffMember, Team
from desk.errors import NotAllowed
from desk.queue.models import Outcome
from desk.queue.views import PAGE, ListName
from tests.desk.queue.world import PHONE, World


async def waiting(world: World, words: str = "et menneske tak", service: str = "") -> str:
    conversation = await world.begin()
    if service:
        world.says(Reply("service", service=service))
        await world.write(conversation.id, service)
    world.says(Reply("human"))
    await world.write(conversation.id, words)
    return conversation.id


async def ids(world: World, member: StaffMember, name: ListName) -> list[str]:
    listing = await world.console.page(member, name)
    assert listing.total == len(listing.items)
    return [item.entry.conversation_id for item in listing.items]


async def test_the_queue_is_in_order(world: World, mette: StaffMember) -> None:
    first = await waiting(world)
    world.clock.forward(seconds=10)
    second = await waiting(world)
    world.clock.forward(seconds=10)
    urgent = await waiting(world, "jeg vil ikke leve mere")
    assert await ids(world, mette, ListName.waiting) == [urgent, first, second]
    (top, *_) = (await world.console.page(mette, ListName.waiting)).items
    assert (top.entry.reason, top.snippet) == (Reason.crisis, "jeg vil ikke leve mere")
    await world.desk.claim(mette, second)
    assert await ids(world, mette, ListName.waiting) == [urgent, first]
    assert await ids(world, mette, ListName.mine) == [second]


async def test_unread_counts_what_the_citizen_wrote(world: World, mette: StaffMember) -> None:
    conversation_id = await waiting(world)
    await world.desk.claim(mette, conversation_id)
    (item,) = (await world.console.page(mette, ListName.mine)).items
    assert item.unread == 1
    await world.desk.mark_read(mette, conversation_id, item.last_seq)
    await world.write(conversation_id, "er du der?")
    (item,) = (await world.console.page(mette, ListName.mine)).items
    assert (item.unread, item.snippet) == (1, "er du der?")


async def test_a_page_is_not_everything(world: World, mette: StaffMember) -> None:
    for _ in range(PAGE + 2):
        conversation, _ = await world.store.create("web", "da", language_chosen=False)
        await world.store.add_citizen_message(conversation.id, "hej", channel="web", choice="human")
        await world.settle(conversation.id)
    first = await world.console.page(mette, ListName.waiting)
    second = await world.console.page(mette, ListName.waiting, PAGE)
    assert (len(first.items), first.total, len(second.items)) == (PAGE, PAGE + 2, 2)
    seen = {item.entry.conversation_id for item in (*first.items, *second.items)}
    assert len(seen) == PAGE + 2


async def test_lists_show_what_role_and_team_may_see(world: World, mette: StaffMember) -> None:
    await world.team(Team("parkering", "Parkering", ("parkering",)))
    per = await world.member("Per", role=Role.specialist, teams=("parkering",))
    editor = await world.member("Eva", role=Role.editor)
    boss = await world.member("Bo", role=Role.administrator, online=False)
    ours = await waiting(world, "det hemmelige pas")
    theirs = await waiting(world, "den hemmelige licens", service="beboerlicens")
    assert await ids(world, mette, ListName.waiting) == [ours]
    assert await ids(world, per, ListName.waiting) == [theirs]
    assert await ids(world, editor, ListName.waiting) == []
    assert set(await ids(world, boss, ListName.waiting)) == {ours, theirs}
    for member, visible in ((mette, [ours]), (per, [theirs]), (editor, [])):
        hits = await world.console.search(member, "hemmelige")
        assert [hit.message.conversation_id for hit in hits] == visible
    with pytest.raises(NotAllowed):
        await world.console.open(per, ours)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ærø", True),
        ("ÆRØ", True),
        ("100%", True),
        ("under_streg", True),
        (r"back\slash", True),
        ("100% Ærø", True),
        ("1%0", False),
        ("under.streg", False),
        ("%", True),
        ("ærø sjælland", False),
        ("", False),
        ("'; DROP TABLE message; --", False),
    ],
)
async def test_search_takes_words_as_they_are(
    world: World, mette: StaffMember, words: str, *, found: bool
) -> None:
    await waiting(world, r"Jeg er 100% sikker på Ærø under_streg back\slash")
    assert bool(await world.console.search(mette, words)) is found


async def test_what_never_came_to_the_desk_is_not_found(world: World, mette: StaffMember) -> None:
    conversation = await world.begin()
    await world.write(conversation.id, "min hemmelighed")
    assert await world.console.search(mette, "hemmelighed") == []


async def test_one_conversation_with_all_that_belongs_to_it(
    world: World, mette: StaffMember
) -> None:
    world.says(Reply("district_exact", {"code": "2450", "district": "vesterbro"}))
    await world.text("jeg bor i 2450")
    world.says(Reply("service", service="pas-voksen"))
    await world.text("hvad koster et nyt pas?")
    world.says(Reply("fallback_1"))
    await world.text("xyzzy")
    world.says(Reply("human"))
    conversation_id, _ = await world.text("et menneske tak")
    world.clock.forward(minutes=2)
    await world.desk.claim(mette, conversation_id)
    await world.desk.note(mette, conversation_id, "Ring til Kim")
    await world.desk.reply(mette, conversation_id, "Hej", "1")
    view = await world.console.open(mette, conversation_id)
    assert view.summary.services == ("pas-voksen",)
    assert view.summary.area == "jeg bor i 2450"
    assert view.summary.failed == ("xyzzy",)
    assert view.summary.asked == ("hvad koster et nyt pas?", "xyzzy", "et menneske tak")
    assert (view.summary.language, view.summary.channel) == ("da", "sms")
    assert (view.summary.waited, view.summary.danger) == (120, False)
    assert [note.text for note in view.notes] == ["Ring til Kim"]
    assert view.messages[-1].delivery == "pending"
    assert [item.kind for item in view.activity][:2] == ["handover_requested", "claimed"]
    assert view.entry.assignee == mette.id


async def test_other_conversations_of_the_same_phone_are_named(
    world: World, mette: StaffMember
) -> None:
    world.says(Reply("human"))
    by_phone, _ = await world.text("et menneske tak")
    conversation = await world.begin()
    for words in ("leave", "Ring til mig", "20 12 34 56", "leave:send"):
        code = words if words.startswith("leave") else None
        await world.write(conversation.id, "" if code else words, code)
    (other,) = (await world.console.open(mette, conversation.id)).others
    assert other.conversation_id == by_phone


@pytest.mark.parametrize("which", ["phone", "web", "both"])
async def test_conversations_that_become_one_keep_the_place(
    world: World, mette: StaffMember, which: str
) -> None:
    """The citizen's phone joins the conversation on the website."""
    world.says(Reply("human"))
    by_phone, _ = await world.text("et menneske tak" if which != "web" else "hej")
    if which == "web":
        await world.write(by_phone, choice="withdraw")
    place = world.clock()
    world.clock.forward(minutes=1)
    conversation = await world.begin()
    if which != "phone":
        await world.write(conversation.id, "et menneske tak")
    if which == "both":
        await world.desk.claim(mette, conversation.id)
    codes = OneTimeCodes(world.engine, world.handover.follow_join)
    parcels = [Parcel("sms", PHONE, {"body": "123456"})]
    await codes.issue(conversation.id, Purpose.joining, "123456", parcels, seconds=600, tries=5)
    said = Said(Rendered("ok", "da", "joined"))
    await codes.join(conversation.id, "123456", lambda *_: said, Rendered("før", "da", "earlier"))
    open_ones = [item for item in await world.entries(conversation.id) if item.closed_at is None]
    (entry,) = open_ones
    expected = {"phone": "queued", "web": "queued", "both": "assigned"}
    assert await world.state(conversation.id) == expected[which]
    if which == "phone":
        assert entry.queued_at == place
    if which == "both":
        assert entry.assignee == mette.id
        ended = [item.outcome for item in await world.entries(conversation.id) if item.closed_at]
        assert ended == [Outcome.merged]
    numbers = [message.seq for message in await world.all_messages(conversation.id)]
    assert numbers == list(range(1, len(numbers) + 1))
