"""``make eval``: how well the guide understands, measured on held-out data.

Prints the tables with examples of what failed, writes docs/quality.md and, with ``--record``, the
figures that later runs must reach (``tests/eval/recorded.yml``).
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from app import build_language
from bot.examples import everyday_talk
from knowledge.crisis.detector import load_detector
from knowledge.fitted import FittedModels
from knowledge.live import LiveKnowledge
from launcher.paths import GATEWAY_PYTHON, RASA_PYTHON
from settings import ROOT
from tests.eval import inside, outside
from tests.eval.data import LANGUAGES
from tests.eval.table import Table
from tests.stack import Stack

RECORDED = ROOT / "tests" / "eval" / "recorded.yml"
MAY_FALL = 1.0
"""Points by which a figure may be below the recorded one."""
_EXAMPLES = 8
"""Misses that are printed of each table and language; ``--all`` prints the rest."""
_HEAD = """# How well the guide understands

Measured by `make eval` on the data in `tests/eval/`, which was written apart from the phrasings
and the training examples. It is synthetic: no log of real citizens was at hand.
"""


def recorded() -> dict[str, float]:
    """The figures of the last recorded run."""
    figures: dict[str, float] = yaml.safe_load(RECORDED.read_text(encoding="utf-8"))
    return figures


def fallen(figures: dict[str, float]) -> list[str]:
    """What is more than a point below what was recorded of it."""
    return [
        f"{name}: {value:.1f}, recorded {before:.1f}"
        for name, value in figures.items()
        if (before := recorded().get(name, value)) - value > MAY_FALL
    ]


def tables_inside() -> Iterator[Table]:
    """Everything that needs no running guide."""
    recall = FittedModels(ROOT / "var" / "cache" / "fitted").recall
    live = LiveKnowledge(ROOT / "knowledge", recall)
    yield inside.search_table(live.catalogue(), live.search())
    crisis = ROOT / "knowledge" / "crisis"
    yield inside.crisis_table(
        load_detector(crisis, live.catalogue(), everyday_talk(LANGUAGES), recall)
    )
    yield inside.language_table(build_language(live, recall))


def tables_outside(stack: Stack) -> Iterator[Table]:
    """Everything that is asked of a running guide."""
    yield outside.answer_table(stack)
    yield outside.scope_table(stack)
    yield outside.dialogue_table(stack)
    yield outside.form_table(stack)


def intent_table() -> Table:
    """Rasa's own measure, in Rasa's own Python."""
    table = Table("Intents: macro F1 of Rasa's classifier", ("language", "macro F1"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.yml"
        subprocess.run(
            [RASA_PYTHON, "-W", "ignore", "-m", "tests.rasa.nlu_report", folder, path],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        measured: dict[str, float] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for language in LANGUAGES:
        table.rows.append((language, f"{measured[language]:.1f} %"))
        table.figures[f"intents.{language}"] = measured[language]
    return table


@contextmanager
def booking_stack(folder: Path) -> Iterator[Stack]:
    """A guide with the starter's places and people, that takes any number of questions."""
    stack = Stack(
        folder, booking_secret="e" * 40, messages_per_minute="100000", message_burst="100000"
    )
    try:
        stack.migrate()
        stack.run(GATEWAY_PYTHON, "-m", "booking.starter")
        stack.start_rasa()
        stack.start_gateway()
        stack.wait()
        yield stack
    finally:
        stack.close()


def _print(table: Table, *, everything: bool) -> None:
    print(table.markdown())
    shown: dict[str, int] = {}
    for miss in table.misses:
        language = miss[:2]
        shown[language] = shown.get(language, 0) + 1
        if everything or shown[language] <= _EXAMPLES:
            print(f"  {miss}")
    print(flush=True)


def main(arguments: list[str]) -> int:
    """Print everything and write docs/quality.md; 1 if a figure has fallen."""
    found: list[Table] = []
    with tempfile.TemporaryDirectory() as folder, booking_stack(Path(folder)) as stack:
        for measured in (tables_inside(), tables_outside(stack), iter([intent_table()])):
            for table in measured:
                _print(table, everything="--all" in arguments)
                found.append(table)
    pages = [_HEAD, *(table.markdown() for table in found)]
    (ROOT / "docs" / "quality.md").write_text("\n".join(pages), encoding="utf-8")
    figures = {name: value for table in found for name, value in table.figures.items()}
    if "--record" in arguments:
        rounded = {name: round(value, 2) for name, value in figures.items()}
        head = "# What `make eval` measured last. Written by tests.eval.report --record.\n"
        RECORDED.write_text(head + yaml.safe_dump(rounded), encoding="utf-8")
        return 0
    down = fallen(figures)
    for line in down:
        print(f"fallen: {line}")
    return 1 if down else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
