"""Is it alive, is it ready, what has it done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], Awaitable[bool]]


def build_router(dialogue: Check, database: Check) -> APIRouter:
    """``/health/live``, ``/health/ready`` and ``/metrics``."""
    router = APIRouter(tags=["operation"])

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/health/ready")
    async def ready() -> Response:
        """Ready: 200. Degraded (answers by search, without the dialogue): 200, and says so.

        Without a database nothing can be promised: 503.
        """
        stored, talking = await database(), await dialogue()
        status = "unavailable" if not stored else "ready" if talking else "degraded"
        body = {"status": status, "database": stored, "dialogue": talking}
        return JSONResponse(body, 200 if stored else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
