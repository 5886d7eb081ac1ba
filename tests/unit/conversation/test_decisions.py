"""What a turn does about a person's decision: at most once, and honestly told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from repartee.domain.message import Message
from repartee.domain.proposal import Proposal, ProposalDecision
from repartee.errors import DeadlineExceeded, PermissionDenied, Unavailable
from repartee.language.proposal_texts import refusal_text
from repartee.turn.approvals import ApprovalResolver
from tests.support.memory_proposals import (
    BEN_ID,
    MemoryProposals,
    make_press,
    make_press_message,
    make_proposal,
)

UNCERTAIN = "I was interrupted while I did this, and I cannot tell whether it was done. Please look:"


class Ledger:
    """Carries proposals out, and counts them. `fails` is raised instead, after it was done or before."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.fails: BaseException | None = None
        self.before = False

    def execute(self, proposal: Proposal) -> str:
        if self.fails and self.before:
            raise self.fails
        self.entries.append(proposal.id)
        if self.fails:
            raise self.fails
        return "Renamed: [Porto](https://erp/5)"

    def verification_link(self, proposal: Proposal) -> str:
        return "[Lisbon](https://erp/5)"


class Buttons:
    """A channel whose buttons can be taken away."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.broken = False

    def show_decision(self, message: Message, proposal: Proposal, label: str) -> None:
        if self.broken:
            raise Unavailable("slack", "broken")
        self.shown.append(label)


class Office:
    """Proposals, somebody who carries them out, and a channel."""

    def __init__(self) -> None:
        self.proposals, self.ledger, self.buttons = MemoryProposals(), Ledger(), Buttons()
        channels: Any = {"slack": self.buttons}
        self.decisions = ApprovalResolver(self.proposals, {"erp": self.ledger}, channels)
        self.proposals.put(make_proposal())

    def presses(self, press: ProposalDecision) -> str:
        """A person presses, the webhook writes it, the turn settles it."""
        self.proposals.record_decision(press)
        return self.decisions.resolve(make_press_message(press))


@pytest.fixture
def office() -> Office:
    return Office()


def test_what_is_approved_is_done_and_told(office: Office) -> None:
    """With a link to it, and the buttons are gone."""
    assert office.presses(make_press()) == "Renamed: [Porto](https://erp/5)"

    assert office.ledger.entries == ["p1"]
    assert office.buttons.shown == ["✅ Approved"]


def test_what_is_declined_is_left(office: Office) -> None:
    """And that is said."""
    assert office.presses(make_press(approved=False)) == "All right, I leave it as it is."

    assert office.ledger.entries == []
    assert office.buttons.shown == ["Declined"]


def test_a_turn_that_is_taken_again_tells_the_same(office: Office) -> None:
    """It is done once, however often the turn is tried."""
    told = office.presses(make_press())

    assert office.decisions.resolve(make_press_message(make_press())) == told

    assert office.ledger.entries == ["p1"]


@pytest.mark.parametrize(
    "second, verdict",
    [
        (make_press("press-2"), "decided"),
        (make_press("press-2", approved=False), "decided"),
        (make_press("press-2", by=BEN_ID), "another's"),
        (make_press("press-1", by=BEN_ID), "another's"),
    ],
)
def test_a_second_press_gets_a_clear_word(office: Office, second: ProposalDecision, verdict: Any) -> None:
    """Whoever it is: nothing more is done."""
    office.presses(make_press())

    assert office.presses(second) == refusal_text(verdict, "en")

    assert office.ledger.entries == ["p1"]


def test_another_persons_press_leaves_the_buttons(office: Office) -> None:
    """For who asked may still decide."""
    assert office.presses(make_press(by=BEN_ID)) == refusal_text("another's", "en")
    assert office.buttons.shown == []

    assert office.presses(make_press("press-2")).startswith("Renamed")


def test_a_late_press_does_nothing(office: Office) -> None:
    """And its buttons show that it has expired."""
    assert office.presses(make_press(at=1000.1)) == refusal_text("late", "en")

    assert office.ledger.entries == []
    assert office.buttons.shown == ["Expired"]


def test_what_nobody_knows_any_more(office: Office) -> None:
    """A proposal of long ago is answered too."""
    office.proposals.kept.clear()

    assert office.presses(make_press()) == refusal_text("unknown", "en")


def test_a_worker_that_dies_in_between_leaves_doubt(office: Office) -> None:
    """Who finds it begun cannot tell whether it was done, says so with a link, and does not do it again."""
    office.proposals.record_decision(make_press())
    office.proposals.begin_execution("p1")  # and then the worker was lost

    told = office.decisions.resolve(make_press_message(make_press()))

    assert told == f"{UNCERTAIN} [Lisbon](https://erp/5)"
    assert office.decisions.resolve(make_press_message(make_press())) == told
    assert office.ledger.entries == []


def test_an_answer_that_does_not_come_leaves_doubt(office: Office) -> None:
    """It may have taken effect."""
    office.ledger.fails = DeadlineExceeded("odoo", "no answer")

    assert office.presses(make_press()).startswith(UNCERTAIN)


@pytest.mark.parametrize(
    "failure", [PermissionDenied("odoo", "AccessError"), Unavailable("odoo", "no connection")]
)
def test_what_is_refused_is_told(office: Office, failure: BaseException) -> None:
    """It was not done, and the reason is said; it is not tried again."""
    office.ledger.fails, office.ledger.before = failure, True

    told = office.presses(make_press())

    assert told.startswith("This could not be done, and nothing was changed")
    office.ledger.fails = None
    assert office.decisions.resolve(make_press_message(make_press())) == told
    assert office.ledger.entries == []


def test_buttons_that_cannot_be_taken_away_stay(office: Office) -> None:
    """That fails nothing: they decide nothing any more."""
    office.buttons.broken = True

    assert office.presses(make_press()).startswith("Renamed")


@pytest.mark.parametrize("call", ["find", "begin_execution"])
def test_while_the_store_is_down_nothing_is_done(
    office: Office, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turn is tried again, and then it is done once."""
    office.proposals.record_decision(make_press())

    def down(*_: Any) -> Callable[..., Any]:
        raise Unavailable("dynamodb", "broken")

    with monkeypatch.context() as broken:
        broken.setattr(office.proposals, call, down)
        with pytest.raises(Unavailable):
            office.decisions.resolve(make_press_message(make_press()))
    assert office.ledger.entries == []

    office.decisions.resolve(make_press_message(make_press()))
    assert office.ledger.entries == ["p1"]
