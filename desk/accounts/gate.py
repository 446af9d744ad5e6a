"""The door of every route of the desk: cookie, origin, token of the page, right."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from desk.accounts.sessions import StaffSession, StaffSessions, csrf_token
from desk.errors import ForgedRequest, NotSignedIn
from desk.rights import Action

CSRF_HEADER = "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """Dependencies for routers. ``public_url`` says whether the desk is reached over https."""

    def __init__(self, sessions: StaffSessions, public_url: str) -> None:
        self._sessions = sessions
        self._origin = public_url.rstrip("/").lower()
        self._secure = self._origin.startswith("https://")
        # Browsers take a name that begins so only over https, for this host and every path.
        prefix = "__Host-" if self._secure else ""
        self._cookie = f"{prefix}desk"
        self._flow_cookie = f"{prefix}desk-oidc"

    # What routers depend on.

    def signed_in(
        self, action: Action | None = None, *, active: bool = True
    ) -> Callable[[Request], Awaitable[StaffSession]]:
        """A dependency: the caller's session, if the member may do ``action`` to anything at all.

        Whether to *this* conversation or team, the route asks with ``session.rights.require``.
        ``active=False`` is for what a page does by itself, as polling: it keeps no session alive.

        Raises :class:`NotSignedIn`, :class:`ForgedRequest` and :class:`NotAllowed`.
        """

        async def enter(request: Request) -> StaffSession:
            token = self.token(request)
            if token is None:
                raise NotSignedIn
            if request.method not in _SAFE:
                self.same_origin(request)
                given = request.headers.get(CSRF_HEADER, "")
                if not hmac.compare_digest(given.encode(), csrf_token(token).encode()):
                    raise ForgedRequest
            session = await self._sessions.open(token, active=active)
            request.state.desk_language = session.member.ui_language
            if action is not None:
                session.rights.require(action)
            return session

        return enter

    def same_origin(self, request: Request) -> None:
        """A dependency for what needs no session. Raises :class:`ForgedRequest`.

        Every browser names the origin of a request that changes something.
        """
        own = f"{request.url.scheme}://{request.headers.get('host', '')}".lower()
        if request.headers.get("origin", "").lower() not in {self._origin, own}:
            raise ForgedRequest

    # Cookies.

    def token(self, request: Request) -> str | None:
        """The session's token, whatever it may be worth."""
        return request.cookies.get(self._cookie) or None

    def remember(self, response: Response, token: str) -> None:
        """Hand the browser its session. It forgets it when it is closed."""
        response.set_cookie(
            self._cookie, token, path="/", httponly=True, secure=self._secure, samesite="strict"
        )

    def forget(self, response: Response) -> None:
        """Take the session away from the browser."""
        response.delete_cookie(
            self._cookie, path="/", httponly=True, secure=self._secure, samesite="strict"
        )

    def flow(self, request: Request) -> str | None:
        """What the browser was given when it left for the identity provider."""
        return request.cookies.get(self._flow_cookie) or None

    def remember_flow(self, response: Response, value: str, seconds: int) -> None:
        """As :meth:`remember`, but it is sent when another site leads back here."""
        response.set_cookie(
            self._flow_cookie,
            value,
            max_age=seconds,
            path="/",
            httponly=True,
            secure=self._secure,
            samesite="lax",
        )

    def forget_flow(self, response: Response) -> None:
        """It is used up."""
        response.delete_cookie(
            self._flow_cookie, path="/", httponly=True, secure=self._secure, samesite="lax"
        )
