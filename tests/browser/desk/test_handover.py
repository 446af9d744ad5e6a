"""A citizen at the widget and two members of staff at the desk, all at once."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

from tests.browser.desk.clerk import Clerk
from tests.browser.desk.conftest import TEAM, Office

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_from_the_first_question_to_the_stars(
    office: Office, mette: Clerk, omar: Clerk
) -> None:
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    for clerk in (mette, omar):
        await expect(clerk.item(conversation)).to_be_visible()

    await mette.claim(conversation)
    await expect(guide.part("status")).to_have_attribute("data-phase", "assigned")
    joined = guide.messages.filter(has_text="Mette Holm, Borgerservice")
    await expect(joined).to_have_count(1)
    await expect(omar.item(conversation)).to_have_count(0)

    await mette.say("Goddag, det er Mette. Hvornår flytter du?")
    said = guide.messages.filter(has_text="Hvornår flytter du?")
    await expect(said).to_have_attribute("data-author", "staff")
    await expect(said).to_contain_text("Mette Holm")

    await guide.write("På fredag")
    await expect(mette.messages.filter(has_text="På fredag")).to_have_count(1)
    # The guide says nothing to it: a person has the word.
    await mette.say("Så har du fem dage til at melde det.")
    await expect(guide.messages.filter(has_text="fem dage")).to_have_count(1)
    authors = [message["author"] for message in await guide.stored()]
    assert authors[-3:] == ["staff", "citizen", "staff"]

    await mette.resolve("solved", "Flytter på fredag")
    await expect(guide.part("status")).to_have_attribute("data-phase", "resolved")
    await expect(guide.choices).to_have_count(5)
    await guide.choose(guide.choices.last)
    await guide.choose(guide.choices.last)
    await guide.say("Hurtigt og venligt")
    await expect(guide.answers.last).to_be_visible()
    answer = await guide.say("hvad koster et pas til en voksen?")
    await expect(answer).to_be_visible()
    await expect(guide.part("status")).to_be_hidden()
    assert (await guide.stored())[-1]["author"] == "guide"

    await mette.open(conversation, "resolved")
    await mette.part("tab-activity").click()
    await expect(mette.page.locator(".trail")).to_contain_text("stjerner")


async def test_both_press_at_once_and_one_has_it(office: Office, mette: Clerk, omar: Clerk) -> None:
    office.watch.refused = ["/claim"]
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    clerks = (mette, omar)
    for clerk in clerks:
        await clerk.open(conversation)
        await expect(clerk.part("claim")).to_be_visible()
    await asyncio.gather(*(clerk.part("claim").click() for clerk in clerks))
    for clerk in clerks:
        await expect(clerk.part("claim")).to_have_count(0)
        await expect(clerk.notice).to_be_visible()
    having = [clerk for clerk in clerks if await clerk.field.count()]
    assert len(having) == 1
    other = omar if having == [mette] else mette
    await expect(other.notice).to_contain_text(having[0].name())
    await expect(other.part("state")).to_contain_text(having[0].name())
    joined = guide.messages.filter(has_text=f"{having[0].name()}, Borgerservice")
    await expect(joined).to_have_count(1)
    keys = [message["reply"] for message in await guide.stored()]
    assert keys.count("handover_joined") == 1


async def test_transfer_to_a_colleague_who_declines_and_then_accepts(
    office: Office, mette: Clerk, omar: Clerk
) -> None:
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    await mette.claim(conversation)
    await mette.say("Et øjeblik")
    await mette.transfer(f"member:{omar.member.id}", "Kan du tage den?")
    await expect(mette.part("offer")).to_contain_text("Omar Said")

    await omar.open(conversation, "mine")
    await expect(omar.part("offer")).to_contain_text("Kan du tage den?")
    await expect(omar.part("offer")).to_contain_text("Mette Holm")
    await omar.part("decline").click()
    await omar.page.locator("dialog[open] textarea").fill("Jeg er til møde")
    await omar.confirm()
    await expect(mette.part("offer")).to_have_count(0)
    await mette.part("tab-notes").click()
    await expect(mette.part("note")).to_contain_text("Jeg er til møde")
    # It has stayed where it was, and the citizen has noticed nothing.
    await mette.say("Jeg er her stadig")
    await expect(guide.messages.filter(has_text="Omar Said")).to_have_count(0)

    await mette.transfer(f"member:{omar.member.id}", "Og nu?")
    await expect(omar.item(conversation)).to_be_visible()
    await omar.open(conversation, "mine")
    await omar.part("accept").click()
    await expect(omar.field).to_be_visible()
    await expect(guide.messages.filter(has_text="Omar Said, Borgerservice")).to_have_count(1)
    await omar.say("Goddag, nu er det Omar")
    await expect(guide.messages.filter(has_text="nu er det Omar")).to_have_count(1)
    await expect(mette.field).to_have_count(0)
    await expect(mette.part("state")).to_contain_text("Omar Said")


async def test_transfer_to_another_team(office: Office, mette: Clerk) -> None:
    sara = await office.clerk("Sara Lund", "musik")
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    await expect(mette.item(conversation)).to_be_visible()
    await expect(sara.item(conversation)).to_have_count(0)
    await mette.claim(conversation)
    # From then on it is not hers to see.
    office.watch.refused = [conversation]
    await mette.transfer("team:musik", "Det er jer")
    await expect(guide.part("status")).to_have_attribute("data-phase", "queued")
    await expect(guide.messages.filter(has_text="Musikskolen")).to_have_count(1)
    await sara.claim(conversation)
    await sara.part("tab-notes").click()
    await expect(sara.part("note")).to_contain_text("Det er jer")
    await expect(guide.messages.filter(has_text="Sara Lund, Musikskolen")).to_have_count(1)


async def test_who_goes_away_leaves_it_to_others(office: Office, mette: Clerk, omar: Clerk) -> None:
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    await mette.claim(conversation)
    await expect(guide.part("status")).to_have_attribute("data-phase", "assigned")
    await mette.present("away")
    await expect(guide.part("status")).to_have_attribute("data-phase", "queued")
    await expect(mette.part("claim")).to_be_visible()
    await omar.claim(conversation)
    await expect(guide.messages.filter(has_text="Omar Said")).to_have_count(1)


async def test_put_aside_it_comes_back_when_the_citizen_writes(
    office: Office, mette: Clerk
) -> None:
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    await mette.claim(conversation)
    await mette.say("Jeg vender tilbage")
    await mette.part("snooze").click()
    await mette.confirm()
    await mette.part("list-mine").click()
    await expect(mette.item(conversation)).to_have_count(0)
    await mette.part("list-snoozed").click()
    await expect(mette.item(conversation)).to_be_visible()
    await guide.write("Jeg fandt det selv")
    await mette.part("list-mine").click()
    await expect(mette.item(conversation)).to_be_visible()
    await expect(mette.item(conversation)).to_contain_text("Jeg fandt det selv")


async def test_a_reload_keeps_everything_on_each_side(office: Office, mette: Clerk) -> None:
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    await mette.claim(conversation)
    await mette.say("Hvad kan jeg hjælpe med?")
    await guide.write("Jeg har to børn")
    await expect(mette.messages.filter(has_text="to børn")).to_have_count(1)
    await mette.field.fill("Et udkast, som ingen har set")
    before = await mette.texts()

    await mette.page.reload()
    await expect(mette.field).to_have_value("Et udkast, som ingen har set")
    assert await mette.texts() == before

    shown = await guide.messages.count()
    await guide.page.reload()
    await expect(guide.messages).to_have_count(shown)
    await expect(guide.part("status")).to_have_attribute("data-phase", "assigned")
    await guide.write("Er du der?")
    await expect(mette.messages.filter(has_text="Er du der?")).to_have_count(1)
    await mette.part("send").click()
    await expect(guide.messages.filter(has_text="Et udkast")).to_have_count(1)


async def test_two_tabs_of_one_member_agree(office: Office, mette: Clerk) -> None:
    guide, conversation = await office.waiting("hvordan melder jeg flytning?")
    other = await office.another_tab(mette)
    await other.load(f"waiting/{conversation}")
    await mette.claim(conversation)
    await expect(other.part("claim")).to_have_count(0)
    await expect(other.field).to_be_visible()
    await mette.field.fill("Halvt færdig")
    await expect(other.field).to_have_value("Halvt færdig")
    await other.field.fill("")
    await other.say("Fra den anden fane")
    await expect(mette.messages.filter(has_text="Fra den anden fane")).to_have_count(1)
    await expect(mette.field).to_have_value("")
    await expect(guide.messages.filter(has_text="Fra den anden fane")).to_have_count(1)

    await mette.part("sign-out").click()
    for tab in (mette, other):
        await expect(tab.part("sign-in")).to_be_visible()


async def test_the_desk_in_english_with_a_citizen_who_writes_english(office: Office) -> None:
    anna = await office.clerk("Anna Berg", TEAM, language="en")
    guide, conversation = await office.waiting("how do I register a new address?", language="en")
    await anna.claim(conversation)
    await anna.say("Hello, this is Anna.")
    await expect(guide.messages.filter(has_text="this is Anna")).to_have_count(1)
    await expect(
        guide.messages.filter(has_text="You are now writing with Anna Berg")
    ).to_have_count(1)
