"""The detector as the gateway builds it, fitted once."""

import pytest

from bot.examples import everyday_talk
from knowledge.catalogue import Catalogue
from knowledge.crisis.detector import CrisisDetector, load_detector
from settings import ROOT


@pytest.fixture(scope="session")
def detector(catalogue: Catalogue) -> CrisisDetector:
    talk = everyday_talk(catalogue.language_codes)
    return load_detector(ROOT / "knowledge" / "crisis", catalogue, talk)
