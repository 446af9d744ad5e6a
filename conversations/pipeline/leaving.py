"""Leaving a message for staff: one question at a time, decided without I/O.

Rasa has no part in this. The citizen's words here are a message and an address, not something to
understand: a classifier could only take them for a question, and a form of Rasa's would be lost
when its process restarts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from conversations.delivery.port import Outlet
from conversations.handover import Draft, Step
from conversations.models import MessageRejected, Reply

CANCEL = "leave:cancel"
SEND = "leave:send"
EMAIL = "email"
PHONE = "sms"
_EMAIL = re.compile(r"[^@\s<>\"']{1,40}@[^@\s<>\"']+\.[^@\s<>\"'.]{2,}")
_MAX_ADDRESS = 80
_DIGITS = 8


@dataclass(frozen=True)
class Next:
    """What to say, and how far the citizen has come then. ``draft`` None: it was called off."""

    reply: Reply
    draft: Draft | None
    finished: bool = False
    """The citizen has confirmed: pass it on."""


class Leaving:
    """The dialogue. ``outlet`` knows what an address looks like."""

    def __init__(self, outlet: Callable[[str], Outlet | None]) -> None:
        self._outlet = outlet

    def begin(self) -> Next:
        return Next(Reply("leave_message", choices=(CANCEL,)), Draft(Step.message))

    def go_on(self, draft: Draft, seq: int, text: str, choice: str | None, *, yes: bool) -> Next:
        """The citizen's answer to the last question; ``yes`` if it is a plain yes."""
        if choice == CANCEL:
            return Next(Reply("leave_cancelled"), None)
        if draft.step is Step.message:
            return self._where(replace(draft, step=Step.where, seq=seq))
        if draft.step is Step.confirm:
            if choice == SEND or yes:
                return Next(self._confirm(draft).reply, draft, finished=True)
            if choice is None:
                return self._confirm(draft)
        return self._reached(draft, text, choice)

    def _reached(self, draft: Draft, text: str, choice: str | None) -> Next:
        if choice == "answer:here":
            return self._confirm(replace(draft, channel=None, address=None))
        if choice == "answer:phone":
            return self._ask(draft, Step.phone, "leave_phone")
        if choice == "answer:email" and self._mails():
            return self._ask(draft, Step.email, "leave_email")
        if found := _EMAIL.search(text):
            if not self._mails():
                # Nobody would get it: they are told again what there is.
                return self._where(replace(draft, step=Step.where))
            if len(found[0]) <= _MAX_ADDRESS:
                return self._confirm(replace(draft, channel=EMAIL, address=found[0]))
            return self._ask(draft, Step.email, "leave_email_bad")
        digits = sum(letter.isdecimal() for letter in text)
        if draft.step is Step.phone or (digits >= _DIGITS and self._phones() is not None):
            return self._phone(draft, text)
        if draft.step is Step.email and self._mails():
            return self._ask(draft, Step.email, "leave_email_bad")
        return self._where(draft)

    def _phone(self, draft: Draft, text: str) -> Next:
        outlet = self._phones()
        if outlet is None:
            return self._where(replace(draft, step=Step.where))
        try:
            address = outlet.address_of(text)
        except MessageRejected as bad:
            asked = Reply(bad.reply, dict(bad.values), choices=(CANCEL,))
            return Next(asked, replace(draft, step=Step.phone))
        return self._confirm(replace(draft, channel=PHONE, address=address))

    def _phones(self) -> Outlet | None:
        outlet = self._outlet(PHONE)
        return outlet if outlet is not None and outlet.capabilities.typed_addresses else None

    def _mails(self) -> bool:
        return self._outlet(EMAIL) is not None

    def _where(self, draft: Draft) -> Next:
        ways = ["answer:here"]
        if self._phones() is not None:
            ways.append("answer:phone")
        if self._mails():
            ways.append("answer:email")
        ways.append(CANCEL)
        return Next(Reply("leave_where", choices=tuple(ways)), draft)

    @staticmethod
    def _ask(draft: Draft, step: Step, key: str) -> Next:
        return Next(Reply(key, choices=(CANCEL,)), replace(draft, step=step))

    @staticmethod
    def _confirm(draft: Draft) -> Next:
        choices = (SEND, CANCEL)
        if draft.address is None:
            reply = Reply("leave_confirm_here", choices=choices)
        else:
            reply = Reply("leave_confirm", {"address": draft.address}, choices=choices)
        return Next(reply, replace(draft, step=Step.confirm))
