"""The real renderer, and one over knowledge that a test has changed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from app import build_renderer
from conversations.rendering.answers import Answerer
from conversations.rendering.renderer import Renderer
from conversations.rendering.replies import ReplyTexts, load_replies
from knowledge.catalogue import Catalogue, Service
from knowledge.live import LiveKnowledge
from knowledge.schema import ServiceFacts
from settings import ROOT, Settings

TODAY = dt.date(2024, 6, 15)
"""A day between the dates of the sources, so that there are old prices and new ones."""

Changed = Callable[..., Answerer]


@pytest.fixture(scope="session")
def replies(catalogue: Catalogue) -> ReplyTexts:
    return load_replies(ROOT / "bot" / "replies", catalogue.language_codes)


@pytest.fixture(scope="session")
def answerer(catalogue: Catalogue, replies: ReplyTexts) -> Answerer:
    return Answerer(lambda: catalogue, replies, lambda: TODAY)


@pytest.fixture(scope="session")
def renderer(live: LiveKnowledge) -> Renderer:
    return build_renderer(Settings(internal_token=SecretStr("test")), live)


@pytest.fixture
def changed(catalogue: Catalogue, replies: ReplyTexts) -> Changed:
    """An answerer over the real knowledge, where one service has other facts."""

    def build(service_id: str, **facts: object) -> Answerer:
        service = catalogue.services[service_id]
        data = {**service.facts.model_dump(), **facts}
        other = Service(ServiceFacts.model_validate(data), service.texts)
        services = {**catalogue.services, service_id: other}
        return Answerer(
            lambda: dataclasses.replace(catalogue, services=services), replies, lambda: TODAY
        )

    return build
