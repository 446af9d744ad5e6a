"""``/api/knowledge``: the shared catalogue for everybody, as JSON or as CPSV-AP JSON-LD."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Response
from fastapi.responses import JSONResponse

from knowledge.catalogue import Catalogue, Service
from knowledge.cpsv import catalogue_document, service_node
from knowledge.search import KnowledgeSearch

_JSON_LD = "application/ld+json"
_MAX_RESULTS = 20
_Language = Annotated[str | None, Query(max_length=8)]
_Accept = Annotated[str, Header()]


def summary(catalogue: Catalogue, service: Service, language: str) -> dict[str, Any]:
    """A service in a list of results."""
    written, text = catalogue.text(service.id, language)
    authority = service.facts.competent_authority
    return {
        "id": service.id,
        "title": text.title,
        "summary": text.summary,
        "language": written,
        "authority": catalogue.organisation_text(authority, language).name,
        "level": service.facts.level.value,
        "life_events": list(service.facts.life_events),
    }


def detail(catalogue: Catalogue, service: Service, language: str) -> dict[str, Any]:
    """A service with its facts as data and its prose in one language (phrasings left out)."""
    _, text = catalogue.text(service.id, language)
    return {
        **summary(catalogue, service, language),
        "facts": service.facts.model_dump(mode="json"),
        "text": text.model_dump(mode="json", exclude={"phrasings"}),
        "languages": sorted(service.texts),
    }


def build_router(
    catalogue: Callable[[], Catalogue], search: Callable[[], KnowledgeSearch]
) -> APIRouter:
    """The catalogue's routes. Public data: they have no owner."""
    router = APIRouter(prefix="/api/knowledge", tags=["knowledge"])

    def language_of(lang: str | None) -> str:
        codes = catalogue().language_codes
        if lang is not None and lang not in codes:
            raise HTTPException(422, f"lang must be one of {', '.join(codes)}")
        return lang or codes[0]

    @router.get("/services")
    async def services(
        q: Annotated[str | None, Query(max_length=500)] = None,
        lang: _Language = None,
        accept: _Accept = "*/*",
    ) -> Response:
        language = language_of(lang)
        known = catalogue()
        body: dict[str, Any] = {}
        if q is None or not q.strip():
            found = list(known.services.values())
        else:
            hits = search().find(q, language)
            found = [known.services[hit.service] for hit in hits.ranked[:_MAX_RESULTS]]
            body["confidence"] = round(hits.probability, 3)
        if _JSON_LD in accept:
            return JSONResponse(catalogue_document(known, found), media_type=_JSON_LD)
        body["services"] = [summary(known, service, language) for service in found]
        return JSONResponse(body)

    @router.get("/services/{service_id}")
    async def service(service_id: str, lang: _Language = None, accept: _Accept = "*/*") -> Response:
        language = language_of(lang)
        known = catalogue()
        found = known.services.get(service_id)
        if found is None:
            raise HTTPException(404, "There is no such service.")
        if _JSON_LD in accept:
            return JSONResponse(service_node(known, found), media_type=_JSON_LD)
        return JSONResponse(detail(known, found, language))

    return router
