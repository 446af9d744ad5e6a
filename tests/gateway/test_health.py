"""Alive, ready, and what Prometheus may know."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import Parts
from storage.base import Base
from tests.conftest import ScriptedAssistant
from tests.conversations.citizen import AsyncCitizen

SECRET = "zebrafinken hedder Knud"


async def take_database_away(parts: Parts) -> None:
    async with parts.engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)


def turns(metrics: str) -> dict[tuple[str, str, str], float]:
    return {
        (
            sample.labels["channel"],
            sample.labels["language"],
            sample.labels["outcome"],
        ): sample.value
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
        if sample.name == "borgerguide_turns_total"
    }


async def test_it_is_alive_even_without_a_database(client: httpx.AsyncClient, parts: Parts) -> None:
    assert (await client.get("/health/live")).status_code == 200
    await take_database_away(parts)
    assert (await client.get("/health/live")).json() == {"status": "alive"}


@pytest.mark.parametrize(("dialogue", "status"), [(True, "ready"), (False, "degraded")])
async def test_it_is_ready_without_the_dialogue_and_says_so(
    client: httpx.AsyncClient, assistant: ScriptedAssistant, dialogue: bool, status: str
) -> None:
    assistant.is_ready = dialogue
    answer = await client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": status, "database": True, "dialogue": dialogue}


async def test_without_a_database_it_is_not_ready(client: httpx.AsyncClient, parts: Parts) -> None:
    await take_database_away(parts)
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert (answer.json()["status"], answer.json()["database"]) == ("unavailable", False)


async def test_turns_are_counted_by_how_they_ended(client: httpx.AsyncClient) -> None:
    before = turns((await client.get("/metrics")).text)
    citizen = await AsyncCitizen.begin(client)
    await citizen.say("hej")
    await citizen.say("Det brænder i min lejlighed")
    after = turns((await client.get("/metrics")).text)
    for outcome in ("answered", "crisis"):
        key = ("web", "da", outcome)
        assert after[key] == before.get(key, 0) + 1
    assert sum(after.values()) == sum(before.values()) + 2


async def test_the_metrics_know_nobodys_words(client: httpx.AsyncClient) -> None:
    citizen = await AsyncCitizen.begin(client)
    await citizen.say(SECRET)
    metrics = (await client.get("/metrics")).text
    assert "borgerguide_turn_seconds_count" in metrics
    for word in (*SECRET.split(), citizen.id):
        assert word not in metrics
