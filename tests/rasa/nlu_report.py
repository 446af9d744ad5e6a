"""``python -m tests.rasa.nlu_report [folder [file]]``: understanding of the held-out intents.

Runs in Rasa's Python: ``rasa test nlu`` per language, with its own files and a summary of the
confusions in ``folder`` (``results/nlu``); prints the macro F1 of each language, and writes them
to ``file`` in percent.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import yaml

ROOT = Path(__file__).resolve().parents[2]
HELD_OUT = ROOT / "tests" / "eval" / "intents"
MODEL = ROOT / "models" / "borgerguide.tar.gz"
LANGUAGES = sorted(path.stem for path in HELD_OUT.glob("*.yml"))


@dataclass(frozen=True)
class Result:
    """One language's measurement."""

    language: str
    messages: int
    macro_f1: float
    by_intent: dict[str, float]
    confusions: Counter[tuple[str, str]]
    """How often an intent was taken for another."""
    errors: list[dict[str, Any]]


def convert(language: str, path: Path) -> int:
    """Write the held-out intents as a Rasa NLU file; how many messages there are."""
    intents = yaml.safe_load((HELD_OUT / f"{language}.yml").read_text(encoding="utf-8"))
    # Rasa reads square brackets as entities: none of the messages may have any.
    content = [
        {"intent": intent, "examples": [{"text": text} for text in texts]}
        for intent, texts in intents.items()
    ]
    path.write_text(
        yaml.safe_dump({"version": "3.1", "nlu": content}, allow_unicode=True), encoding="utf-8"
    )
    return sum(len(texts) for texts in intents.values())


def measure(language: str, out: Path) -> Result:
    """``rasa test nlu``, in this process."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "nlu.yml"
        messages = convert(language, data)
        arguments = ["--nlu", data, "--model", MODEL, "--out", out, "--no-plot"]
        command = ["rasa", "test", "nlu", "--domain", ROOT / "domain.yml", *arguments]
        with mock.patch.object(sys, "argv", [str(part) for part in command]):
            importlib.import_module("rasa.__main__").main()
    report = json.loads((out / "intent_report.json").read_text(encoding="utf-8"))
    errors = json.loads((out / "intent_errors.json").read_text(encoding="utf-8"))
    averages = {"accuracy", "macro avg", "weighted avg", "micro avg"}
    return Result(
        language,
        messages,
        report["macro avg"]["f1-score"],
        {name: row["f1-score"] for name, row in report.items() if name not in averages},
        Counter((item["intent"], item["intent_prediction"]["name"]) for item in errors),
        errors,
    )


def summary(results: list[Result]) -> str:
    """The confusions as Markdown."""
    lines = ["# Understanding, on held-out messages", ""]
    for result in results:
        wrong = result.confusions.total()
        lines += [
            f"## {result.language}: macro F1 {result.macro_f1:.3f}",
            "",
            f"{wrong} of {result.messages} messages were taken for another intent.",
            "",
            "| intent | taken for | times | for example |",
            "|---|---|---|---|",
        ]
        for (intent, taken), count in result.confusions.most_common():
            example = next(
                error["text"]
                for error in result.errors
                if (error["intent"], error["intent_prediction"]["name"]) == (intent, taken)
            )
            lines.append(f"| {intent} | {taken} | {count} | {example} |")
        lines += ["", "| intent | F1 |", "|---|---|"]
        weakest = sorted(result.by_intent.items(), key=lambda item: item[1])
        lines += [f"| {intent} | {f1:.2f} |" for intent, f1 in weakest]
        lines.append("")
    return "\n".join(lines)


def report(out: Path) -> list[Result]:
    """Measure every language and write everything to ``out``."""
    results = [measure(language, out / language) for language in LANGUAGES]
    (out / "confusions.md").write_text(summary(results), encoding="utf-8")
    return results


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "results" / "nlu"
    everything = report(target)
    if len(sys.argv) > 2:
        figures = {result.language: 100 * result.macro_f1 for result in everything}
        Path(sys.argv[2]).write_text(yaml.safe_dump(figures), encoding="utf-8")
    for measured in everything:
        print(f"{measured.language}: macro F1 {measured.macro_f1:.3f}")
        for (intent, taken), count in measured.confusions.most_common(5):
            print(f"  {intent} taken for {taken}: {count}")
