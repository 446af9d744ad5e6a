"""A small knowledge base that a test may change."""

from pathlib import Path

import pytest

from tests.knowledge.toy import Toy


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path / "knowledge")
