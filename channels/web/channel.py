"""The web channel, as the registry knows it."""

from __future__ import annotations

from fastapi import APIRouter

from channels.base import Access
from channels.web.continuing import build_continue_router
from channels.web.page import build_page_router
from channels.web.routes import build_router
from conversations.models import Capabilities


class WebChannel:
    """The widget and the page without script. Its readers fetch; nothing is sent."""

    name = "web"
    capabilities = Capabilities(buttons=True, cards=True)

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url

    def router(self, access: Access) -> APIRouter:
        conversations, languages = access.conversations, access.languages
        router = APIRouter()
        router.include_router(build_router(conversations, self.name))
        router.include_router(build_page_router(conversations, self.name, languages))
        router.include_router(build_continue_router(conversations, access.continuation, languages))
        return router
