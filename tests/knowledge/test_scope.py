"""What the city can be asked, on the real knowledge base."""

from __future__ import annotations

import pytest

from knowledge.catalogue import Catalogue
from knowledge.fitted import fit_anew
from knowledge.scope import Scope, learn, load_scope, phrasings

_SURE = 0.27


@pytest.mark.parametrize(
    "text",
    [
        "who won the match last night",
        "write me a poem about the sea",
        "hvordan koger jeg ris",
        "wie wird das Wetter am Wochenende",
        "ile kosztuje bilet do kina",
        "скільки коштує айфон",
        "rețetă de sarmale",
        "كم سعر الذهب اليوم",
        "maç saat kaçta",
    ],
)
def test_other_subjects(scope: Scope, text: str) -> None:
    assert scope.unrelated(text, found=0.05) > _SURE


def test_how_services_are_asked_about(scope: Scope, catalogue: Catalogue) -> None:
    said = list(phrasings(catalogue))[::97]
    refused = [text for text in said if scope.outside(text) > 0.5]
    assert len(refused) <= len(said) / 100, refused


def test_a_service_that_search_is_sure_of_is_not_refused(scope: Scope) -> None:
    text = "who won the match last night"
    assert scope.unrelated(text, found=1.0) < scope.unrelated(text, found=0.0)


@pytest.mark.parametrize("text", ["", "👋", "xqzwv qqxz"])
def test_what_has_no_known_word_is_not_something_else(scope: Scope, text: str) -> None:
    assert scope.unrelated(text, found=0.0) == 0.0


def test_it_can_be_kept(catalogue: Catalogue) -> None:
    inside, outside = ["parking permit", "a passport"], ["a poem", "football match"]
    known = Scope(learn(inside, outside))
    again = Scope({name: values.copy() for name, values in learn(inside, outside).items()})
    assert known.outside("football") == again.outside("football") > known.outside("passport")
    assert isinstance(load_scope(catalogue, [], outside, fit_anew), Scope)
