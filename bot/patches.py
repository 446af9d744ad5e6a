"""Two hot spots of Rasa 3.6.21, cached, and one log without the citizens' words.

Rasa is pinned exactly, and ``tests/rasa/test_patches.py`` holds the hot spots to what they replace.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, Dict, Optional, Text, Type

import rasa
from jsonschema import Draft7Validator, ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.channels import rest
from rasa.shared.core.events import Event

PINNED = "3.6.21"

_validator = Draft7Validator(RemoteAction.action_response_format_spec())
_event_types: Dict[Text, Type[Event]] = {}
_resolve_by_type = Event.resolve_by_type


def _validate_action_result(self: RemoteAction, result: Dict[Text, Any]) -> bool:
    """As Rasa's own, but the schema is not checked against its meta-schema at every call."""
    for error in _validator.iter_errors(result):
        raise ValidationError(f"{error.message}. Failed to validate the action's response.")
    return True


def _resolve_event(type_name: Text, default: Optional[Type[Event]] = None) -> Optional[Type[Event]]:
    """As Rasa's own, but the classes are walked once per name instead of at every event."""
    found = _event_types.get(type_name)
    if found is None:
        found = _resolve_by_type(type_name, default)
        if found is None or found is default:
            return found
        _event_types[type_name] = found
    return found


class _WordlessLog:
    """As the logger of Rasa's REST channel, but it says only what failed.

    Rasa's own writes the message itself, and the variables of every frame around the error: 10 kB
    for each message that comes while Redis is away.
    """

    _log = logging.getLogger(rest.__name__)

    def error(self, event: Text, **_said: Any) -> None:
        self._log.error(event)

    def exception(self, event: Text, **_said: Any) -> None:
        error = sys.exc_info()[1]
        self._log.error("%s: %s: %s", event, type(error).__name__, error)


def apply() -> None:
    """Put all three in place. Raises ``RuntimeError`` for any other version of Rasa."""
    if rasa.__version__ != PINNED:
        raise RuntimeError(f"bot/patches.py is for Rasa {PINNED}, not {rasa.__version__}")
    RemoteAction._validate_action_result = _validate_action_result
    Event.resolve_by_type = staticmethod(_resolve_event)
    rest.structlogger = _WordlessLog()
