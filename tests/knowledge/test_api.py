"""``/api/knowledge`` as a client meets it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from rdflib import RDF, Graph, URIRef

from knowledge.api import build_router
from knowledge.catalogue import Catalogue
from knowledge.cpsv import CONTEXT
from knowledge.live import LiveKnowledge

# rdflib's JSON-LD parser still uses what rdflib deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
SERVICES = "/api/knowledge/services"
LD = {"Accept": "application/ld+json"}
PUBLIC_SERVICE = URIRef(f"{CONTEXT['cpsv']}PublicService")


@pytest.fixture
async def api(live: LiveKnowledge) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the routes alone: the gateway takes seconds to start, they take none."""
    app = FastAPI()
    app.include_router(build_router(live.catalogue, live.search))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://guide") as client:
        yield client


async def get(api: httpx.AsyncClient, path: str = "", **params: str) -> Any:
    answer = await api.get(SERVICES + path, params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


async def test_all_services_are_listed(api: httpx.AsyncClient, catalogue: Catalogue) -> None:
    body = await get(api)
    assert {item["id"] for item in body["services"]} == set(catalogue.services)
    for item in body["services"]:
        service = catalogue.services[item["id"]]
        assert item["title"] == service.texts["da"].title
        assert item["language"] == "da"
        assert item["level"] == service.facts.level
        assert item["life_events"] == list(service.facts.life_events)


@pytest.mark.parametrize("question", ["", "  "])
async def test_an_empty_question_lists_all(
    api: httpx.AsyncClient, catalogue: Catalogue, question: str
) -> None:
    assert len((await get(api, q=question))["services"]) == len(catalogue.services)


@pytest.mark.parametrize(
    ("question", "language", "service"),
    [
        ("jeg skal flytte til en ny adresse", "da", "flytning"),
        ("koerekort fornyelse", "da", "koerekort-fornyelse"),
        ("renew my danish passport", "en", "pas-voksen"),
    ],
)
async def test_a_question_finds_services_best_first(
    api: httpx.AsyncClient, question: str, language: str, service: str
) -> None:
    body = await get(api, q=question, lang=language)
    assert body["services"][0]["id"] == service
    assert body["services"][0]["language"] == language
    assert len(body["services"]) <= 20
    assert 0 <= body["confidence"] <= 1


@pytest.mark.parametrize(
    "question", ['"', "NEAR(", "'; DROP TABLE entry; --", "\x00", "😀", "a" * 500]
)
async def test_any_question_is_answered(api: httpx.AsyncClient, question: str) -> None:
    assert isinstance((await get(api, q=question))["services"], list)


@pytest.mark.parametrize("language", ["da", "en"])
async def test_a_service_is_told_in_a_language(
    api: httpx.AsyncClient, catalogue: Catalogue, language: str
) -> None:
    body = await get(api, "/pas-voksen", lang=language)
    service = catalogue.services["pas-voksen"]
    assert body["id"] == "pas-voksen"
    assert body["title"] == service.texts[language].title
    assert body["text"]["steps"] == list(service.texts[language].steps)
    assert body["languages"] == sorted(service.texts)
    assert {cost["id"]: cost["amount"] for cost in body["facts"]["costs"]} == {
        cost.id: cost.amount for cost in service.facts.costs
    }
    assert set(body["facts"]["sources"]) == set(service.facts.sources)
    assert body["facts"]["review_by"] == service.facts.review_by.isoformat()


async def test_without_a_language_it_is_the_source_language(api: httpx.AsyncClient) -> None:
    assert (await get(api, "/hund"))["language"] == "da"
    assert await get(api, "/hund") == await get(api, "/hund", lang="da")


@pytest.mark.parametrize("path", ["", "/pas-voksen"])
@pytest.mark.parametrize("language", ["xx", "DA", "da,en", "", "x" * 9])
async def test_an_unknown_language_is_refused(
    api: httpx.AsyncClient, path: str, language: str
) -> None:
    answer = await api.get(SERVICES + path, params={"lang": language})
    assert answer.status_code == 422


async def test_an_unknown_language_is_refused_in_every_format(api: httpx.AsyncClient) -> None:
    params = {"lang": "xx"}
    assert (await api.get(SERVICES, params=params, headers=LD)).status_code == 422
    answer = await api.get(f"{SERVICES}/hund", params=params, headers=LD)
    assert answer.status_code == 422


async def test_a_question_that_is_too_long_is_refused(api: httpx.AsyncClient) -> None:
    assert (await api.get(SERVICES, params={"q": "a" * 501})).status_code == 422


@pytest.mark.parametrize("service", ["kat", "PAS-VOKSEN", "pas", "..%2fhund", "%00", "null"])
@pytest.mark.parametrize("headers", [{}, LD], ids=["json", "ld+json"])
async def test_an_unknown_service_is_not_found(
    api: httpx.AsyncClient, service: str, headers: dict[str, str]
) -> None:
    answer = await api.get(f"{SERVICES}/{service}", headers=headers)
    assert answer.status_code == 404
    assert "application/ld+json" not in answer.headers["content-type"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_the_catalogue_cannot_be_written(api: httpx.AsyncClient, method: str) -> None:
    assert (await api.request(method, SERVICES)).status_code == 405
    assert (await api.request(method, f"{SERVICES}/hund")).status_code == 405


@pytest.mark.parametrize(
    "accept",
    [
        "application/ld+json",
        "application/json;q=0.5, application/ld+json",
        "text/html,application/ld+json;q=0.9",
    ],
)
async def test_the_catalogue_is_linked_data_when_asked_for(
    api: httpx.AsyncClient, catalogue: Catalogue, accept: str
) -> None:
    answer = await api.get(SERVICES, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/ld+json"
    graph = Graph().parse(data=answer.text, format="json-ld")
    assert len(set(graph.subjects(RDF.type, PUBLIC_SERVICE))) == len(catalogue.services)


async def test_a_question_is_answered_in_linked_data_too(api: httpx.AsyncClient) -> None:
    params = {"q": "renew my danish passport", "lang": "en"}
    answer = await api.get(SERVICES, params=params, headers=LD)
    listed = [item["id"] for item in (await get(api, **params))["services"]]
    assert [item["dct:identifier"] for item in answer.json()["@graph"]] == listed


async def test_a_service_is_linked_data_when_asked_for(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"{SERVICES}/hund", headers=LD)
    assert answer.headers["content-type"] == "application/ld+json"
    graph = Graph().parse(data=answer.text, format="json-ld")
    assert [str(s) for s in graph.subjects(RDF.type, PUBLIC_SERVICE)] == [
        "urn:borgerguide:service:hund"
    ]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html", ""])
async def test_otherwise_it_is_json(api: httpx.AsyncClient, accept: str) -> None:
    answer = await api.get(f"{SERVICES}/hund", headers={"Accept": accept})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["id"] == "hund"


@pytest.mark.parametrize("path", ["", "?q=pas", "/pas-voksen", "/pas-voksen?lang=en"])
@pytest.mark.parametrize("headers", [{}, LD], ids=["json", "ld+json"])
async def test_phrasings_are_not_exposed(
    api: httpx.AsyncClient, catalogue: Catalogue, path: str, headers: dict[str, str]
) -> None:
    body = (await api.get(SERVICES + path, headers=headers)).json()
    said = json.dumps(body, ensure_ascii=False)
    assert "phrasings" not in said
    for text in catalogue.services["pas-voksen"].texts.values():
        for phrasing in text.phrasings:
            if len(phrasing.split()) > 4:
                assert phrasing not in said


async def test_the_gateway_has_the_routes(client: httpx.AsyncClient) -> None:
    assert (await get(client, q="pas", lang="en"))["services"]
    assert (await client.get(f"{SERVICES}/hund", headers=LD)).status_code == 200
    assert (await client.get(f"{SERVICES}/kat")).status_code == 404
    assert (await client.get(SERVICES, params={"lang": "xx"})).status_code == 422
