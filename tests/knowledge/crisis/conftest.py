"""The detector of the project, fitted once."""

import pytest

from knowledge.catalogue import Catalogue
from knowledge.crisis.detector import CrisisDetector, load_detector
from settings import ROOT


@pytest.fixture(scope="session")
def detector(catalogue: Catalogue) -> CrisisDetector:
    return load_detector(ROOT / "knowledge" / "crisis", catalogue)
