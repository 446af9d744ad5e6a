"""Where an answer offers to book a time."""

from __future__ import annotations

import pytest

from conversations.models import Reply
from conversations.pipeline.visits import OfferVisit
from knowledge.catalogue import Catalogue
from knowledge.schema import ChannelKind

ASKS = ("ask:x:how", "human")


def offered(catalogue: Catalogue, reply: Reply, *bookable: str) -> tuple[str, ...]:
    return OfferVisit(lambda: catalogue, lambda: bookable)([reply])[0].choices


def by_first_channel(catalogue: Catalogue, *, online: bool) -> str:
    return next(
        service.id
        for service in catalogue.services.values()
        if (service.facts.channels[0].kind is ChannelKind.online) is online
    )


@pytest.mark.parametrize("aspect", [None, "overview", "where", "how", "documents"])
def test_first_where_a_visit_is_best(catalogue: Catalogue, aspect: str | None) -> None:
    service = by_first_channel(catalogue, online=False)
    reply = Reply("service", service=service, aspect=aspect, choices=ASKS)
    assert offered(catalogue, reply, service) == (f"book:for:{service}", *ASKS)


def test_last_before_the_person_where_it_can_be_done_online(catalogue: Catalogue) -> None:
    service = by_first_channel(catalogue, online=True)
    reply = Reply("service", service=service, choices=ASKS)
    assert offered(catalogue, reply, service) == ("ask:x:how", f"book:for:{service}", "human")


@pytest.mark.parametrize("online", [True, False])
def test_a_person_who_is_best_of_all_stays_in_front(catalogue: Catalogue, online: bool) -> None:
    service = by_first_channel(catalogue, online=online)
    reply = Reply("service", service=service, choices=("human", "ask:x:how"))
    assert offered(catalogue, reply, service)[:2] == ("human", f"book:for:{service}")


@pytest.mark.parametrize(
    ("reply", "bookable"),
    [
        (Reply("service", service="pas-voksen", choices=ASKS), ()),
        (Reply("service", service="pas-voksen", aspect="cost", choices=ASKS), ("pas-voksen",)),
        (Reply("service", service="gone", choices=ASKS), ("gone",)),
        (Reply("candidates", choices=ASKS), ("pas-voksen",)),
    ],
    ids=["not booked here", "the price", "no longer known", "no answer"],
)
def test_not_elsewhere(catalogue: Catalogue, reply: Reply, bookable: tuple[str, ...]) -> None:
    assert offered(catalogue, reply, *bookable) == ASKS
