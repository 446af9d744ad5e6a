"""What can stand in the way of a transition. ``code`` is the key of a sentence."""

from __future__ import annotations

from desk.errors import DeskError


class QueueError(DeskError):
    """The root of what a conversation's present state forbids.

    * :class:`AlreadyTaken`  - somebody else has it; ``values["name"]`` says who
    * :class:`NotPossible`   - not in this state; ``values["state"]`` says which
    * :class:`AtCapacity`    - the member has as many as they may; ``values["capacity"]``
    * :class:`NothingOffered`- no transfer waits for this member's answer
    """

    status = 409
    code = "not_possible"


class AlreadyTaken(QueueError):
    code = "already_taken"


class NotPossible(QueueError):
    pass


class AtCapacity(QueueError):
    code = "at_capacity"


class NothingOffered(QueueError):
    code = "nothing_offered"
