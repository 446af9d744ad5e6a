"""The catalogue as JSON-LD in CPSV-AP 3.2.0.

Classes, properties and cardinalities: https://semiceu.github.io/CPSV-AP/releases/3.2.0/
What CPSV-AP has no term for (order of channels, state and date of a fact) stands under ``bg:``;
the shapes are open, so this stays valid.
"""

from __future__ import annotations

from typing import Any

from knowledge import formatting
from knowledge.catalogue import Catalogue, Service
from knowledge.schema import ChannelKind, Cost, Fact, ServiceChannel, State

CONTEXT = {
    "cpsv": "http://purl.org/vocab/cpsv#",
    "cv": "http://data.europa.eu/m8g/",
    "dct": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "bg": "https://www.kk.dk/borgerguide/ns#",
}
_BASE = "urn:borgerguide:"
_DENMARK = "http://publications.europa.eu/resource/authority/country/DNK"
_COPENHAGEN = "http://publications.europa.eu/resource/authority/atu/DNK_MUN_101"
_LANGUAGE = "http://publications.europa.eu/resource/authority/language/"
_CURRENCY = "http://publications.europa.eu/resource/authority/currency/"
_ISO_639_3 = {
    "da": "DAN", "en": "ENG", "de": "DEU", "pl": "POL",
    "uk": "UKR", "ro": "RON", "ar": "ARA", "tr": "TUR",
}  # fmt: skip

Node = dict[str, Any]


def _texts(by_language: dict[str, str]) -> list[Node]:
    return [{"@value": text, "@language": code} for code, text in by_language.items()]


class _Builder:
    def __init__(self, catalogue: Catalogue, service: Service) -> None:
        self.catalogue = catalogue
        self.service = service
        self.facts = service.facts
        self.iri = f"{_BASE}service:{service.id}"

    def per_language(self, section: str, fact: Fact) -> list[Node]:
        lines = {}
        for code, text in self.service.texts.items():
            line = getattr(text, section).get(fact.id)
            if isinstance(line, str):
                lines[code] = formatting.fill(line, fact.values, code)
        return _texts(lines)

    def trust(self, fact: Fact) -> Node:
        node: Node = {"bg:state": fact.state.value}
        if fact.last_verified:
            node["bg:lastVerified"] = fact.last_verified
        if fact.sources:
            node["dct:source"] = [{"@id": str(self.facts.sources[s].url)} for s in fact.sources]
        return node

    def named(self, section: str, kind: str, fact: Fact) -> Node:
        """A node that needs an identifier and a name."""
        return {
            "@id": f"{self.iri}:{section}:{fact.id}",
            "@type": kind,
            "dct:identifier": f"{self.service.id}/{section}/{fact.id}",
            "dct:title": self.per_language(section, fact),
            **self.trust(fact),
        }

    def cost(self, cost: Cost) -> Node:
        node: Node = {
            "@id": f"{self.iri}:costs:{cost.id}",
            "@type": "cv:Cost",
            "dct:identifier": f"{self.service.id}/costs/{cost.id}",
            "dct:description": self.per_language("costs", cost),
            **self.trust(cost),
        }
        if cost.state is State.verified and cost.amount is not None:
            node["cv:hasValue"] = {"@value": cost.amount, "@type": "xsd:double"}
            node["cv:currency"] = {"@id": _CURRENCY + cost.currency}
        if cost.channel is not None:
            node["cv:ifAccessedThrough"] = {"@id": f"{self.iri}:channels:{cost.channel}"}
        return node

    def channel(self, order: int, channel: ServiceChannel) -> Node:
        labels = {
            code: text.channels[channel.id].label
            for code, text in self.service.texts.items()
            if channel.id in text.channels
        }
        node: Node = {
            "@id": f"{self.iri}:channels:{channel.id}",
            "@type": "cv:Channel",
            "dct:identifier": f"{self.service.id}/channels/{channel.id}",
            "dct:description": _texts(labels),
            "bg:kind": channel.kind.value,
            "bg:priority": order,
            **self.trust(channel),
        }
        if channel.url is not None:
            node["foaf:page"] = {"@id": str(channel.url)}
        return node

    def rule(self, deadline: Fact) -> Node:
        lines = self.per_language("deadlines", deadline)
        return {
            **self.named("deadlines", "cpsv:Rule", deadline),
            "dct:description": lines,
        }

    def authority(self) -> Node:
        organisation = self.catalogue.organisations[self.facts.competent_authority]
        names = {
            code: texts[organisation.id].name
            for code, texts in self.catalogue.organisation_texts.items()
            if organisation.id in texts
        }
        city = organisation.level == "municipality"
        return {
            "@id": f"{_BASE}organisation:{organisation.id}",
            "@type": "cv:PublicOrganisation",
            "skos:prefLabel": _texts(names),
            "dct:spatial": {"@id": _COPENHAGEN if city else _DENMARK, "@type": "dct:Location"},
        }

    def contacts(self) -> list[Node]:
        return [
            {"@type": "cv:ContactPoint", "cv:telephone": channel.phone}
            for channel in self.facts.channels
            if channel.phone and channel.state is State.verified
        ]

    def life_events(self) -> list[Node]:
        nodes = []
        for identifier in self.facts.life_events:
            texts = self.catalogue.life_events[identifier].texts
            nodes.append(
                {
                    "@id": f"{_BASE}life-event:{identifier}",
                    "@type": "cv:LifeEvent",
                    "dct:identifier": identifier,
                    "dct:title": _texts({code: text.title for code, text in texts.items()}),
                }
            )
        return nodes

    def services(self, identifiers: tuple[str, ...]) -> list[Node]:
        return [{"@id": f"{_BASE}service:{identifier}"} for identifier in identifiers]

    def build(self) -> Node:
        texts = self.service.texts
        facts = self.facts
        node: Node = {
            "@id": self.iri,
            "@type": "cpsv:PublicService",
            "dct:identifier": self.service.id,
            "dct:title": _texts({code: text.title for code, text in texts.items()}),
            "dct:description": _texts({code: text.summary for code, text in texts.items()}),
            "dcat:keyword": [
                {"@value": name, "@language": code}
                for code, text in texts.items()
                for name in text.names
            ],
            "dct:language": [
                {"@id": _LANGUAGE + _ISO_639_3[code]} for code in texts if code in _ISO_639_3
            ],
            "cv:hasCompetentAuthority": [self.authority()],
            "cv:contactPoint": self.contacts(),
            "cv:hasChannel": [self.channel(n, c) for n, c in enumerate(facts.channels, 1)],
            "cv:hasCost": [self.cost(cost) for cost in facts.costs],
            "cpsv:follows": [self.rule(deadline) for deadline in facts.deadlines],
            "cv:holdsRequirement": [
                self.named("requirements", "cv:Requirement", fact) for fact in facts.requirements
            ],
            "cpsv:hasInput": [self.named("evidence", "cv:Evidence", f) for f in facts.evidence],
            "cpsv:produces": [self.named("outputs", "cv:Output", fact) for fact in facts.outputs],
            "cv:isGroupedBy": self.life_events(),
            "dct:requires": self.services(facts.requires),
            "cv:relatedService": self.services(facts.related),
            "dct:spatial": {"@id": _COPENHAGEN, "@type": "dct:Location"},
            "bg:online": any(c.kind is ChannelKind.online for c in facts.channels),
            "bg:reviewBy": {"@value": facts.review_by.isoformat(), "@type": "xsd:date"},
        }
        return {key: value for key, value in node.items() if value not in ([], None)}


def service_node(catalogue: Catalogue, service: Service) -> Node:
    """One service as a JSON-LD document."""
    return {"@context": CONTEXT, **_Builder(catalogue, service).build()}


def catalogue_document(catalogue: Catalogue, services: list[Service]) -> Node:
    """Some services as one JSON-LD document."""
    return {
        "@context": CONTEXT,
        "@graph": [_Builder(catalogue, service).build() for service in services],
    }
