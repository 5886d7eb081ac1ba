"""The contract of `ports.Proposals`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from repartee.conversation.proposal import Proposed
from repartee.ports import Proposals
from repartee.stores.dynamodb.proposals import DynamoProposals
from tests.support import aws
from tests.support.proposals import BEN, MemoryProposals, press, proposal


@pytest.fixture(params=["memory", "dynamodb_local"])
def proposals(request: pytest.FixtureRequest) -> Proposals:
    if request.param == "memory":
        return MemoryProposals()
    dynamodb = aws.client("dynamodb", request.getfixturevalue(request.param))
    return DynamoProposals(dynamodb, aws.make_table(dynamodb), lambda: 900.0)


def test_a_proposal_is_kept_once(proposals: Proposals) -> None:
    """It is open as it was kept first, and an unknown one is nothing."""
    proposals.keep(proposal())

    proposals.keep(proposal(summary="another"))

    assert proposals.find("p1") == Proposed(proposal=proposal())
    assert proposals.find("p2") is None


@pytest.mark.parametrize("approved, state", [(True, "approved"), (False, "declined")])
def test_the_right_person_in_time_decides(proposals: Proposals, approved: bool, state: Any) -> None:
    """The decision is kept, with the press that it was."""
    proposals.keep(proposal())

    assert proposals.decide(press(approved=approved, at=1000.0)) == "taken"

    assert proposals.find("p1") == Proposed(proposal=proposal(), state=state, press="press-1")


def test_a_press_that_comes_again_is_told_the_same(proposals: Proposals) -> None:
    """A delivery that is repeated changes nothing, not even after all is done."""
    proposals.keep(proposal())
    proposals.decide(press())
    proposals.begin("p1")
    proposals.done("p1", "done")

    assert proposals.decide(press(at=2000.0)) == "taken"

    assert proposals.find("p1") == Proposed(proposal=proposal(), state="done", press="press-1", told="done")
    assert proposals.decide(press(by=BEN)) == "another's"


def test_what_decides_nothing_changes_nothing(proposals: Proposals) -> None:
    """Another person, a second press, one that is late, one on something unknown."""
    assert proposals.decide(press()) == "unknown"
    proposals.keep(proposal())

    assert proposals.decide(press(by=BEN)) == "another's"
    assert proposals.decide(press(at=1000.1)) == "late"
    assert proposals.find("p1") == Proposed(proposal=proposal())

    proposals.decide(press(approved=False))
    assert proposals.decide(press("press-2")) == "decided"
    assert proposals.decide(press("press-3", by=BEN)) == "another's"
    assert proposals.find("p1") == Proposed(proposal=proposal(), state="declined", press="press-1")


def test_only_what_was_approved_begins_and_once(proposals: Proposals) -> None:
    """Of many who want to carry it out at once, one may."""
    proposals.keep(proposal())
    assert not proposals.begin("p1")
    assert not proposals.begin("p2")
    proposals.decide(press())

    with ThreadPoolExecutor(4) as threads:
        began = list(threads.map(lambda _: proposals.begin("p1"), range(4)))

    assert began.count(True) == 1
    assert not proposals.begin("p1")


def test_nothing_declined_begins(proposals: Proposals) -> None:
    """Whoever asks."""
    proposals.keep(proposal())
    proposals.decide(press(approved=False))

    assert not proposals.begin("p1")


def test_what_is_unknown_is_not_done(proposals: Proposals) -> None:
    """It does not come into being."""
    proposals.done("p1", "done")

    assert proposals.find("p1") is None


def test_what_expired_is_not_seen(request: pytest.FixtureRequest) -> None:
    """A month later nothing is known of it."""
    dynamodb = aws.client("dynamodb", request.getfixturevalue("moto"))
    table = aws.make_table(dynamodb)
    DynamoProposals(dynamodb, table, lambda: 900.0).keep(proposal())

    late_at = 40 * 24 * 3600.0
    late = DynamoProposals(dynamodb, table, lambda: late_at)

    assert late.find("p1") is None
    assert late.decide(press(at=late_at)) == "unknown"
