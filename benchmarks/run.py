"""``make bench``: the guide beside bare Rasa in one run; tables, and docs/performance.md.

* Turns through the public interface, against `rasa run` (the same model, unpatched, REST channel).
* A full house at the desk: lists, messages, and the memory of an hour.
* Free times among 50,000 appointments.
* Search over the real knowledge and over a synthetic one of 1,000 services.
* Memory, and the time from `make run` to ready with everything installed.

All traffic stays on loopback and is bounded in count.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import queue
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import numpy as np

from benchmarks import booking, delivery, desk
from benchmarks.figures import quantile, resident
from knowledge.catalogue import load
from knowledge.search import ranker
from knowledge.search.documents import Passage, life_event_passages, service_passages
from knowledge.search.search import LanguageSearch
from settings import ROOT
from tests.eval.data import questions
from tests.ports import free_port
from tests.stack import Citizen, Stack, running

CONVERSATIONS = (1, 8, 32)
LIMITS: dict[str, Any] = {"messages_per_minute": "1000000", "message_burst": "1000000"}
TURNS = 160
"""Turns per measurement, shared among the conversations."""


def texts() -> list[str]:
    """What is asked: the held-out questions, in an order that is the same every time."""
    asked = [text for text, _ in questions("da")]
    random.Random(1).shuffle(asked)
    return asked


class GuideTalker:
    """A conversation with the guide; the answer is awaited on the event stream."""

    def __init__(self, stack: Stack) -> None:
        self._citizen = Citizen(stack.url, "da")
        self._answers: queue.Queue[int] = queue.Queue()
        following = threading.Event()
        threading.Thread(target=self._follow, args=(following,), daemon=True).start()
        following.wait(10)

    def _follow(self, following: threading.Event) -> None:
        citizen = self._citizen
        path, headers = f"{citizen.path}/events", citizen.headers
        with (
            contextlib.suppress(httpx.HTTPError),
            httpx.Client(base_url=citizen.http.base_url, timeout=None) as http,
            http.stream("GET", path, headers=headers, params={"after": 1}) as stream,
        ):
            following.set()
            for line in stream.iter_lines():
                if line.startswith("data: ") and '"author":"guide"' in line:
                    self._answers.put(0)

    def turn(self, text: str) -> None:
        while not self._answers.empty():
            self._answers.get_nowait()  # the rest of an answer of several messages
        self._citizen.post(text=text).raise_for_status()
        self._answers.get(timeout=30)


class RasaTalker:
    """A conversation with bare Rasa, with the metadata that its actions expect."""

    def __init__(self, stack: Stack) -> None:
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{stack.rasa_port}", timeout=30)
        self._sender = uuid.uuid4().hex

    def turn(self, text: str) -> None:
        metadata: dict[str, object] = {
            "language": "da",
            "channel": "web",
            "service": None,
            "aspect": None,
            "offered": [],
            "last_reply": None,
            "failures": 0,
        }
        body = {"sender": self._sender, "message": text, "metadata": metadata}
        self._http.post("/webhooks/rest/webhook", json=body).raise_for_status()


Talker = GuideTalker | RasaTalker


def measure(make: Callable[[], Talker], conversations: int) -> tuple[float, float, float]:
    """p50 and p95 of a turn in ms, and turns per second."""
    asked = texts()
    talkers = [make() for _ in range(conversations)]
    each = TURNS // conversations

    def talk(index: int) -> list[float]:
        times = []
        for number in range(each):
            started = time.perf_counter()
            talkers[index].turn(asked[(index * each + number) % len(asked)])
            times.append(time.perf_counter() - started)
        return times

    started = time.perf_counter()
    with ThreadPoolExecutor(conversations) as pool:
        times = [item for part in pool.map(talk, range(conversations)) for item in part]
    total = time.perf_counter() - started
    return quantile(times, 0.5), quantile(times, 0.95), len(times) / total


def turn_table(folder: Path) -> list[str]:
    """Guide and bare Rasa in turn, at each number of conversations."""
    lines = [
        "| conversations | | p50 ms | p95 ms | turns/s |",
        "|---|---|---|---|---|",
    ]
    guide_folder, bare_folder = folder / "guide", folder / "bare"
    guide_folder.mkdir()
    bare_folder.mkdir()
    with running(guide_folder, **LIMITS) as guide:
        # Bare Rasa needs an action server too: a second gateway, so that neither shares.
        bare = Stack(bare_folder, **LIMITS)
        try:
            bare.migrate()
            bare.start_rasa(patched=False)
            bare.start_gateway()
            bare.wait()
            for make in (lambda: GuideTalker(guide), lambda: RasaTalker(bare)):
                measure(make, 4)  # warm
            for conversations in CONVERSATIONS:
                for name, make in (
                    ("the guide", lambda: GuideTalker(guide)),
                    ("bare Rasa, unpatched", lambda: RasaTalker(bare)),
                ):
                    p50, p95, rate = measure(make, conversations)
                    lines.append(
                        f"| {conversations} | {name} | {p50:.0f} | {p95:.0f} | {rate:.1f} |"
                    )
                    print(lines[-1], flush=True)
            lines += ["", "Resident memory after it, MB:"]
            for name in ("gateway", "rasa"):
                lines.append(f"- {name}: {resident(guide.processes[name].pid):.0f}")
        finally:
            bare.close()
    return lines


def synthetic(passages: list[Passage], owners: int) -> list[Passage]:
    """As many services as asked for: the real ones, and copies with some words of their own."""
    by_owner: dict[str, list[Passage]] = {}
    for passage in passages:
        by_owner.setdefault(passage.owner, []).append(passage)
    names = sorted(by_owner)
    vocabulary = [word for passage in passages for word in passage.text.split()]
    chance = random.Random(2)
    made = list(passages)
    for number in range(owners - len(names)):
        owner = f"copy-{number}"
        for passage in by_owner[names[number % len(names)]]:
            said = [word if chance.random() < 0.5 else chance.choice(vocabulary)
                    for word in passage.text.split()]  # fmt: skip
            made.append(Passage(owner, passage.field, " ".join(said)))
    return made


def _unfitted(
    matrix: Any, _labels: Any, _weights: Any, owners: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Coefficients by chance: a query takes the same time, and fitting 1,000 takes minutes."""
    chance = np.random.default_rng(3)
    return chance.normal(size=(owners, matrix.shape[1])), np.zeros(owners)


def search_table() -> list[str]:
    """Query times of the search; its build time for the real services."""
    catalogue = load()
    passages = list(service_passages(catalogue, "da"))
    events = list(life_event_passages(catalogue, "da"))
    lines = ["| services | passages | build s | p50 ms | p95 ms |", "|---|---|---|---|---|"]
    for size in (len(catalogue.services), 1000):
        started = time.perf_counter()
        if size == len(catalogue.services):
            corpus = passages
            search = LanguageSearch(corpus, events, "danish")
            built = f"{time.perf_counter() - started:.1f}"
        else:
            corpus = synthetic(passages, size)
            with patch.object(ranker, "_fit", _unfitted):
                search = LanguageSearch(corpus, events, "danish")
            built = "-"
        times = []
        for text in texts()[:200]:
            started = time.perf_counter()
            search.find(text, None)
            times.append(time.perf_counter() - started)
        lines.append(
            f"| {size} | {len(corpus)} | {built} | {quantile(times, 0.5):.1f} "
            f"| {quantile(times, 0.95):.1f} |"
        )
        print(lines[-1], flush=True)
    return lines


def start_seconds() -> list[float]:
    """From `make run` to "ready", with everything installed and trained."""
    seconds = []
    for _ in range(3):
        own = {"BORGERGUIDE_PORT": str(free_port()), "BORGERGUIDE_RASA_PORT": str(free_port())}
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "launcher.serve"],
            cwd=ROOT,
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            if "ready after" in line:
                seconds.append(time.perf_counter() - started)
                break
        process.terminate()
        process.wait(30)
    return seconds


def machine() -> str:
    """What it ran on."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}"


def main() -> None:
    """Measure, print, write docs/performance.md."""
    page = ["# How fast the guide is", "", f"Measured by `make bench` on {machine()}.", ""]
    page += ["## Turns", "", f"{TURNS} held-out questions per row, both systems in one run.", ""]
    with tempfile.TemporaryDirectory() as folder:
        page += turn_table(Path(folder))
    page += ["", "## Text messages", "", delivery.ABOUT, "", *delivery.table()]
    page += ["", "## The desk", "", desk.ABOUT, "", *desk.table()]
    page += ["", "By itself: `python -m benchmarks.desk`, or with another number of messages."]
    page += ["", "## Free times", "", booking.ABOUT, "", *asyncio.run(booking.table())]
    page += ["", "## Search", "", *search_table()]
    starts = start_seconds()
    page += ["", "## From `make run` to ready, everything installed", ""]
    page += [f"{statistics.median(starts):.0f} s (median of {len(starts)})", ""]
    print(page[-2])
    (ROOT / "docs" / "performance.md").write_text("\n".join(page), encoding="utf-8")


if __name__ == "__main__":
    main()
