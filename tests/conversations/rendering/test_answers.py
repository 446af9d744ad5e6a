"""Answers state what is verified, and nothing else as a fact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from conversations.models import Card, CardItem
from conversations.rendering.answers import ASPECTS, Answerer
from conversations.rendering.replies import ReplyTexts
from knowledge import formatting
from knowledge.catalogue import Catalogue
from knowledge.schema import State
from tests.conversations.rendering.conftest import TODAY, Changed

URL = re.compile(r"https?://\S+")
COST = {
    "id": "adult",
    "amount": 987654,
    "values": {"age": 18},
    "sources": ["kk-pas"],
    "last_verified": "2023",
}
"""The price of an adult's passport, as no source gives it."""
AMOUNTS = {"da": "987.654", "en": "987,654"}


def cards(catalogue: Catalogue, answerer: Answerer) -> Iterator[tuple[str, str, Card]]:
    """Every answer that can be given: its language, aspect and card."""
    for language in catalogue.language_codes:
        for service in catalogue.services:
            for aspect in ASPECTS:
                yield language, aspect, answerer.card(service, aspect, language)


def items(card: Card, kind: str) -> tuple[CardItem, ...]:
    return next((row.items for row in card.rows if row.kind == kind), ())


def test_card_and_text_say_the_same(catalogue: Catalogue, answerer: Answerer) -> None:
    for language, aspect, card in cards(catalogue, answerer):
        text = answerer.text(card)
        where = (language, card.service, aspect)
        assert text.startswith(card.title), where
        assert card.checked in text, where
        said = [item.text for row in card.rows for item in row.items]
        missing = [item for item in [card.summary, *said] if item not in text]
        assert not missing, where
        urls = {item.url for row in card.rows for item in row.items if item.url}
        told = {url for url in urls if not url.startswith("tel:")}
        assert all(url in text for url in told), where
        known = [card.title, card.summary, card.authority["note"] or "", card.checked, *said]
        known += [row.label for row in card.rows] + [link["url"] for link in card.links]
        rest = text
        for part in sorted({*known, *told}, key=len, reverse=True):
            rest = rest.replace(part, "") if part else rest
        assert not re.search(r"[^\W\d]", rest), (*where, rest)


def test_only_a_verified_price_is_a_number(catalogue: Catalogue, answerer: Answerer) -> None:
    for language in catalogue.language_codes:
        for service in catalogue.services.values():
            card = answerer.card(service.id, "cost", language)
            name = card.authority["name"]
            for item in items(card, "cost"):
                if not item.verified:
                    said = item.text.replace(name, "")
                    assert not re.search(r"\d", URL.sub("", said)), (service.id, item.text)
            stated = [item.text for item in items(card, "cost") if item.verified]
            amounts = [
                formatting.money(cost.amount, cost.currency, language)
                for cost in service.facts.costs
                if cost.state is State.verified and cost.amount
            ]
            assert all(any(amount in text for text in stated) for amount in amounts), service.id
            if not any(cost.state is State.verified for cost in service.facts.costs):
                assert not stated, service.id


@pytest.mark.parametrize("language", AMOUNTS)
def test_a_verified_price_is_stated(changed: Changed, language: str) -> None:
    answerer = changed("pas-voksen", costs=[{**COST, "state": "verified"}])
    (item,) = items(answerer.card("pas-voksen", "cost", language), "cost")
    assert item.verified
    assert AMOUNTS[language] in item.text
    assert "18" in item.text


@pytest.mark.parametrize("language", AMOUNTS)
@pytest.mark.parametrize(
    ("state", "key"), [("unverified", "check_cost"), ("conflicting", "check_conflict")]
)
@pytest.mark.parametrize("aspect", ["cost", "overview"])
def test_any_other_price_is_a_place_to_look_it_up(
    changed: Changed, replies: ReplyTexts, *, language: str, state: str, key: str, aspect: str
) -> None:
    answerer = changed("pas-voksen", costs=[{**COST, "state": state}])
    card = answerer.card("pas-voksen", aspect, language)
    (item,) = items(card, "cost")
    values = {"authority": card.authority["name"], "url": item.url}
    assert item == CardItem(replies.text(key, language, values), item.url, verified=False)
    assert item.url is not None
    assert AMOUNTS[language] not in answerer.text(card)
    assert "987654" not in answerer.text(card)


@pytest.mark.parametrize(
    ("date", "dated"),
    [("2022-12", True), ("2023", True), ("2023-12-31", True), ("2024", False), ("2024-05", False)],
)
@pytest.mark.parametrize("language", AMOUNTS)
def test_a_price_from_before_new_year_carries_its_year(
    changed: Changed, replies: ReplyTexts, language: str, date: str, dated: bool
) -> None:
    answerer = changed("pas-voksen", costs=[{**COST, "state": "verified", "last_verified": date}])
    (item,) = items(answerer.card("pas-voksen", "cost", language), "cost")
    assert (replies.text("as_of", language, {"year": date[:4]}) in item.text) == dated


def test_every_old_price_of_the_knowledge_carries_its_year(
    catalogue: Catalogue, answerer: Answerer
) -> None:
    seen = 0
    for language in catalogue.language_codes:
        for service in catalogue.services.values():
            said = [
                item.text for item in items(answerer.card(service.id, "cost", language), "cost")
            ]
            for cost in service.facts.costs:
                year = (cost.last_verified or "")[:4]
                if cost.state is State.verified and cost.amount and int(year) < TODAY.year:
                    amount = formatting.money(cost.amount, cost.currency, language)
                    assert any(amount in text and year in text for text in said), service.id
                    seen += 1
    assert seen


def test_free_is_a_word(changed: Changed, replies: ReplyTexts) -> None:
    answerer = changed("pas-voksen", costs=[{**COST, "amount": 0, "state": "verified"}])
    (item,) = items(answerer.card("pas-voksen", "cost", "da"), "cost")
    assert item.text.endswith(replies.text("free", "da"))


@pytest.mark.parametrize("state", ["unverified", "conflicting"])
@pytest.mark.parametrize("section", ["processing_times", "deadlines", "requirements", "evidence"])
def test_a_figure_that_is_not_verified_is_not_shown(
    catalogue: Catalogue, changed: Changed, state: str, section: str
) -> None:
    service = next(
        item
        for item in catalogue.services.values()
        if any("{" in text for text in getattr(item.texts["da"], section).values())
    )
    facts = []
    for fact in getattr(service.facts, section):
        values = dict.fromkeys(fact.values, "987 uger")
        facts.append({**fact.model_dump(), "state": state, "values": values})
    answerer = changed(service.id, **{section: facts})
    for aspect in ASPECTS:
        assert "987" not in answerer.text(answerer.card(service.id, aspect, "da"))


def test_another_authority_is_named_before_anything_else(
    catalogue: Catalogue, answerer: Answerer
) -> None:
    others = 0
    for language, aspect, card in cards(catalogue, answerer):
        own = catalogue.organisations[
            catalogue.services[card.service].facts.competent_authority
        ].level.value
        assert card.authority["own"] == (own == "municipality")
        if card.authority["own"]:
            assert card.authority["note"] is None
            continue
        others += 1
        name, note = card.authority["name"], card.authority["note"]
        assert name.casefold() in note.casefold()
        second = answerer.text(card).splitlines()[1]
        if card.summary:
            assert second == card.summary, (language, card.service)
        else:
            assert second == card.authority["note"], (language, card.service, aspect)
    assert others


def test_deadline_and_price_stand_first_in_the_overview(
    catalogue: Catalogue, answerer: Answerer
) -> None:
    for service in catalogue.services.values():
        kinds = [row.kind for row in answerer.card(service.id, "overview", "da").rows]
        expected = ["deadline"] * bool(service.facts.deadlines) + ["cost"] * bool(
            service.facts.costs
        )
        assert kinds[: len(expected)] == expected, service.id


def test_what_was_checked_is_dated_by_the_oldest_stated_fact(
    changed: Changed, replies: ReplyTexts
) -> None:
    costs = [
        {**COST, "state": "verified", "last_verified": "2021-03"},
        {**COST, "id": "pensioner", "state": "verified", "last_verified": "2023-05"},
        {**COST, "id": "photo", "state": "unverified", "last_verified": "2019"},
    ]
    card = changed("pas-voksen", costs=costs).card("pas-voksen", "cost", "da")
    date = formatting.partial_date("2021-03", "da")
    assert card.checked == replies.text("checked", "da", {"date": date})


def test_an_answer_without_any_verified_fact_names_no_source(changed: Changed) -> None:
    card = changed("pas-voksen", costs=[{**COST, "state": "unverified"}]).card(
        "pas-voksen", "cost", "da"
    )
    assert card.source is None


def test_every_answer_has_a_way_on(catalogue: Catalogue, answerer: Answerer) -> None:
    for language, aspect, card in cards(catalogue, answerer):
        assert card.links, (language, card.service, aspect)
        assert all(link["title"] and link["url"].startswith("http") for link in card.links)
        assert all(row.items and row.label for row in card.rows)
        if aspect != "simple":
            assert card.rows, (language, card.service, aspect)


@pytest.mark.parametrize(("service", "aspect"), [("nothing", "cost"), ("pas-voksen", "nothing")])
def test_what_does_not_exist_is_a_key_error(answerer: Answerer, service: str, aspect: str) -> None:
    with pytest.raises(KeyError):
        answerer.card(service, aspect, "da")


def test_a_reader_is_told_that_a_translation_may_be_old(
    catalogue: Catalogue, replies: ReplyTexts
) -> None:
    service = catalogue.services["flytning"]
    source = service.texts["da"].model_copy(update={"summary": "Noget andet."})
    changed = replace(service, texts={**service.texts, "da": source})
    newer = replace(catalogue, services={**catalogue.services, "flytning": changed})
    answerer = Answerer(lambda: newer, replies, lambda: TODAY)
    for language in ("en", "pl", "ar"):
        warning = replies.text("translation_old", language)
        assert warning in answerer.card("flytning", "overview", language).checked
    assert (
        replies.text("translation_old", "da")
        not in answerer.card("flytning", "overview", "da").checked
    )
