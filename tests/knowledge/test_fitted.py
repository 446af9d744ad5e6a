"""What was learned once is found again, and never taken for anything else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.fitted import Arrays, FittedModels, fit_anew
from settings import ROOT

LEARNED: dict[str, Any] = {
    "weights": np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32),
    "by column": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "bias": np.array([-1e-300, np.inf, np.nan]),
    "indices": np.arange(5, dtype=np.int32),
    "nothing": np.zeros((0, 4)),
    "words": np.frombuffer("æøå".encode(), dtype=np.uint8),
}


class Fit:
    """Counts how often there was something to learn."""

    def __init__(self, learned: Arrays = LEARNED) -> None:
        self.times = 0
        self._learned = learned

    def __call__(self) -> Arrays:
        self.times += 1
        return self._learned


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "fitted"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """The code that models are fitted by."""
    (tmp_path / "code" / "search").mkdir(parents=True)
    (tmp_path / "code" / "search" / "ranker.py").write_text("C = 0.3\n")
    return tmp_path / "code"


def never() -> Arrays:
    raise AssertionError("fitted again")


def same(one: Arrays, other: Arrays) -> bool:
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype
        and one[name].shape == other[name].shape
        and one[name].tobytes() == other[name].tobytes()
        for name in one
    )


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def the_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_was_learned_is_given_again_bit_by_bit(folder: Path) -> None:
    fresh = FittedModels(folder).recall("m", ["text"], Fit())
    assert same(fresh, LEARNED)
    assert same(FittedModels(folder).recall("m", ["text"], never), LEARNED)


def test_without_a_folder_everything_is_learned_anew() -> None:
    fit = Fit()
    assert fit_anew("m", [], fit) is fit_anew("m", [], fit)
    assert fit.times == 2


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("m", ["pas", "hund"]),
        ("m", ["hund", "pas "]),
        ("m", ["hundpas"]),
        ("m", [["hund", "pas"]]),
        ("m", []),
        ("n", ["hund", "pas"]),
    ],
)
def test_other_texts_are_learned_from(folder: Path, name: str, inputs: object) -> None:
    models = FittedModels(folder)
    models.recall("m", ["hund", "pas"], Fit())
    fit = Fit()
    models.recall(name, inputs, fit)
    assert fit.times == 1
    models.recall("m", ["hund", "pas"], never)


CHANGES: dict[str, Callable[[Path], object]] = {
    "another number": lambda code: (code / "search" / "ranker.py").write_text("C = 0.4\n"),
    "a new module": lambda code: (code / "new.py").write_text(""),
    "a module moved": lambda code: (code / "search" / "ranker.py").rename(code / "ranker.py"),
    "a module gone": lambda code: (code / "search" / "ranker.py").unlink(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_other_code_learns_for_itself(
    folder: Path, code: Path, change: Callable[[Path], object]
) -> None:
    running = FittedModels(folder, code)
    running.recall("m", [], Fit())
    change(code)
    fit = Fit()
    FittedModels(folder, code).recall("m", [], fit)
    assert fit.times == 1
    # Code that is replaced on the disk does not change what is running.
    running.recall("m", [], never)


@pytest.mark.parametrize("library", ["scikit-learn", "numpy", "scipy", "snowballstemmer"])
def test_other_libraries_learn_for_themselves(
    folder: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    FittedModels(folder).recall("m", [], Fit())
    monkeypatch.setattr(
        "knowledge.fitted.version", lambda name: "0" if name == library else version(name)
    )
    fit = Fit()
    FittedModels(folder).recall("m", [], fit)
    assert fit.times == 1


def pickled() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, weights=np.array([{"any": "object"}], dtype=object))
    return buffer.getvalue()


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut short": lambda content: content[: len(content) // 2],
    "without its last byte": lambda content: content[:-1],
    "only the digest": lambda content: content[:32],
    "one bit": lambda content: content[:500] + bytes([content[500] ^ 1]) + content[501:],
    "another digest": lambda content: bytes(32) + content[32:],
    "longer": lambda content: content + b"\0",
    "plain text": lambda _: b"title: Hund\n",
    "an archive of numpy's": lambda content: content[32:],
    "pickled objects": lambda content: content[:32] + pickled(),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_replaced(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    models = FittedModels(folder)
    models.recall("m", [], Fit())
    path = the_file(folder)
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    assert path.read_bytes() != whole
    fit = Fit()
    assert same(models.recall("m", [], fit), LEARNED)
    assert fit.times == 1
    assert same(models.recall("m", [], never), LEARNED)
    assert the_file(folder) == path


def test_a_whole_file_under_another_name_is_not_believed(folder: Path) -> None:
    models = FittedModels(folder)
    models.recall("m", ["one"], Fit({"weights": np.zeros(1)}))
    foreign = the_file(folder).read_bytes()
    models.recall("m", ["two"], Fit())
    for path in folder.iterdir():
        path.write_bytes(foreign)
    assert same(models.recall("m", ["two"], Fit()), LEARNED)


def test_objects_are_never_written(folder: Path) -> None:
    objects: Arrays = {"words": np.array(["æ", None], dtype=object)}
    with pytest.raises(ValueError, match="Object arrays"):
        FittedModels(folder).recall("m", [], Fit(objects))
    assert not folder.exists()


def test_the_folder_is_its_owners_alone(folder: Path) -> None:
    FittedModels(folder).recall("m", [], Fit())
    assert folder.stat().st_mode & 0o077 == 0
    assert the_file(folder).stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_used_costs_only_time(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file in its place")
    fit = Fit()
    models = FittedModels(folder)
    assert same(models.recall("m", [], fit), LEARNED)
    assert same(models.recall("m", [], fit), LEARNED)
    assert fit.times == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no disk that is always full")
def test_a_full_disk_leaves_nothing_half_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_full_disk(handle: int, mode: str) -> io.BufferedWriter:
        os.close(handle)
        return Path("/dev/full").open("wb")

    monkeypatch.setattr(os, "fdopen", on_full_disk)
    assert same(FittedModels(folder).recall("m", [], Fit()), LEARNED)
    assert files(folder) == []


def test_the_files_last_used_stay(folder: Path) -> None:
    models = FittedModels(folder)
    models.recall("other", [], Fit())
    models.recall("m-2", [], Fit())
    for number in range(3):
        models.recall("m", [number], Fit())
    for age, path in enumerate(sorted(folder.glob("m.*"), key=lambda path: path.stat().st_mtime)):
        os.utime(path, (1_600_000_000 + age, 1_600_000_000 + age))
    models.recall("m", [0], never)
    models.recall("m", [3], Fit())
    assert len(list(folder.glob("m.*.fit"))) == 3
    for number in (0, 2, 3):
        models.recall("m", [number], never)
    models.recall("other", [], never)
    models.recall("m-2", [], never)


def test_what_a_killed_process_left_is_removed_later(folder: Path) -> None:
    folder.mkdir(parents=True)
    old, young = folder / "m.1.x.tmp", folder / "m.1.y.tmp"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1_600_000_000, 1_600_000_000))
    FittedModels(folder).recall("m", [], Fit())
    assert not old.exists()
    assert young.exists()


@pytest.mark.parametrize("name", ["../up", "a/b", "search-zh-Hant", "a.b", "æ ø"])
def test_any_name_is_one_file_in_the_folder(folder: Path, name: str) -> None:
    models = FittedModels(folder)
    models.recall(name, [], Fit())
    assert the_file(folder).is_file()
    models.recall(name, [], never)


def test_many_threads_are_given_the_same(folder: Path) -> None:
    models, given, start = FittedModels(folder), list[Arrays](), threading.Barrier(8)

    def ask() -> None:
        start.wait()
        given.append(models.recall("m", [], Fit()))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == 8
    assert all(same(item, LEARNED) for item in given)
    assert len(files(folder)) == 1


_PROCESS = """
import sys
from pathlib import Path
import numpy as np
from knowledge.fitted import FittedModels

def fit():
    return {"weights": np.arange(300_000.0)}

models = FittedModels(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    learned = models.recall("m", [number % 7], fit)
    assert learned["weights"].tobytes() == fit()["weights"].tobytes()
"""


def test_two_processes_at_once_do_not_disturb_each_other(folder: Path) -> None:
    """More models than are kept, so that both write, read and tidy up all the time."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROCESS, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert "damaged" not in "".join(said)
    assert not list(folder.glob("*.tmp"))
    assert len(files(folder)) <= 4
