"""The contract of `ports.BriefLinkStore`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from repartee.domain.brief_links import MAX_BRIEF_LINKS, MAX_LINK_CHARS, BriefLinks
from repartee.ports.briefs import BriefLinkStore
from repartee.stores.dynamodb.brief_links import DynamoBriefLinks
from tests.support import aws
from tests.support.click_world import MemoryBriefLinks
from tests.support.memory_briefs import ADA, BEN

NOW = 1_789_000_000.0
ADDRESSES = ("https://a.example/1", "https://a.example/2")

SetClock = Callable[[float], None]


@pytest.fixture
def times() -> list[float]:
    return [NOW]


@pytest.fixture(params=["memory", "moto", "dynamodb_local"])
def links(request: pytest.FixtureRequest, times: list[float]) -> BriefLinkStore:
    def clock() -> float:
        return times[-1]

    if request.param == "memory":
        return MemoryBriefLinks(clock)
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoBriefLinks(dynamodb, aws.make_table(dynamodb), clock)


def test_links_are_found_until_they_end(links: BriefLinkStore, times: list[float]) -> None:
    """By their id alone; of those that are over nothing is told."""
    links.put_links("a", ADA, ADDRESSES, NOW, NOW + 100)
    links.put_links("b", BEN, ADDRESSES[:1], NOW + 1, NOW + 200)

    assert links.find_links("a") == BriefLinks(person=ADA, addresses=ADDRESSES, sent_at=NOW)
    times.append(NOW + 101)
    assert links.find_links("a") is None
    assert links.find_links("b") is not None
    assert links.find_links("c") is None


def test_keeping_them_again_changes_neither_when_they_were_sent_nor_a_click(links: BriefLinkStore) -> None:
    """A worker that goes on with a brief does not make its links look new."""
    links.put_links("a", ADA, ADDRESSES, NOW, NOW + 100)
    assert links.mark_clicked("a", NOW + 30)
    links.put_links("a", ADA, ADDRESSES, NOW + 50, NOW + 100)

    found = links.find_links("a")
    assert found == BriefLinks(person=ADA, addresses=ADDRESSES, sent_at=NOW, clicked_at=NOW + 30)


def test_the_first_click_is_noted(links: BriefLinkStore) -> None:
    """Once, of two who come at the same time; of links that nobody knows none."""
    links.put_links("a", ADA, ADDRESSES, NOW, NOW + 100)

    assert [links.mark_clicked("a", NOW + at) for at in (30, 31)] == [True, False]
    assert not links.mark_clicked("unknown", NOW)
    assert links.find_links("unknown") is None


def test_the_most_links_have_room(links: BriefLinkStore) -> None:
    """As many as are signed, each as long as one may be."""
    addresses = [
        f"https://a.example/{number}".ljust(MAX_LINK_CHARS, "x") for number in range(MAX_BRIEF_LINKS)
    ]
    links.put_links("a", ADA, addresses, NOW, NOW + 100)

    found = links.find_links("a")
    assert found is not None
    assert found.addresses == tuple(addresses)
