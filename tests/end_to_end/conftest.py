"""Citizens of the shared stack, and a stack of their own for tests that break things."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.stack import Citizen, Stack, running

Meet = Callable[[str], Citizen]


@pytest.fixture
def meet(stack: Stack) -> Meet:
    """A new citizen who writes in a language."""
    return lambda language: Citizen(stack.url, language)


@pytest.fixture(scope="session")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Default limits, a short patience with Rasa, and nobody minds if a process is killed."""
    with running(tmp_path_factory.mktemp("fragile"), rasa_timeout="3") as stack:
        yield stack
