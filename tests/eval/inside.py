"""What can be measured without a running guide: search, alarms, languages."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from conversations.language.detector import LanguageDetector
from conversations.language.spelling import tokens
from knowledge.catalogue import Catalogue
from knowledge.crisis.detector import CrisisDetector
from knowledge.folding import fold, words
from knowledge.search import KnowledgeSearch
from knowledge.search.documents import FIELDS, service_passages
from knowledge.search.terms import stemmer
from tests.eval.data import LANGUAGES, questions, read
from tests.eval.table import Table, percent

DANGEROUS = {"krisecenter", "bekymring-barn"}
"""Questions about these may tell of danger: an alarm is no mistake there."""


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
            if name == "the guide":
                table.figures[f"search.{language}.first"] = 100 * first / len(asked)
                table.figures[f"search.{language}.third"] = 100 * third / len(asked)
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
            if name == "in danger":
                table.figures[f"danger.{language}.heard"] = 100 - 100 * counts[2] / len(texts)
            else:
                calm = 100 - 100 * certain / len(texts)
                table.figures[f"danger.{language}.calm.{name}"] = calm
            for text, alarm in zip(texts, alarms, strict=True):
                wrong = (
                    alarm is None if name == "in danger" else alarm is not None and alarm.certain
                )
                if wrong:
                    table.misses.append(f"{language} {name}: {text}")
    return table


def language_table(detector: LanguageDetector) -> Table:
    """Is the language of a word, of two words, of a sentence recognised?

    Without a conversation every language is as likely; with one, its own language is likelier.
    """
    columns = ("language", "words", "word pairs", "sentences", "words, in a conversation of it")
    table = Table("Which language", (*columns, "sentences, in one of another language"))
    sums = [0.0] * 5
    for language in LANGUAGES:
        sentences = list(read("language", language))
        said = [tokens(sentence) for sentence in sentences]
        single = [word for line in said for word in line]
        pairs = [" ".join(line[at : at + 2]) for line in said for at in range(len(line) - 1)]
        others = [code for code in LANGUAGES if code != language]

        def right(texts: list[str], session: str | None, language: str = language) -> float:
            return (
                100
                * sum(detector.detect(text, session).code == language for text in texts)
                / len(texts)
            )

        shares = [
            right(single, None),
            right(pairs, None),
            right(sentences, None),
            right(single, language),
            sum(right(sentences, other) for other in others) / len(others),
        ]
        table.misses += [
            f"{language}: {sentence}"
            for sentence in sentences
            if detector.detect(sentence, None).code != language
        ]
        sums = [total + share for total, share in zip(sums, shares, strict=True)]
        table.rows.append((language, *(f"{share:.1f} %" for share in shares)))
    macro = [total / len(LANGUAGES) for total in sums]
    table.rows.append(("mean", *(f"{share:.1f} %" for share in macro)))
    names = ("word", "pair", "sentence", "word_in_session", "sentence_elsewhere")
    table.figures = {f"language.{name}": share for name, share in zip(names, macro, strict=True)}
    return table
