"""The desk's page: one file for every address below ``/desk``, and what it loads."""

import re
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from desk.console.parts import ConsoleParts
from desk.errors import NotFound

_ASSETS = "assets/"
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
"""No folders, and nothing hidden."""
_METHODS = ["GET", "HEAD"]
_CACHED = "no-cache"
"""Kept, and asked for again each time: names of files do not change with what is in them."""


def build_router(parts: ConsoleParts) -> APIRouter:
    """The page is for everybody: it holds nothing until somebody has signed in."""
    router = APIRouter(include_in_schema=False)
    root = parts.page_root

    def file(path: Path) -> Response:
        if not path.is_file():
            raise NotFound
        return FileResponse(path, headers={"Cache-Control": _CACHED})

    def start_page() -> Response:
        return file(root / "index.html")

    @router.api_route("/desk", methods=_METHODS)
    async def start() -> Response:
        return start_page()

    @router.api_route("/desk/{path:path}", methods=_METHODS)
    async def below(path: str) -> Response:
        if not path.startswith(_ASSETS):
            return start_page()
        # A missing script must not be answered with a page.
        name = path.removeprefix(_ASSETS)
        if _NAME.fullmatch(name) is None:
            raise NotFound
        return file(root / _ASSETS / name)

    return router
