"""What search is made of: passages, stems and the full-text index."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.catalogue import Catalogue, load
from knowledge.search.documents import Passage, life_event_passages, service_passages
from knowledge.search.lexical import LexicalIndex
from knowledge.search.ranker import LearnedRanker, learn
from knowledge.search.terms import stemmer
from tests.knowledge.toy import Toy

WORDS = stemmer(None)


def test_passages_are_everything_a_language_says_of_a_service(toy: Toy) -> None:
    toy.edit("services/hund/en.yml", lambda text: text.update(names=["chip"]))
    said = {p for p in service_passages(load(toy.root), "en") if p.owner == "hund"}
    assert Passage("hund", "title", "Register your dog") in said
    assert Passage("hund", "names", "chip") in said
    assert Passage("hund", "phrasings", "my puppy needs a chip") in said
    assert Passage("hund", "prose", "Register your dog.") in said


def test_a_language_without_a_text_has_no_passage(toy: Toy) -> None:
    catalogue = load(toy.root)
    assert {p.owner for p in service_passages(catalogue, "da")} == {"hund", "pas", "affald"}
    assert {p.owner for p in service_passages(catalogue, "en")} == {"hund", "pas"}
    assert list(service_passages(catalogue, "de")) == []
    assert {p.owner for p in life_event_passages(catalogue, "da")} == {"moving"}
    assert list(life_event_passages(catalogue, "en")) == []


def test_passages_show_no_placeholder(catalogue: Catalogue) -> None:
    for code in catalogue.language_codes:
        assert not [p for p in service_passages(catalogue, code) if "{" in p.text]


@pytest.mark.parametrize(
    ("algorithm", "spellings"),
    [
        ("danish", ["kørekort", "koerekort", "KOREKORT", "kørekortet", "kørekorts"]),
        ("danish", ["vuggestue", "vuggestuen", "vuggestuer"]),
        ("english", ["passport", "passports", "PASSPORT"]),
        ("english", ["moving", "moved", "moves"]),
        ("german", ["Wohnung", "Wohnungen"]),
    ],
)
def test_forms_and_spellings_of_a_word_have_one_stem(algorithm: str, spellings: list[str]) -> None:
    stem = stemmer(algorithm)
    assert len({tuple(stem(word)) for word in spellings}) == 1


def test_without_an_algorithm_words_are_folded_only() -> None:
    assert WORDS("Kørekortet, ja!") == ["korekortet", "ja"]


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    passages = [
        Passage("a", "title", "pas"),
        Passage("b", "prose", "pas"),
        Passage("c", "phrasings", "hund or kat and near not"),
        Passage("d", "names", "ko"),
    ]
    return LexicalIndex(passages, ["a", "b", "c", "d", "e"], WORDS)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("pas", "ab"),
        ("hund pas", "abc"),
        ("KAT", "c"),
        ("ged", ""),
        ("", ""),
        ("😀", ""),
        ("pa*", ""),
        ("title:pas", "ab"),
        ("OR", "c"),
        ("NEAR(pas ko)", "abcd"),
        ("pas NOT pas", "abc"),
        ('"pas', "ab"),
        ("ko' OR 1=1 --", "cd"),
        ("_ ko", "d"),
    ],
)
def test_the_index_finds_words_and_nothing_but_words(
    index: LexicalIndex, question: str, found: str
) -> None:
    scores = index.scores(question)
    assert "".join(o for o, score in zip("abcde", scores, strict=True) if score) == found


def test_a_title_counts_more_than_prose(index: LexicalIndex) -> None:
    title, prose, *_ = index.scores("pas")
    assert title > prose > 0


@given(text=st.text())
def test_the_index_takes_any_text(index: LexicalIndex, text: str) -> None:
    assert index.scores(text).shape == (5,)


@pytest.mark.parametrize("owners", [["a", "b"], ["a", "b", "c"]], ids=len)
def test_the_ranker_tells_owners_apart(owners: list[str]) -> None:
    said = {
        "a": ["mit pas er udløbet", "nyt pas"],
        "b": ["hunden har fået hvalpe", "hund"],
        "c": ["skraldespanden er fuld", "skrald"],
    }
    passages = [Passage(owner, "phrasings", text) for owner in owners for text in said[owner]]
    ranker = LearnedRanker(learn(passages, owners, WORDS), WORDS)
    for position, owner in enumerate(owners):
        scores = ranker.scores(ranker.vectors(said[owner][0]))
        assert len(scores) == len(owners)
        assert int(scores.argmax()) == position


def test_the_ranker_s_similarity_is_one_for_what_was_said_before() -> None:
    passages = [Passage("a", "title", "nyt pas"), Passage("b", "title", "ny hund")]
    ranker = LearnedRanker(learn(passages, ["a", "b"], WORDS), WORDS)
    assert ranker.similarity(ranker.vectors("NYT PAS!")) == pytest.approx(1, abs=1e-5)
    assert ranker.similarity(ranker.vectors("xyz")) == 0


def test_many_threads_share_a_stemmer() -> None:
    """Snowball's own stemmers mix up the words of two threads."""
    stem = stemmer("danish")
    said = [f"kørekort{'erne' * (n % 3)} forlængelse{n} vielsesattesten{n}" for n in range(3000)]
    alone = [stemmer("danish")(text) for text in said]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(stem, said)) == alone
    finally:
        sys.setswitchinterval(interval)
