"""Two hot spots of Rasa 3.6.21, cached.

Rasa is pinned exactly, and ``tests/rasa/test_patches.py`` holds both to what they replace.
"""

from __future__ import annotations

from typing import Any, Dict, Optional, Text, Type

import rasa
from jsonschema import Draft7Validator, ValidationError
from rasa.core.actions.action import RemoteAction
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


def apply() -> None:
    """Put both in place. Raises ``RuntimeError`` for any other version of Rasa."""
    if rasa.__version__ != PINNED:
        raise RuntimeError(f"bot/patches.py is for Rasa {PINNED}, not {rasa.__version__}")
    RemoteAction._validate_action_result = _validate_action_result
    Event.resolve_by_type = staticmethod(_resolve_event)
