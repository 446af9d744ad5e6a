"""The cookie with which a browser without script holds its conversation."""

from __future__ import annotations

from fastapi import Request, Response

NAME = "borgerguide"
_PATH = "/chat"


def read(request: Request) -> tuple[str, str]:
    """The conversation's id and token; empty where there is no cookie."""
    conversation_id, _, token = request.cookies.get(NAME, "").partition(".")
    return conversation_id, token


def value(conversation_id: str, token: str) -> str:
    """What the cookie holds."""
    return f"{conversation_id}.{token}"


def remember(request: Request, response: Response, cookie: str | None) -> Response:
    """The response with the cookie set, if there is a new one."""
    if cookie is not None:
        response.set_cookie(
            NAME,
            cookie,
            path=_PATH,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
    return response


def forget(response: Response) -> Response:
    """The response with the cookie taken away."""
    response.delete_cookie(NAME, path=_PATH)
    return response
