"""The web channel, as the registry knows it."""

from __future__ import annotations

from fastapi import APIRouter

from channels.web.page import build_page_router
from channels.web.routes import build_router
from conversations.models import Capabilities
from conversations.service import Conversations


class WebChannel:
    """The widget and the page without script."""

    name = "web"
    capabilities = Capabilities(buttons=True, cards=True)

    def __init__(self, conversations: Conversations, languages: tuple[str, ...]) -> None:
        self._conversations = conversations
        self._languages = languages

    def router(self) -> APIRouter:
        router = APIRouter()
        router.include_router(build_router(self._conversations, self.name))
        router.include_router(build_page_router(self._conversations, self.name, self._languages))
        return router
