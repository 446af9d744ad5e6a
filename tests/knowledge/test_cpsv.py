"""The catalogue as CPSV-AP 3.2.0: read by rdflib, judged by SHACL shapes of the standard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyshacl import validate
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from knowledge.catalogue import Catalogue, load
from knowledge.cpsv import CONTEXT, catalogue_document, service_node
from knowledge.schema import State
from tests.knowledge.toy import Toy

# rdflib's JSON-LD parser still uses what rdflib deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")
SHAPES = Path(__file__).parent / "cpsv-ap.shacl.ttl"
SH = Namespace("http://www.w3.org/ns/shacl#")
CPSV, CV, DCT, DCAT, SKOS, BG = (
    Namespace(CONTEXT[prefix]) for prefix in ("cpsv", "cv", "dct", "dcat", "skos", "bg")
)
DOUBLE = URIRef(f"{CONTEXT['xsd']}double")


def parse(document: dict[str, Any]) -> Graph:
    return Graph().parse(data=json.dumps(document), format="json-ld")


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return Graph().parse(SHAPES, format="turtle")


@pytest.fixture(scope="module")
def everything(catalogue: Catalogue) -> Graph:
    """All services in one graph; read it only."""
    return parse(catalogue_document(catalogue, list(catalogue.services.values())))


def faults(graph: Graph, shapes: Graph) -> set[tuple[Node | None, Node | None]]:
    """The nodes that do not conform, each with the property at fault."""
    conforms, report, text = validate(graph, shacl_graph=shapes, advanced=False, inference="none")
    assert isinstance(report, Graph), text
    found = {
        (report.value(result, SH.focusNode), report.value(result, SH.resultPath))
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }
    assert conforms is not bool(found)
    return found


def iri(service: str) -> URIRef:
    return URIRef(f"urn:borgerguide:service:{service}")


def test_all_services_conform(everything: Graph, shapes: Graph) -> None:
    assert len(set(everything.subjects(RDF.type, CPSV.PublicService))) == 94
    assert faults(everything, shapes) == set()


def test_the_shapes_look_at_every_class_that_is_used(everything: Graph, shapes: Graph) -> None:
    targets = set(shapes.objects(None, SH.targetClass))
    used = {kind for kind in everything.objects(None, RDF.type) if kind != DCT.Location}
    assert used <= targets
    assert used >= {CPSV.PublicService, CPSV.Rule, CV.Channel, CV.Cost, CV.Evidence, CV.Output}


@pytest.fixture
def toy_catalogue(toy: Toy) -> Catalogue:
    """Every kind of fact in one service."""

    def fill(facts: dict[str, Any]) -> None:
        for section in ("requirements", "evidence", "outputs"):
            facts[section] = [{"id": "it", "state": "unverified"}]
        facts["requires"], facts["related"] = ["pas"], ["affald"]
        facts["channels"].append(
            {
                "id": "desk",
                "kind": "in_person",
                "phone": "+4533661000",
                "state": "verified",
                "sources": ["page"],
            }
        )
        facts["costs"].append({"id": "guess", "amount": 99, "state": "unverified"})

    toy.edit("services/hund/service.yml", fill)
    for code in ("da", "en"):

        def write(text: dict[str, Any]) -> None:
            for section in ("requirements", "evidence", "outputs"):
                text[section] = {"it": "Den"}
            text["channels"]["desk"] = {"label": "Skranke", "why": "Kort."}
            text["costs"]["guess"] = "Måske"
            text["names"] = ["hvalp"]

        toy.edit(f"services/hund/{code}.yml", write)
    return load(toy.root)


@pytest.fixture
def hund(toy_catalogue: Catalogue) -> Graph:
    """A small graph that a test may break."""
    return parse(catalogue_document(toy_catalogue, list(toy_catalogue.services.values())))


HUND = iri("hund")
PARTS = "urn:borgerguide:service:hund"
MANDATORY: list[tuple[str, URIRef]] = [
    (PARTS, DCT.title),
    (PARTS, DCT.description),
    (PARTS, DCT.identifier),
    (PARTS, CV.hasCompetentAuthority),
    ("urn:borgerguide:organisation:borgerservice", SKOS.prefLabel),
    ("urn:borgerguide:organisation:borgerservice", DCT.spatial),
    ("urn:borgerguide:life-event:moving", DCT.identifier),
    ("urn:borgerguide:life-event:moving", DCT.title),
    (f"{PARTS}:requirements:it", DCT.identifier),
    (f"{PARTS}:requirements:it", DCT.title),
    (f"{PARTS}:evidence:it", DCT.identifier),
    (f"{PARTS}:evidence:it", DCT.title),
    (f"{PARTS}:outputs:it", DCT.identifier),
    (f"{PARTS}:outputs:it", DCT.title),
    (f"{PARTS}:deadlines:early", DCT.identifier),
    (f"{PARTS}:deadlines:early", DCT.title),
    (f"{PARTS}:deadlines:early", DCT.description),
    (f"{PARTS}:costs:fee", DCT.identifier),
    (f"{PARTS}:channels:online", DCT.identifier),
]


def test_a_service_with_every_kind_of_fact_conforms(hund: Graph, shapes: Graph) -> None:
    assert faults(hund, shapes) == set()


@pytest.mark.parametrize(
    ("node", "path"),
    MANDATORY,
    ids=[f"{n.removeprefix('urn:borgerguide:')} {p.split('/')[-1]}" for n, p in MANDATORY],
)
def test_without_a_mandatory_property_it_does_not_conform(
    hund: Graph, shapes: Graph, node: str, path: URIRef
) -> None:
    assert (URIRef(node), path, None) in hund
    hund.remove((URIRef(node), path, None))
    assert faults(hund, shapes) == {(URIRef(node), path)}


def test_a_title_without_a_language_does_not_conform(hund: Graph, shapes: Graph) -> None:
    hund.add((HUND, DCT.title, Literal("Hund")))
    assert faults(hund, shapes) == {(HUND, DCT.title)}


def test_a_second_identifier_does_not_conform(hund: Graph, shapes: Graph) -> None:
    hund.add((HUND, DCT.identifier, Literal("kat")))
    assert faults(hund, shapes) == {(HUND, DCT.identifier)}


def test_a_project_service_with_its_title_removed_does_not_conform(
    catalogue: Catalogue, shapes: Graph
) -> None:
    graph = parse(catalogue_document(catalogue, list(catalogue.services.values())))
    graph.remove((iri("flytning"), DCT.title, None))
    assert faults(graph, shapes) == {(iri("flytning"), DCT.title)}


def test_every_term_is_of_a_known_vocabulary(everything: Graph) -> None:
    known = (*CONTEXT.values(), str(RDF))
    assert [p for p in set(everything.predicates()) if not str(p).startswith(known)] == []
    resources = {
        node
        for triple in everything
        for node in triple
        if isinstance(node, URIRef)
        and not str(node).startswith(("http://", "https://", "urn:borgerguide:"))
    }
    assert resources == set()


def test_a_service_says_in_every_language_what_the_files_say(
    catalogue: Catalogue, everything: Graph
) -> None:
    for service in catalogue.services.values():
        node = iri(service.id)
        titles = {str(t.language): str(t) for t in everything.objects(node, DCT.title)}  # type: ignore[attr-defined]
        assert titles == {code: text.title for code, text in service.texts.items()}
        keywords = {str(word) for word in everything.objects(node, DCAT.keyword)}
        assert keywords == {name for text in service.texts.values() for name in text.names}
        assert everything.value(node, DCT.identifier) == Literal(service.id)


def test_no_text_shows_a_placeholder(everything: Graph) -> None:
    texts = [str(o) for o in everything.objects() if isinstance(o, Literal)]
    assert texts
    assert [text for text in texts if "{" in text] == []


def test_channels_are_in_the_order_of_preference(catalogue: Catalogue, everything: Graph) -> None:
    for service in catalogue.services.values():
        ordered = sorted(
            everything.objects(iri(service.id), CV.hasChannel),
            key=lambda channel: int(str(everything.value(channel, BG.priority))),
        )
        expected = [f"{iri(service.id)}:channels:{c.id}" for c in service.facts.channels]
        assert [str(channel) for channel in ordered] == expected


def test_only_a_verified_price_has_a_value(catalogue: Catalogue, everything: Graph) -> None:
    seen = set()
    for service in catalogue.services.values():
        for cost in service.facts.costs:
            node = URIRef(f"{iri(service.id)}:costs:{cost.id}")
            value = everything.value(node, CV.hasValue)
            if cost.state is State.verified:
                assert isinstance(value, Literal)
                assert value.datatype == DOUBLE
                assert float(value) == cost.amount
                assert everything.value(node, CV.currency) is not None
            else:
                assert value is None
            assert str(everything.value(node, BG.state)) == cost.state
            seen.add(cost.state)
    assert State.verified in seen


def test_an_unverified_price_with_an_amount_has_no_value(hund: Graph) -> None:
    assert hund.value(URIRef(f"{PARTS}:costs:guess"), CV.hasValue) is None
    assert float(str(hund.value(URIRef(f"{PARTS}:costs:fee"), CV.hasValue))) == 150


def test_a_price_belongs_to_its_channel(hund: Graph) -> None:
    channel = hund.value(URIRef(f"{PARTS}:costs:fee"), CV.ifAccessedThrough)
    assert (HUND, CV.hasChannel, channel) in hund


def test_only_verified_numbers_are_contacts(hund: Graph) -> None:
    contacts = [hund.value(c, CV.telephone) for c in hund.objects(HUND, CV.contactPoint)]
    assert contacts == [Literal("+4533661000")]


def test_services_lead_to_services(hund: Graph) -> None:
    assert set(hund.objects(HUND, DCT.requires)) == {iri("pas")}
    assert set(hund.objects(HUND, CV.relatedService)) == {iri("affald")}


def test_one_service_is_the_same_alone_as_among_others(
    catalogue: Catalogue, everything: Graph
) -> None:
    alone = parse(service_node(catalogue, catalogue.services["pas-voksen"]))
    named = {triple for triple in alone if all(isinstance(n, URIRef | Literal) for n in triple)}
    assert named
    assert named <= set(everything)


def test_the_phrasings_of_citizens_are_not_published(
    catalogue: Catalogue, everything: Graph
) -> None:
    published = {str(o) for o in everything.objects() if isinstance(o, Literal)}
    official = {
        phrase
        for service in catalogue.services.values()
        for text in service.texts.values()
        for phrase in (
            text.title,
            *text.names,
            *text.outputs.values(),
            *(channel.label for channel in text.channels.values()),
        )
    }
    official |= set(catalogue.services)
    phrasings = {
        phrasing
        for service in catalogue.services.values()
        for text in service.texts.values()
        for phrasing in text.phrasings
    }
    assert published & (phrasings - official) == set()


def test_a_channel_that_is_not_yet_translated_has_the_other_languages_label(toy: Toy) -> None:
    toy.edit("services/hund/en.yml", lambda text: text["channels"].pop("phone"))
    catalogue = load(toy.root)
    graph = parse(service_node(catalogue, catalogue.services["hund"]))
    labels = list(graph.objects(URIRef(f"{PARTS}:channels:phone"), DCT.description))
    assert labels == [Literal("Tel.", lang="da")]
