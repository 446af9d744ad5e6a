"""Search over the catalogue: a learned ranker and full-text search, fused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_matrix

from knowledge.catalogue import Catalogue
from knowledge.features import Vectors
from knowledge.fitted import Recall, fit_anew
from knowledge.folding import words
from knowledge.search.confidence import Signs, probability
from knowledge.search.documents import Passage, life_event_passages, service_passages
from knowledge.search.lexical import LexicalIndex
from knowledge.search.ranker import LearnedRanker, learn, nearest
from knowledge.search.terms import stemmer

CLEAR, DISTINCT = 0.25, 0.15
"""Probability and lead over the second hit from which the first is answered without asking; on
tests/eval 95 in 100 such answers are right (``make eval``)."""
POSSIBLE = 0.13
"""Probability below which nothing is offered."""
FAINT = 0.04
"""The same for a question that is known to be one for the city."""
MAX_CANDIDATES = 3
_FALLBACK_BELOW, _FALLBACK_LEAD = 0.35, 0.25
"""Another language's entries are asked below this probability, and believed with this lead."""
_LEXICAL_SHARE = 0.3
"""Weight of full-text search beside the ranker, both standardised (docs/decisions/0004)."""
_LIFE_EVENT_SIMILARITY = 0.42
"""A life event is offered when a phrasing of its own is this close, and no service's closer."""


@dataclass(frozen=True)
class Hit:
    """A service and its fused score; scores compare within one question only."""

    service: str
    score: float


@dataclass(frozen=True)
class Hits:
    """What was found for a question."""

    ranked: tuple[Hit, ...]
    probability: float
    """That the first hit is right, 0 to 1."""
    signs: Signs | None = None
    """What the probability was computed from."""
    life_event: str | None = None
    """A situation that the question tells of more closely than of any one service."""

    @property
    def clear(self) -> str | None:
        """The service, if there is no need to ask."""
        certain = self.probability >= CLEAR and self.distinct
        return self.ranked[0].service if self.ranked and certain else None

    @property
    def distinct(self) -> bool:
        """Whether the first hit stands out from the second."""
        return self.signs is not None and self.signs.margin >= DISTINCT

    @property
    def candidates(self) -> tuple[str, ...]:
        """Services to offer: the best three, or none where nothing fits."""
        return self._best(POSSIBLE)

    @property
    def guesses(self) -> tuple[str, ...]:
        """The same, where the question is one for the city and so must be about something."""
        return self._best(FAINT)

    def _best(self, least: float) -> tuple[str, ...]:
        if self.probability < least:
            return ()
        return tuple(hit.service for hit in self.ranked[:MAX_CANDIDATES])


NOTHING = Hits((), 0.0)


def _standardise(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    spread = float(scores.std())
    return (scores - scores.mean()) / spread if spread else scores * 0.0


class LanguageSearch:
    """The indexes of one language."""

    def __init__(
        self,
        passages: Sequence[Passage],
        events: Sequence[Passage],
        algorithm: str | None,
        packages: Mapping[str, Collection[str]] | None = None,
        *,
        name: str = "search",
        recall: Recall = fit_anew,
    ) -> None:
        """``passages`` speak of services, ``events`` of life events.

        ``packages`` are the services of each life event: one is offered only if the question
        fits a service of its own as well. ``recall`` keeps what was learned under ``name``.
        """
        self._packages = packages or {}
        self._stem = stem = stemmer(algorithm)
        self.owners = sorted({passage.owner for passage in passages})
        self.lexical = LexicalIndex(passages, self.owners, stem)
        inputs = [algorithm, [(item.owner, item.field, item.text) for item in passages]]
        learned = recall(name, inputs, lambda: learn(passages, self.owners, stem))
        self.ranker = LearnedRanker(learned, stem)
        self._events = [passage.owner for passage in events]
        said = [passage.text for passage in events]
        self._event_words = csc_matrix(self.ranker.words(said)) if said else None

    def foreign(self, text: str) -> str:
        """What of a text this language's entries have no word for."""
        unknown = (
            word
            for word in words(text)
            if not all(self.ranker.knows(stem) for stem in self._stem(word))
        )
        return " ".join(unknown)

    def find(self, text: str, within: Collection[str] | None) -> Hits:
        vectors = self.ranker.vectors(text)
        if vectors.whole.nnz == 0 or not words(text):
            return NOTHING
        learned = self.ranker.scores(vectors)
        fused = _standardise(learned) + _LEXICAL_SHARE * _standardise(self.lexical.scores(text))
        if within is not None:
            fused[[owner not in within for owner in self.owners]] = -np.inf
        order = [i for i in np.argsort(-fused, kind="stable")[:5] if np.isfinite(fused[i])]
        if not order:
            return NOTHING
        best = float(learned[order[0]])
        allowed = np.isfinite(fused)
        allowed[order[0]] = False
        others = learned[allowed]
        signs = Signs(
            best=best,
            margin=best - float(others.max()) if others.size else 1.0,
            similarity=self.ranker.similarity(vectors),
        )
        event, closeness = self._nearest_event(vectors)
        near = {self.owners[i] for i in order}
        fits = event is not None and bool(near & set(self._packages.get(event, ())))
        if not fits or closeness < max(signs.similarity, _LIFE_EVENT_SIMILARITY):
            event = None
        ranked = tuple(Hit(self.owners[i], float(fused[i])) for i in order)
        return Hits(ranked, probability(signs), signs, event)

    def _nearest_event(self, vectors: Vectors) -> tuple[str | None, float]:
        if self._event_words is None:
            return None, 0.0
        row, closeness = nearest(self._event_words, vectors.words)
        return self._events[row], closeness


class KnowledgeSearch:
    """Finds services in every language of a catalogue. Immutable: build a new one on change."""

    def __init__(self, catalogue: Catalogue, recall: Recall = fit_anew) -> None:
        """``recall`` may know from an earlier start what the rankers learned."""
        self._fallbacks = catalogue.fallbacks
        self._languages = {
            language.code: LanguageSearch(
                list(service_passages(catalogue, language.code)),
                list(life_event_passages(catalogue, language.code)),
                language.stemmer,
                {event.id: event.facts.services for event in catalogue.life_events.values()},
                name=f"search-{language.code}",
                recall=recall,
            )
            for language in catalogue.languages
            if any(language.code in service.texts for service in catalogue.services.values())
        }

    def find(self, text: str, language: str, within: Collection[str] | None = None) -> Hits:
        """The services that ``text`` may be about, best first.

        ``within`` limits the answer to some services. Where the question's own language finds
        nothing clear, the fallback languages are asked too, for the words that it does not know:
        people mix official Danish words in, but the German "die" is no English death.
        """
        best = NOTHING
        for code in self._fallbacks(language):
            if code in self._languages:
                hits = self._languages[code].find(text, within)
                if not best.ranked or hits.probability > best.probability + _FALLBACK_LEAD:
                    best = hits
                text = self._languages[code].foreign(text)
                if best.probability >= _FALLBACK_BELOW or not text:
                    break
        return best
