"""What a turn does about a person's decision: at most once, and honestly told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from repartee.conversation.message import Message
from repartee.conversation.proposal import REFUSALS, UNSURE, Decisions, Press, Proposal
from repartee.errors import Denied, Late, Unreachable
from tests.support.proposals import BEN, MemoryProposals, press, pressed, proposal


class Ledger:
    """Carries proposals out, and counts them. `fails` is raised instead, after it was done or before."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.fails: BaseException | None = None
        self.before = False

    def carry_out(self, proposal: Proposal) -> str:
        if self.fails and self.before:
            raise self.fails
        self.entries.append(proposal.subject)
        if self.fails:
            raise self.fails
        return "Renamed: [Porto](https://erp/5)"

    def whereabouts(self, proposal: Proposal) -> str:
        return "[Lisbon](https://erp/5)"


class Buttons:
    """A channel whose buttons can be taken away."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.broken = False

    def decided(self, message: Message, proposal: Proposal, word: str) -> None:
        if self.broken:
            raise Unreachable("slack", "broken")
        self.shown.append(word)


class Office:
    """Proposals, somebody who carries them out, and a channel."""

    def __init__(self) -> None:
        self.proposals, self.ledger, self.buttons = MemoryProposals(), Ledger(), Buttons()
        channels: Any = {"slack": self.buttons}
        self.decisions = Decisions(self.proposals, {"erp": self.ledger}, channels)
        self.proposals.keep(proposal())

    def presses(self, press: Press) -> str:
        """A person presses, the webhook writes it, the turn settles it."""
        self.proposals.decide(press)
        return self.decisions.settle(pressed(press))


@pytest.fixture
def office() -> Office:
    return Office()


def test_what_is_approved_is_done_and_told(office: Office) -> None:
    """With a link to it, and the buttons are gone."""
    assert office.presses(press()) == "Renamed: [Porto](https://erp/5)"

    assert office.ledger.entries == ["p1"]
    assert office.buttons.shown == ["✅ Approved"]


def test_what_is_declined_is_left(office: Office) -> None:
    """And that is said."""
    assert office.presses(press(approved=False)) == "All right, I leave it as it is."

    assert office.ledger.entries == []
    assert office.buttons.shown == ["Declined"]


def test_a_turn_that_is_taken_again_tells_the_same(office: Office) -> None:
    """It is done once, however often the turn is tried."""
    told = office.presses(press())

    assert office.decisions.settle(pressed(press())) == told

    assert office.ledger.entries == ["p1"]


@pytest.mark.parametrize(
    "second, verdict",
    [
        (press("press-2"), "decided"),
        (press("press-2", approved=False), "decided"),
        (press("press-2", by=BEN), "another's"),
        (press("press-1", by=BEN), "another's"),
    ],
)
def test_a_second_press_gets_a_clear_word(office: Office, second: Press, verdict: Any) -> None:
    """Whoever it is: nothing more is done."""
    office.presses(press())

    assert office.presses(second) == REFUSALS[verdict]

    assert office.ledger.entries == ["p1"]


def test_another_persons_press_leaves_the_buttons(office: Office) -> None:
    """For who asked may still decide."""
    assert office.presses(press(by=BEN)) == REFUSALS["another's"]
    assert office.buttons.shown == []

    assert office.presses(press("press-2")).startswith("Renamed")


def test_a_late_press_does_nothing(office: Office) -> None:
    """And its buttons show that it has expired."""
    assert office.presses(press(at=1000.1)) == REFUSALS["late"]

    assert office.ledger.entries == []
    assert office.buttons.shown == ["Expired"]


def test_what_nobody_knows_any_more(office: Office) -> None:
    """A proposal of long ago is answered too."""
    office.proposals.kept.clear()

    assert office.presses(press()) == REFUSALS["unknown"]


def test_a_worker_that_dies_in_between_leaves_doubt(office: Office) -> None:
    """Who finds it begun cannot tell whether it was done, says so with a link, and does not do it again."""
    office.proposals.decide(press())
    office.proposals.begin("p1")  # and then the worker was lost

    told = office.decisions.settle(pressed(press()))

    assert told == f"{UNSURE} [Lisbon](https://erp/5)"
    assert office.decisions.settle(pressed(press())) == told
    assert office.ledger.entries == []


def test_an_answer_that_does_not_come_leaves_doubt(office: Office) -> None:
    """It may have taken effect."""
    office.ledger.fails = Late("odoo", "no answer")

    assert office.presses(press()).startswith(UNSURE)


@pytest.mark.parametrize("failure", [Denied("odoo", "AccessError"), Unreachable("odoo", "no connection")])
def test_what_is_refused_is_told(office: Office, failure: BaseException) -> None:
    """It was not done, and the reason is said; it is not tried again."""
    office.ledger.fails, office.ledger.before = failure, True

    told = office.presses(press())

    assert told.startswith("This could not be done, and nothing was changed")
    office.ledger.fails = None
    assert office.decisions.settle(pressed(press())) == told
    assert office.ledger.entries == []


def test_buttons_that_cannot_be_taken_away_stay(office: Office) -> None:
    """That fails nothing: they decide nothing any more."""
    office.buttons.broken = True

    assert office.presses(press()).startswith("Renamed")


@pytest.mark.parametrize("call", ["find", "begin"])
def test_while_the_store_is_down_nothing_is_done(
    office: Office, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turn is tried again, and then it is done once."""
    office.proposals.decide(press())

    def down(*_: Any) -> Callable[..., Any]:
        raise Unreachable("dynamodb", "broken")

    with monkeypatch.context() as broken:
        broken.setattr(office.proposals, call, down)
        with pytest.raises(Unreachable):
            office.decisions.settle(pressed(press()))
    assert office.ledger.entries == []

    office.decisions.settle(pressed(press()))
    assert office.ledger.entries == ["p1"]
