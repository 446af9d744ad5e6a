"""The kinds of danger that the guide tells apart, because the numbers to call differ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Danger(StrEnum):
    """Kinds of danger, the most urgent first."""

    danger = "danger"
    self_harm = "self_harm"
    violence = "violence"
    child = "child"


@dataclass(frozen=True)
class Alarm:
    """A message may tell of danger.

    ``certain``: answer with the numbers to call and nothing else. Otherwise: put them in front
    of the ordinary answer, since a number too much harms nobody and one too few may.
    """

    kind: Danger
    certain: bool
