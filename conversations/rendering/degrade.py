"""What is left of a rich reply on a channel that can do less."""

from __future__ import annotations

from dataclasses import replace

from conversations.models import Capabilities, Choice, Rendered


def degrade(rendered: Rendered, can: Capabilities) -> Rendered:
    """The reply as far as the channel can show it; what it cannot becomes text, or goes.

    Choices that fit no button become numbered lines, and all of them do if one does: the numbers
    must be those of the whole list. Texts that are too long are the channel's own affair.
    """
    card = rendered.card if can.cards else None
    if _as_buttons(rendered.choices, can):
        return replace(rendered, card=card)
    numbered = [f"{n}. {choice.title}" for n, choice in enumerate(rendered.choices, 1)]
    return replace(rendered, card=card, text="\n".join([rendered.text, *numbered]), choices=())


def _as_buttons(choices: tuple[Choice, ...], can: Capabilities) -> bool:
    if not choices:
        return True
    if not can.buttons or (can.max_choices is not None and len(choices) > can.max_choices):
        return False
    return can.max_title is None or all(len(choice.title) <= can.max_title for choice in choices)
