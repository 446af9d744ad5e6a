"""What all tests of this folder share."""

from tests.conversations.once import one_crisis_detector

__all__ = ["one_crisis_detector"]
