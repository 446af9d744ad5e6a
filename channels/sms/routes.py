"""Where Twilio posts to."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from channels.base import Access, PushChannel
from channels.webhooks import take

INBOUND_PATH = "/channels/sms/twilio"
STATUS_PATH = f"{INBOUND_PATH}/status"

_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""The answer is sent later: Twilio waits 15 seconds at most, the dialogue may take longer."""


class TwiML(Response):
    """Twilio's instructions."""

    media_type = "text/xml"


def build_router(channel: PushChannel, access: Access) -> APIRouter:
    """The webhooks. Both refuse what Twilio did not sign."""
    router = APIRouter(tags=["sms"], responses=_REFUSALS)

    @router.post(
        INBOUND_PATH,
        response_class=TwiML,
        summary="A citizen's text message",
        openapi_extra={"requestBody": _form(required=_MESSAGE, optional=_MESSAGE_MORE)},
    )
    async def inbound(request: Request) -> Response:
        await take(request, channel, access)
        return TwiML(_NOTHING_TO_SAY)

    @router.post(
        STATUS_PATH,
        status_code=204,
        response_class=Response,
        summary="What became of a message that we sent",
        openapi_extra={
            "requestBody": _form(required=_STATUS, optional=_STATUS_MORE),
            "parameters": [
                {
                    "name": "delivery",
                    "in": "query",
                    "description": "Our id of the delivery, as it was given to Twilio",
                    "schema": {"type": "string"},
                }
            ],
        },
    )
    async def status(request: Request) -> Response:
        await take(request, channel, access)
        return Response(status_code=204)

    return router


_MESSAGE = ("AccountSid", "MessageSid", "From", "To", "Body")
_MESSAGE_MORE = ("NumMedia", "OptOutType")
_STATUS = ("AccountSid", "MessageSid", "MessageStatus")
_STATUS_MORE = ("To", "From", "ErrorCode")


def _form(*, required: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, Any]:
    """A form as Twilio documents it. It is read by hand: its signature comes first."""
    schema = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in (*required, *optional)},
        "required": list(required),
    }
    return {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": schema}},
    }


def _refusal(description: str) -> dict[str, Any]:
    error = {
        "type": "object",
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        "required": ["code", "message"],
    }
    schema = {"type": "object", "properties": {"error": error}, "required": ["error"]}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: _refusal("From Twilio, but not to be read"),
    403: _refusal("Not signed by Twilio, or not for our account"),
}
