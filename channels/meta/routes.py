"""The two routes of a webhook of Meta's: is it yours, and what has happened."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse
from pydantic import SecretStr

from channels.base import Access, PushChannel, WrongSignature
from channels.meta.signature import same
from channels.webhooks import PREFIX, take

_BODY: dict[str, Any] = {
    "type": "object",
    "required": ["object", "entry"],
    "properties": {
        "object": {"type": "string"},
        "entry": {"type": "array", "items": {"type": "object"}},
    },
}


def build_router(channel: PushChannel, access: Access, verify_token: SecretStr | None) -> APIRouter:
    """The routes below ``/channels/``; without ``verify_token`` every request is refused."""
    router = APIRouter(
        prefix=f"{PREFIX}{channel.name}",
        tags=[channel.name],
        include_in_schema=verify_token is not None,
        default_response_class=PlainTextResponse,
    )

    @router.get("", responses={403: {"description": "Not our token"}})
    async def subscribe(
        mode: Annotated[str | None, Query(alias="hub.mode")] = None,
        token: Annotated[str | None, Query(alias="hub.verify_token")] = None,
        challenge: Annotated[str | None, Query(alias="hub.challenge")] = None,
    ) -> str:
        """Meta asks whether the address is ours; the answer is its own challenge."""
        if verify_token is None:
            raise WrongSignature("not set up")
        ours = same(token or "", verify_token.get_secret_value())
        if not ours or mode != "subscribe" or challenge is None:
            raise WrongSignature("not a subscription of ours")
        return challenge

    @router.post(
        "",
        responses={
            400: {"description": "Signed, but not to be read"},
            403: {"description": "Not signed by the app"},
            413: {"description": "Too long"},
        },
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": _BODY}}}
        },
    )
    async def receive(request: Request) -> str:
        """Events. Whatever is not answered with 2xx comes again."""
        await take(request, channel, access)
        return "EVENT_RECEIVED"

    return router
