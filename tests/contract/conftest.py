"""What all tests of this folder share."""

from tests.conversations.once import logs_of_production, one_crisis_detector

__all__ = ["logs_of_production", "one_crisis_detector"]
