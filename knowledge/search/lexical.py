"""Full-text search with SQLite FTS5: exact words, weighted by where they stand."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from knowledge.search.documents import FIELDS, Passage
from knowledge.search.terms import Stem

_WEIGHTS = (10.0, 5.0, 3.0, 1.0)
"""Of title, names, phrasings and prose in bm25; measured on tests/eval (docs/decisions/0004)."""

_COMMON = 0.3
"""Share of the entries above which a word is left out of the query."""
_FEW = 20
"""In so few entries no word is too common."""


class LexicalIndex:
    """One row per owner. Rebuilt in milliseconds, so it follows the files at once."""

    def __init__(self, passages: Iterable[Passage], owners: Sequence[str], stem: Stem) -> None:
        self._stem = stem
        self._size = len(owners)
        columns: dict[str, dict[str, list[str]]] = {owner: defaultdict(list) for owner in owners}
        for passage in passages:
            columns[passage.owner][passage.field] += stem(passage.text)
        spread = Counter(
            term
            for fields in columns.values()
            for term in set(chain.from_iterable(fields.values()))
        )
        # Words of most entries tell none apart, and cost the most to look up.
        limit = max(_FEW, _COMMON * len(owners))
        self._common = {term for term, count in spread.items() if count > limit}
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.execute(f"CREATE VIRTUAL TABLE entry USING fts5({', '.join(FIELDS)})")
        self._db.executemany(
            "INSERT INTO entry(rowid, title, names, phrasings, prose) VALUES (?, ?, ?, ?, ?)",
            [
                (row, *(" ".join(columns[owner][field]) for field in FIELDS))
                for row, owner in enumerate(owners)
            ],
        )

    def scores(self, text: str) -> npt.NDArray[np.float64]:
        """bm25 per owner, higher is better; 0 where no word matches.

        Every word is quoted: FTS5's own syntax in a question is only text.
        """
        found = np.zeros(self._size)
        terms = [term for term in dict.fromkeys(self._stem(text)) if term not in self._common]
        if terms:
            query = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
            rows = self._db.execute(
                f"SELECT rowid, -bm25(entry, {', '.join(map(str, _WEIGHTS))})"  # noqa: S608
                " FROM entry WHERE entry MATCH ?",
                (query,),
            )
            for row, score in rows:
                found[row] = score
        return found
