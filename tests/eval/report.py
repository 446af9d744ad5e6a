"""``make eval``: how well the guide understands, measured on held-out data.

Prints the tables with examples of what failed, and writes docs/quality.md. Searches and alarms are
measured alone; whole answers through the public interface of a running guide.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.examples import small_talk
from knowledge.catalogue import Catalogue, load
from knowledge.crisis.detector import CrisisDetector, load_detector
from knowledge.folding import fold, words
from knowledge.search import KnowledgeSearch
from knowledge.search.documents import FIELDS, service_passages
from knowledge.search.terms import stemmer
from settings import ROOT
from tests.eval.data import LANGUAGES, questions, read
from tests.stack import Citizen, Stack, running

DANGEROUS = {"krisecenter", "bekymring-barn"}
"""Questions about these may tell of danger: an alarm is no mistake there."""
REFUSALS = {"out_of_scope", "not_answerable", "fallback_1", "fallback_2", "fallback_3"}


_HEAD = """# How well the guide understands

Measured by `make eval` on the data in `tests/eval/`, which was written apart from the phrasings
and the training examples. It is synthetic: no log of real citizens was at hand.
"""


@dataclass
class Table:
    """Rows of one measure, with the misses behind them."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", "| " + " | ".join(self.columns) + " |"]
        lines.append("|" + "---|" * len(self.columns))
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join(lines) + "\n"


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %"


def baseline(catalogue: Catalogue, language: str) -> Callable[[str], list[str]]:
    """Full-text search alone: stemmed words and trigrams, joined by reciprocal rank fusion."""
    stem = stemmer(next(item.stemmer for item in catalogue.languages if item.code == language))
    columns: dict[str, dict[str, list[str]]] = {}
    for passage in service_passages(catalogue, language):
        fields = columns.setdefault(passage.owner, {name: [] for name in FIELDS})
        fields[passage.field].append(passage.text)
    owners = sorted(columns)
    database = sqlite3.connect(":memory:")
    for table, shape, options in (
        ("word", lambda text: " ".join(stem(text)), ""),
        ("part", fold, ", tokenize='trigram'"),
    ):
        database.execute(f"CREATE VIRTUAL TABLE {table} USING fts5({', '.join(FIELDS)}{options})")
        for row, owner in enumerate(owners):
            values = [shape(" . ".join(columns[owner][name])) for name in FIELDS]
            database.execute(
                f"INSERT INTO {table}(rowid, {', '.join(FIELDS)}) VALUES (?, ?, ?, ?, ?)",
                (row, *values),
            )

    def find(text: str) -> list[str]:
        scores: dict[int, float] = {}
        for table, terms in (
            ("word", stem(text)),
            ("part", [word for word in words(text) if len(word) > 2]),
        ):
            if not terms:
                continue
            query = " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))
            rows = database.execute(
                f"SELECT rowid FROM {table} WHERE {table} MATCH ? "
                f"ORDER BY bm25({table}, 10, 5, 3, 1) LIMIT 50",
                (query,),
            )
            for rank, (row,) in enumerate(rows):
                scores[row] = scores.get(row, 0.0) + 1 / (60 + rank)
        return [owners[row] for row in sorted(scores, key=lambda row: -scores[row])]

    return find


def search_table(catalogue: Catalogue, search: KnowledgeSearch) -> Table:
    """Is the right service first, and among the first three?"""
    table = Table("Search: the right service", ("language", "method", "questions", "R@1", "R@3"))
    for language in LANGUAGES:
        asked = questions(language)

        def ours(text: str, language: str = language) -> list[str]:
            return [hit.service for hit in search.find(text, language).ranked]

        methods = {"FTS5, words + trigrams": baseline(catalogue, language), "the guide": ours}
        for name, find in methods.items():
            first = third = 0
            for text, service in asked:
                found = find(text)
                first += found[:1] == [service]
                third += service in found[:3]
                if name == "the guide" and service not in found[:3]:
                    table.misses.append(f"{language} {service}: {text} -> {', '.join(found[:3])}")
            share = [percent(n, len(asked)) for n in (first, third)]
            table.rows.append((language, name, str(len(asked)), *share))
    return table


def crisis_table(detector: CrisisDetector) -> Table:
    """Are the numbers to call given in danger, and only then?"""
    columns = ("language", "messages", "count", "numbers only", "numbers, then an answer", "silent")
    table = Table("Danger", columns)
    for language in LANGUAGES:
        held = read("crisis", language)
        everyday = [text for text, service in questions(language) if service not in DANGEROUS]
        groups = {
            "in danger": held["crisis"],
            "look-alikes": held["harmless"],
            "services": everyday,
        }
        for name, texts in groups.items():
            alarms = [detector.detect(text) for text in texts]
            certain = sum(alarm is not None and alarm.certain for alarm in alarms)
            perhaps = sum(alarm is not None and not alarm.certain for alarm in alarms)
            counts = (certain, perhaps, len(texts) - certain - perhaps)
            shares = [percent(n, len(texts)) for n in counts]
            table.rows.append((language, name, str(len(texts)), *shares))
            for text, alarm in zip(texts, alarms, strict=True):
                wrong = (
                    alarm is None if name == "in danger" else alarm is not None and alarm.certain
                )
                if wrong:
                    table.misses.append(f"{language} {name}: {text}")
    return table


def ask(stack: Stack, language: str, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The last answer to each text, every one in a conversation of its own."""

    def one(text: str) -> dict[str, Any]:
        citizen = Citizen(stack.url, language)
        answer = citizen.say(text)[-1]
        citizen.http.close()
        return answer

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(one, texts))


def answer_table(stack: Stack) -> Table:
    """What citizens get: the right answer, the right one among choices, something else."""
    columns = ("language", "questions", "answered right", "or offered", "answered wrong", "refused")
    table = Table("Whole answers: questions about services", columns)
    for language in LANGUAGES:
        asked = questions(language)
        right = offered = wrong = refused = 0
        for (text, service), said in zip(
            asked, ask(stack, language, [text for text, _ in asked]), strict=True
        ):
            if said["service"] == service:
                right += 1
            elif service in said["candidates"]:
                offered += 1
            elif said["service"] is not None:
                wrong += 1
                table.misses.append(f"{language} {service}: {text} -> {said['service']}")
            elif said["reply"] in REFUSALS:
                refused += 1
                table.misses.append(f"{language} {service}: {text} -> {said['reply']}")
            else:
                table.misses.append(f"{language} {service}: {text} -> {said['reply']}")
        counts = (right, right + offered, wrong, refused)
        shares = [percent(n, len(asked)) for n in counts]
        table.rows.append((language, str(len(asked)), *shares))
    return table


def scope_table(stack: Stack) -> Table:
    """Does the guide say that it cannot answer what is none of the city's business?"""
    columns = ("language", "questions", "not answered", "asked back", "answered")
    table = Table("Whole answers: questions about something else", columns)
    for language in LANGUAGES:
        texts = read("out_of_scope", language)
        said = ask(stack, language, texts)
        answered = [answer["service"] is not None for answer in said]
        asked_back = [bool(answer["candidates"]) for answer in said]
        counts = (
            len(texts) - sum(answered) - sum(asked_back),
            sum(asked_back),
            sum(answered),
        )
        table.rows.append((language, str(len(texts)), *(percent(n, len(texts)) for n in counts)))
        table.misses += [
            f"{language}: {text} -> {answer['service']}"
            for text, answer in zip(texts, said, strict=True)
            if answer["service"] is not None
        ]
    return table


def tables(stack: Stack) -> Iterator[Table]:
    """Every measure."""
    catalogue = load()
    yield search_table(catalogue, KnowledgeSearch(catalogue))
    yield crisis_table(
        load_detector(ROOT / "knowledge" / "crisis", catalogue, small_talk(LANGUAGES))
    )
    yield answer_table(stack)
    yield scope_table(stack)


def main() -> int:
    """Print everything, write the tables to docs/quality.md."""
    pages = [_HEAD]
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as stack:
        for table in tables(stack):
            print(table.markdown())
            for miss in table.misses:
                print(f"  {miss}")
            print()
            pages.append(table.markdown())
    (ROOT / "docs" / "quality.md").write_text("\n".join(pages), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
