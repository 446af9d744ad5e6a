"""Actions about districts and places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict

from bot.actions.answering import Answering
from bot.actions.base import Heard, ReplyAction
from conversations.models import Reply
from knowledge.areas import Area, area_of, places_near
from knowledge.catalogue import Catalogue
from knowledge.folding import words

AREA_WORDS = 4
"""Up to so many words only name an area: "I live in 2200"."""


def describe(area: Area) -> Reply:
    """Which district it is, and how sure that is."""
    if area.municipality is not None:
        values = {"code": area.postal_code, "municipality": area.municipality}
        return Reply("district_elsewhere", values)
    if area.postal_code is None:
        return Reply("district_name", {"district": area.districts[0]})
    if len(area.districts) > 1:
        return Reply("district_many", {"code": area.postal_code, "districts": area.districts})
    key = "district_exact" if area.exact else "district_one"
    return Reply(key, {"code": area.postal_code, "district": area.districts[0]})


class ActionArea(ReplyAction):
    """Says which district an area is, or what lies nearest to it."""

    action = "action_area"

    def __init__(self, catalogue: Callable[[], Catalogue], answers: Answering) -> None:
        self._catalogue = catalogue
        self._answers = answers

    def reply(self, heard: Heard) -> Reply | list[Reply]:
        catalogue = self._catalogue()
        if heard.slots.get("area") is None and len(words(heard.text)) > AREA_WORDS:
            # Nobody asked for an area: "I have moved to Nørrebro" is about moving.
            answer = self._answers.clear(heard.text, heard.context.language)
            if answer is not None:
                return answer
        said = heard.slots.get("area") or heard.entities.get("postal_code")
        said = said or heard.entities.get("district")
        area = area_of(catalogue, said) if said else None
        if area is None:
            return Reply("area_unknown", choices=("human",))
        if heard.slots.get("area_question") == "district" or area.municipality is not None:
            return describe(area)
        places = tuple(place.id for place in places_near(catalogue, area.districts))
        # A name is a name in every language; a code says more than the list of its districts.
        label = area.postal_code or catalogue.districts[area.districts[0]].name
        values = {"area": label, "places": places, "url": str(catalogue.organisations["kk"].url)}
        near = Reply("nearest", values, choices=("human",))
        return [describe(area), near] if len(area.districts) > 1 else near


class ActionForgetArea(Action):
    """The next question about an area starts afresh."""

    def name(self) -> str:
        return "action_forget_area"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        return [SlotSet("area", None), SlotSet("area_question", None)]
