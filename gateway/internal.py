"""Rasa's way back in: the action server, inside the gateway."""

from __future__ import annotations

import secrets

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import SecretStr
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

log = structlog.get_logger(__name__)

PREFIX = "/internal"


def build_router(executor: ActionExecutor, token: SecretStr) -> APIRouter:
    """``POST /internal/actions``, for whoever knows ``token``; 404 for everybody else."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)
    expected = f"Bearer {token.get_secret_value()}"

    @router.post("/actions")
    async def actions(request: Request) -> Response:
        given = request.headers.get("authorization", "")
        if not secrets.compare_digest(given.encode(), expected.encode()):
            raise HTTPException(404)
        call = await request.json()
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as rejection:
            # Rasa reads exactly these two, at the top of the body.
            rejected = {"error": str(rejection), "action_name": rejection.action_name}
            return JSONResponse(rejected, 400)
        except ActionNotFoundException as error:
            log.error("unknown_action", action=error.action_name)
            raise HTTPException(404, str(error)) from error
        if result is None:
            raise HTTPException(400, "The call names no action.")
        return JSONResponse(result.model_dump())

    return router
