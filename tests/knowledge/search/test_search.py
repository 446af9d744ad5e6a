"""Search as a citizen meets it: their own words, however they are written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.catalogue import Catalogue, load
from knowledge.search import KnowledgeSearch
from tests.knowledge.toy import Toy

NASTY = {
    "quotes": '"',
    "unbalanced": '"pas" OR "',
    "operators": "pas AND OR NOT NEAR",
    "near": "NEAR(pas hund, 2)",
    "column": "title:pas",
    "prefix": "pas*",
    "initial": "^pas",
    "minus": "-pas",
    "plus": "pas + kørekort",
    "braces": "{title names}: pas",
    "parentheses": "((((pas",
    "SQL": "'; DROP TABLE entry; --",
    "union": "pas' UNION SELECT * FROM sqlite_master --",
    "parameters": "? :pas @pas $pas ?1",
    "format": "%s %d {pas} {0}",
    "NUL": "pas\x00hund",
    "half a character": "\ud800 pas",
    "direction marks": "\u202epas\u202c",
    "joined emoji": "👨‍👩‍👧‍👦 pas",
    "combining": "p\u0301a\u0302s",
    "empty": "",
    "spaces": " \t\n\u00a0",
    "emoji": "😀",
    "marks": "?!...",
    "very long word": "a" * 100_000,
    "very many words": " ".join(f"ord{n}" for n in range(10_000)),
    "very often": "pas " * 20_000,
}


@pytest.mark.parametrize("question", NASTY.values(), ids=NASTY.keys())
@pytest.mark.parametrize("language", ["da", "en"])
def test_nothing_in_a_question_is_more_than_text(
    search: KnowledgeSearch, catalogue: Catalogue, question: str, language: str
) -> None:
    hits = search.find(question, language)
    assert {hit.service for hit in hits.ranked} <= set(catalogue.services)
    assert 0 <= hits.probability <= 1
    # And the index is whole afterwards.
    assert search.find("mit pas er udløbet", "da").ranked[0].service.startswith("pas")


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("question", ["", " \n", "😀", "?!...", "👍🏽 🎉", "\x00", "-", ":)"])
def test_a_question_without_words_is_offered_nothing(
    search: KnowledgeSearch, question: str, language: str
) -> None:
    hits = search.find(question, language)
    assert (hits.candidates, hits.clear, hits.life_event) == ((), None, None)


@pytest.mark.parametrize("question", ["?", "?!...", "-", ":)"])
def test_a_question_of_marks_finds_nothing(search: KnowledgeSearch, question: str) -> None:
    assert search.find(question, "da").ranked == ()


ANYTHING = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="\"'*():^-+{}; ORANDpas", max_size=60),
    st.lists(st.sampled_from(list(NASTY.values())[:20]), max_size=4).map(" ".join),
)


@settings(deadline=None)
@given(question=ANYTHING, language=st.sampled_from(["da", "en", "de", ""]))
def test_any_question_is_answered_in_order(
    search: KnowledgeSearch, question: str, language: str
) -> None:
    hits = search.find(question, language)
    scores = [hit.score for hit in hits.ranked]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.service for hit in hits.ranked}) == len(hits.ranked)
    assert set(hits.candidates) <= {hit.service for hit in hits.ranked}
    assert hits.clear in (None, *(hit.service for hit in hits.ranked[:1]))


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_title_of_every_service_finds_it_first(
    search: KnowledgeSearch, catalogue: Catalogue, language: str
) -> None:
    lost = {}
    for service in catalogue.services.values():
        first = search.find(service.texts[language].title, language).ranked[0].service
        if first != service.id:
            lost[service.id] = first
    assert lost == {}


QUESTIONS = {
    "kørekort fornyelse": "koerekort-fornyelse",
    "mit barn skal have pas": "pas-boern",
    "boligstøtte": "boligstoette",
    "børneydelse": "boerneydelse",
    "kørestol fra hjælpemidler": "hjaelpemidler",
    "støj fra naboen": "stoej",
    "rotter på loftet": "rotter",
    "begravelseshjælp": "begravelseshjaelp",
    "dødsfald i familien": "doedsfald",
    "navneændring": "navneaendring",
    "lægeskift": "laegeskift",
    "få nyt skattekort": "skattekort",
    "førtidspension": "foertidspension",
    "bopælsattest": "bopaelsattest",
    "huslejenævn": "huslejenaevn",
    "plads i børnehave": "boernehave",
    "min cykel er stjålet": "stjaalet-cykel",
}
SPELLINGS: dict[str, dict[str, str | int | None]] = {
    "ae, oe, aa": {"æ": "ae", "ø": "oe", "å": "aa"},
    "ae, o, a": {"æ": "ae", "ø": "o", "å": "a"},
    "Swedish": {"æ": "ä", "ø": "ö", "å": "å"},
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_spelling_without_danish_letters_finds_the_same_first(
    search: KnowledgeSearch, question: str
) -> None:
    firsts = {}
    for name, letters in SPELLINGS.items():
        written = question.translate(str.maketrans(letters))
        firsts[name] = search.find(written, "da").ranked[0].service
        firsts[f"{name}, capitals"] = search.find(written.upper(), "da").ranked[0].service
    assert set(firsts.values()) == {QUESTIONS[question]}, firsts
    assert search.find(question, "da").ranked[0].service == QUESTIONS[question]


@pytest.mark.parametrize(
    ("question", "service"),
    [
        ("koerekrot fornyelse", "koerekort-fornyelse"),
        ("boligstøte", "boligstoette"),
        ("dødsfal", "doedsfald"),
        ("huslejenævnnet", "huslejenaevn"),
        ("skattekrot", "skattekort"),
    ],
)
def test_a_typing_mistake_is_forgiven(search: KnowledgeSearch, question: str, service: str) -> None:
    assert search.find(question, "da").ranked[0].service == service


@pytest.mark.parametrize(
    ("question", "service"),
    [
        ("beboerindskudslån", "beboerindskudslaan"),
        ("boligstøtte", "boligstoette"),
        ("dagpenge ved sygdom", "sygedagpenge"),
        ("rotter i kælderen", "rotter"),
        ("hvordan søger jeg folkepension", "folkepension"),
        ("jeg vil registrere min hund", "hund"),
        ("min cykel er stjålet", "stjaalet-cykel"),
    ],
)
def test_danish_words_are_found_from_another_language(
    search: KnowledgeSearch, question: str, service: str
) -> None:
    assert search.find(question, "en").ranked[0].service == service


def test_a_language_without_texts_is_searched_along_its_fallbacks(toy: Toy) -> None:
    search = KnowledgeSearch(load(toy.root))
    assert search.find("my puppy", "de").ranked[0].service == "hund"
    assert search.find("my puppy", "de") == search.find("my puppy", "en")
    # English has nothing at all on waste, so Danish answers.
    assert search.find("container", "de", within=["affald"]).ranked[0].service == "affald"


def test_an_unknown_language_is_searched_in_the_source_language(search: KnowledgeSearch) -> None:
    assert search.find("boligstøtte", "xx") == search.find("boligstøtte", "da")


def test_within_limits_the_answer_and_keeps_the_order(search: KnowledgeSearch) -> None:
    free = [hit.service for hit in search.find("nyt pas", "da").ranked]
    chosen = {free[0], free[2], free[3]}
    limited = [hit.service for hit in search.find("nyt pas", "da", within=chosen).ranked]
    assert limited == [service for service in free if service in chosen]


def test_within_can_leave_out_the_best(search: KnowledgeSearch) -> None:
    hits = search.find("mit pas er udløbet", "da", within=["hund", "rotter"])
    assert {hit.service for hit in hits.ranked} == {"hund", "rotter"}


def test_within_one_service_finds_that_one(search: KnowledgeSearch, catalogue: Catalogue) -> None:
    for service in list(catalogue.services)[::10]:
        hits = search.find("hvad koster det", "da", within=[service])
        assert [hit.service for hit in hits.ranked] == [service]


@pytest.mark.parametrize("within", [(), ["kat"]], ids=str)
def test_within_nothing_finds_nothing(search: KnowledgeSearch, within: list[str]) -> None:
    hits = search.find("mit pas er udløbet", "da", within=within)
    assert hits.ranked == ()
    assert hits.clear is None


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_life_event_is_found_by_phrasings_of_its_own_and_most_phrasings_find_theirs(
    search: KnowledgeSearch, catalogue: Catalogue, language: str
) -> None:
    found = {
        event.id: [
            search.find(phrasing, language).life_event == event.id
            for phrasing in event.texts[language].phrasings
        ]
        for event in catalogue.life_events.values()
    }
    assert [event for event, hits in found.items() if not any(hits)] == []
    everything = [hit for hits in found.values() for hit in hits]
    assert sum(everything) * 2 > len(everything)


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_title_of_a_service_is_no_life_event(
    search: KnowledgeSearch, catalogue: Catalogue, language: str
) -> None:
    events = {
        service.id: event
        for service in catalogue.services.values()
        if (event := search.find(service.texts[language].title, language).life_event)
    }
    assert events == {}


def test_many_threads_find_what_one_finds(search: KnowledgeSearch, catalogue: Catalogue) -> None:
    titles = [service.texts["da"].title for service in catalogue.services.values()]
    alone = [search.find(title, "da") for title in titles]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda title: search.find(title, "da"), titles))
    assert together == alone
