"""The contract of `ports.Proposals`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from repartee.domain.proposal import ProposalRecord
from repartee.ports import ProposalStore
from repartee.stores.dynamodb.proposals import DynamoProposals
from tests.support import aws
from tests.support.memory_proposals import ADA_ID, BEN_ID, MemoryProposals, make_press, make_proposal


@pytest.fixture(params=["memory", "dynamodb_local"])
def proposals(request: pytest.FixtureRequest) -> ProposalStore:
    if request.param == "memory":
        return MemoryProposals()
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue(request.param))
    return DynamoProposals(dynamodb, aws.make_table(dynamodb), lambda: 900.0)


def test_a_proposal_is_kept_once(proposals: ProposalStore) -> None:
    """It is open as it was kept first, and an unknown one is nothing."""
    proposals.put(make_proposal())

    proposals.put(make_proposal(summary="another"))

    assert proposals.find("p1") == ProposalRecord(proposal=make_proposal())
    assert proposals.find("p2") is None


@pytest.mark.parametrize("approved, state", [(True, "approved"), (False, "declined")])
def test_the_right_person_in_time_decides(proposals: ProposalStore, approved: bool, state: Any) -> None:
    """The decision is kept, with the press that it was."""
    proposals.put(make_proposal())

    assert proposals.record_decision(make_press(approved=approved, at=1000.0)) == "taken"

    assert proposals.find("p1") == ProposalRecord(proposal=make_proposal(), state=state, press_id="press-1")


def test_a_press_that_comes_again_is_told_the_same(proposals: ProposalStore) -> None:
    """A delivery that is repeated changes nothing, not even after all is done."""
    proposals.put(make_proposal())
    proposals.record_decision(make_press())
    proposals.begin_execution("p1")
    proposals.finish_execution("p1", "done")

    assert proposals.record_decision(make_press(at=2000.0)) == "taken"

    assert proposals.find("p1") == ProposalRecord(
        proposal=make_proposal(), state="done", press_id="press-1", result_text="done"
    )
    assert proposals.record_decision(make_press(by=BEN_ID)) == "another's"


def test_what_decides_nothing_changes_nothing(proposals: ProposalStore) -> None:
    """Another person, a second press, one that is late, one on something unknown."""
    assert proposals.record_decision(make_press()) == "unknown"
    proposals.put(make_proposal())

    assert proposals.record_decision(make_press(by=BEN_ID)) == "another's"
    assert proposals.record_decision(make_press(at=1000.1)) == "late"
    assert proposals.find("p1") == ProposalRecord(proposal=make_proposal())

    proposals.record_decision(make_press(approved=False))
    assert proposals.record_decision(make_press("press-2")) == "decided"
    assert proposals.record_decision(make_press("press-3", by=BEN_ID)) == "another's"
    assert proposals.find("p1") == ProposalRecord(
        proposal=make_proposal(), state="declined", press_id="press-1"
    )


def test_only_what_was_approved_begins_and_once(proposals: ProposalStore) -> None:
    """Of many who want to carry it out at once, one may."""
    proposals.put(make_proposal())
    assert not proposals.begin_execution("p1")
    assert not proposals.begin_execution("p2")
    proposals.record_decision(make_press())

    with ThreadPoolExecutor(4) as threads:
        began = list(threads.map(lambda _: proposals.begin_execution("p1"), range(4)))

    assert began.count(True) == 1
    assert not proposals.begin_execution("p1")


def test_nothing_declined_begins(proposals: ProposalStore) -> None:
    """Whoever asks."""
    proposals.put(make_proposal())
    proposals.record_decision(make_press(approved=False))

    assert not proposals.begin_execution("p1")


def test_what_is_unknown_is_not_done(proposals: ProposalStore) -> None:
    """It does not come into being."""
    proposals.finish_execution("p1", "done")

    assert proposals.find("p1") is None


def test_what_expired_is_not_seen(request: pytest.FixtureRequest) -> None:
    """A month later nothing is known of it."""
    dynamodb = aws.make_client("dynamodb", request.getfixturevalue("moto"))
    table = aws.make_table(dynamodb)
    DynamoProposals(dynamodb, table, lambda: 900.0).put(make_proposal())

    late_at = 40 * 24 * 3600.0
    late = DynamoProposals(dynamodb, table, lambda: late_at)

    assert late.find("p1") is None
    assert late.record_decision(make_press(at=late_at)) == "unknown"


def test_a_persons_open_proposals_are_listed(proposals: ProposalStore) -> None:
    """Those that wait for a decision at the time; decided ones, others' and those that ran out are not."""
    waiting = make_proposal("p2")
    for one in (waiting, make_proposal(), make_proposal("p3", approver=BEN_ID)):
        proposals.put(one)
    proposals.record_decision(make_press())

    assert list(proposals.list_open(ADA_ID, 950.0)) == [waiting]
    assert list(proposals.list_open(ADA_ID, 1001.0)) == []
