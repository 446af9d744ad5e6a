"""Keeps what fitting has learned, so that a start with the same texts need not learn it again.

A file is found by a hash of everything that the numbers depend on: the texts, the code of
``knowledge/`` and the versions of the libraries. So a file is never out of date; it is only no
longer asked for.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import structlog

log = structlog.get_logger(__name__)

Arrays = Mapping[str, npt.NDArray[Any]]
"""Learned numbers by name; never Python objects, which could not be stored as plain data."""

_CODE = Path(__file__).parent
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "snowballstemmer")
_KEPT = 3
"""Files per model: the one in use, and a way back after an edit or a changed version."""
_ABANDONED = 3600.0
"""Seconds after which a half-written file belongs to a process that was killed."""


class Recall(Protocol):
    """Gives what ``fit`` learns: from an earlier time, or by calling it."""

    def __call__(self, name: str, inputs: object, fit: Callable[[], Arrays]) -> Arrays:
        """``inputs`` is all that ``fit`` learns from, as JSON can write it."""
        ...


def fit_anew(name: str, inputs: object, fit: Callable[[], Arrays]) -> Arrays:  # noqa: ARG001
    """Keeps nothing."""
    return fit()


class FittedModels:
    """A folder of fitted models. Several processes and threads may use it at once.

    The files are plain arrays without pickled objects: reading one never runs code. A file that
    is damaged, or is not what its name says, is fitted again and replaced. The digest in it tells
    of accidents, not of attackers: others must not be able to write to the folder, so it is made
    for its owner only.
    """

    def __init__(self, folder: Path, code: Path = _CODE) -> None:
        """``folder`` is made when the first model is kept; ``code`` is what the fits are made of.

        The code is read now, not later: what is running must not be taken for what was installed
        over it since.
        """
        self._folder = folder
        self._versions = [platform.python_version(), *map(version, _LIBRARIES), _hash_of(code)]

    def recall(self, name: str, inputs: object, fit: Callable[[], Arrays]) -> Arrays:
        """What was learned from ``inputs``; ``name`` says which model, for tidying up.

        A folder that cannot be used costs time, never an answer: then ``fit`` is called.
        """
        key = hashlib.sha256(json.dumps([name, inputs, self._versions]).encode()).digest()
        path = self._folder / f"{quote(name, safe='')}.{key.hex()[:16]}.fit"
        learned = _read(path, key)
        if learned is None:
            learned = fit()
            try:
                _write(path, key, learned)
                self._tidy(path)
            except OSError as error:
                log.warning("fitted_not_kept", file=path.name, error=str(error))
        return learned

    def _tidy(self, written: Path) -> None:
        """Remove older files of the same model, and what killed processes left half written."""
        model = written.name.rsplit(".", 2)[0]
        found = []
        for path in self._folder.iterdir():
            # Another process may be tidying up as well.
            with contextlib.suppress(FileNotFoundError):
                changed = path.stat().st_mtime
                if path.suffix == ".tmp" and changed < time.time() - _ABANDONED:
                    path.unlink()
                elif path.suffix == ".fit" and path.name.rsplit(".", 2)[0] == model:
                    found.append((path != written, -changed, path))
        for *_, path in sorted(found)[_KEPT:]:
            path.unlink(missing_ok=True)


def _hash_of(code: Path) -> str:
    """Of every module: a list of those that matter would one day miss one."""
    digest = hashlib.sha256()
    for path in sorted(code.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(code).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _sealed(key: bytes, body: bytes) -> bytes:
    return hashlib.sha256(key + body).digest()


def _read(path: Path, key: bytes) -> Arrays | None:
    """None where there is no such file, or no whole one."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("fitted_unreadable", file=path.name, error=str(error))
        return None
    with contextlib.suppress(OSError):
        # It was used now: when tidying up, others go first.
        os.utime(path)
    size = hashlib.sha256().digest_size
    body = content[size:]
    if content[:size] != _sealed(key, body):
        log.warning("fitted_damaged", file=path.name)
        return None
    with np.load(io.BytesIO(body), allow_pickle=False) as file:
        return dict(file)


def _write(path: Path, key: bytes, learned: Arrays) -> None:
    """In one piece or not at all. Raises ``OSError``."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **learned)
    body = buffer.getvalue()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.stem}.", suffix=".tmp")
    try:
        # Not forced to the disk: after a power failure the digest tells.
        with os.fdopen(handle, "wb") as file:
            file.write(_sealed(key, body))
            file.write(body)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
