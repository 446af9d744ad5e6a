"""What can go wrong at the desk. Each error carries the key of a sentence for the member.

The sentences are in ``desk/texts``; ``code`` is their key and the ``code`` of the JSON answer.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar


class DeskError(Exception):
    """The root of what can go wrong with a member's request.

    * :class:`NotSignedIn`     - no session, or one that has ended
    * :class:`SignInFailed`    - not this e-mail, password and code together; never says which
    * :class:`TooManyTries`    - try again after ``retry_after`` seconds
    * :class:`ForgedRequest`   - from another site, or without this session's token
    * :class:`NotAllowed`      - role and team do not give the right
    * :class:`NotFound`        - no such member or team
    * :class:`Refused`         - what was sent cannot be taken; ``code`` says why
      * :class:`UnknownTeam`
    * :class:`LinkError`       - the one-time link opens nothing (any more)
    * :class:`ProviderError`   - signing in at the identity provider did not work
    """

    status: ClassVar[int] = 400
    code: str = "refused"

    def __init__(self, **values: Any) -> None:
        super().__init__(self.code)
        self.values = values


class NotSignedIn(DeskError):
    status = 401
    code = "not_signed_in"


class SignInFailed(DeskError):
    status = 401
    code = "sign_in_failed"


class TooManyTries(DeskError):
    status = 429
    code = "too_many_tries"

    def __init__(self, retry_after: float) -> None:
        self.retry_after = max(1, math.ceil(retry_after))
        """Whole seconds."""
        super().__init__(seconds=self.retry_after)


class ForgedRequest(DeskError):
    status = 403
    code = "forged_request"


class NotAllowed(DeskError):
    status = 403
    code = "not_allowed"


class NotFound(DeskError):
    status = 404
    code = "not_found"


class Refused(DeskError):
    status = 422

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        super().__init__(**values)


class UnknownTeam(Refused):
    def __init__(self, team: str) -> None:
        super().__init__("unknown_team", team=team)


class LinkError(DeskError):
    """* :class:`LinkUnknown`, :class:`LinkUsed`, :class:`LinkExpired`"""

    status = 410


class LinkUnknown(LinkError):
    status = 404
    code = "link_unknown"


class LinkUsed(LinkError):
    code = "link_used"


class LinkExpired(LinkError):
    code = "link_expired"


class ProviderError(DeskError):
    """Signing in elsewhere. ``reason`` is for the audit trail and the log, in our own words.

    * :class:`ProviderAway`  - the provider does not answer, or not as it should
    * :class:`ProviderRefused` - what it sent back proves nothing
    * :class:`NoRole`        - it knows the person, but nothing makes them a member here
    """

    status = 403

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()


class ProviderAway(ProviderError):
    status = 503
    code = "provider_away"


class ProviderRefused(ProviderError):
    code = "provider_refused"


class NoRole(ProviderError):
    code = "no_role"
