"""The knowledge in use: read at the start, and again when a file changes, without training."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from knowledge.catalogue import Catalogue, KnowledgeError, fingerprint, load
from knowledge.fitted import Recall, fit_anew
from knowledge.search import KnowledgeSearch

log = structlog.get_logger(__name__)


class LiveKnowledge:
    """Hands out the current catalogue and its search; both change together."""

    def __init__(self, root: Path, recall: Recall = fit_anew) -> None:
        """``recall`` may know from an earlier start what search learned.

        Raises :class:`KnowledgeError` if the files cannot be read.
        """
        self._root = root
        self._recall = recall
        self._stamp = fingerprint(root)
        self._catalogue = load(root)
        self._search = KnowledgeSearch(self._catalogue, recall)

    def catalogue(self) -> Catalogue:
        return self._catalogue

    def search(self) -> KnowledgeSearch:
        return self._search

    def version(self) -> str:
        """Names the state of the files that answers come from."""
        return self._catalogue.version

    def refresh(self) -> bool:
        """Read the files again if one has changed; whether the knowledge changed.

        Files that cannot be read leave the old knowledge in use, with an error in the log.
        """
        stamp = fingerprint(self._root)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            catalogue = load(self._root)
            search = KnowledgeSearch(catalogue, self._recall)
        except KnowledgeError as error:
            log.error("knowledge_unreadable", problems=error.problems[:10])
            return False
        except Exception:
            # Whatever it is, the guide goes on with what it knew.
            log.exception("knowledge_unusable")
            return False
        self._catalogue, self._search = catalogue, search
        log.info("knowledge_changed", version=catalogue.version)
        return True

    async def watch(self, seconds: float = 2.0) -> None:
        """Refresh for ever, in a thread: reading and fitting take seconds."""
        while True:
            await asyncio.sleep(seconds)
            await asyncio.to_thread(self.refresh)
