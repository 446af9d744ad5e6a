"""The queue on every database, with staff and citizens on it."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

import desk.accounts.tables
import desk.queue.tables  # noqa: F401 - they register themselves
from app import build_renderer
from conversations.rendering.renderer import Renderer
from desk.accounts.models import StaffMember, Team
from knowledge.crisis.detector import CrisisDetector
from knowledge.live import LiveKnowledge
from settings import Settings
from tests.conversations.store.conftest import engine, postgres, url
from tests.desk.queue.world import World

__all__ = ["engine", "postgres", "url"]


@pytest.fixture(scope="session")
def renderer(live: LiveKnowledge) -> Renderer:
    return build_renderer(Settings(internal_token=SecretStr("test")), live)


@pytest.fixture
def world(
    engine: AsyncEngine, live: LiveKnowledge, renderer: Renderer, crisis: CrisisDetector
) -> World:
    return World(engine, live, renderer, crisis)


@pytest.fixture
async def team(world: World) -> Team:
    """One team for everything that the city does."""
    return await world.team(Team("borgerservice", "Borgerservice", ("kk",)))


@pytest.fixture
async def mette(world: World, team: Team) -> StaffMember:
    return await world.member("Mette", teams=(team.id,))


@pytest.fixture
async def omar(world: World, team: Team) -> StaffMember:
    return await world.member("Omar", teams=(team.id,), languages=("da", "en"))
