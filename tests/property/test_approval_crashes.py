"""A worker that dies anywhere on the way of an approval: what was approved is done at most once, and told."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.domain.message import ButtonPress
from repartee.domain.proposal import Proposal, ProposalDecision
from repartee.turn.approvals import ApprovalResolver
from repartee.turn.assistant import Assistant
from repartee.turn.worker import ChatWorker
from standins.slack.posts import TEAM_ID
from tests.support.crashing_world import CHANNEL_ID, CrashingWorld, InterruptiblePort, WorkerLife
from tests.support.memory_proposals import MemoryProposals, make_proposal

THREAD = "1789000000.000001"
ADA = f"slack:{TEAM_ID}:U0ADA"
DONE = "Done: the desks are ordered."


UNCERTAIN = "I was interrupted while I did this, and I cannot tell whether it was done. Please look:"


class Ledger:
    """Carries proposals out, and counts how often."""

    def __init__(self) -> None:
        self.done = 0

    def execute(self, proposal: Proposal) -> str:
        self.done += 1
        return DONE

    def verification_link(self, proposal: Proposal) -> str:
        return "[the desks](https://erp/5)"


class ApprovalWorld(CrashingWorld):
    """A thread in which something was proposed, and approved a moment ago."""

    def __init__(self) -> None:
        super().__init__()
        self._plain, self.assistant = self.assistant, self._deciding
        self.proposals, self.ledger = MemoryProposals(), Ledger()
        self.slack.add_person_message(CHANNEL_ID, "U0ADA", "order the desks", ts=THREAD, thread_ts=THREAD)
        asked = self.ask_question("order the desks", THREAD)
        self.inbox.open.clear()
        self.wakes.queued.clear()
        self.proposals.put(make_proposal(chat=asked.chat, approver=ADA, expires_at=self.now + 600))
        replies = self._reply_senders(WorkerLife({}), self.records)["slack"]
        replies.send_proposal(asked, make_proposal(chat=asked.chat))
        self.ts = self.slack.visible_channel(CHANNEL_ID)["messages"][-1]["ts"]
        self.asked = asked

    def press(self) -> ButtonPress:
        """Ada approves: the webhook writes it, keeps the message, and wakes the chat."""
        press = ProposalDecision(
            id="press-1", proposal_id="p1", approved=True, decided_by=ADA, decided_at=self.now
        )
        place = {**self.asked.platform, "pressed": self.ts}
        pressed = msgspec.structs.replace(self.asked, platform=place).to_press(
            "p1", approved=True, id=press.id, sent=self.now
        )
        assert self.proposals.record_decision(press) == "taken"
        self.inbox.put(pressed)
        self.wakes.send(pressed.chat)
        return pressed

    def _deciding(self, ports: dict[str, Any]) -> Assistant:
        def tapped(port: Any, name: str) -> Any:
            return InterruptiblePort(port, name, self.life, self.broken)

        channels = self._reply_senders(self.life, self.records)
        acts: dict[str, Any] = {"erp": tapped(self.ledger, "erp")}
        decisions = ApprovalResolver(tapped(self.proposals, "proposals"), acts, channels)
        return msgspec.structs.replace(self._plain(ports), resolve_press=decisions.resolve)

    def _make_worker(self, life: WorkerLife) -> ChatWorker:
        self.life = life
        return super()._make_worker(life)

    def told(self) -> list[str]:
        """What was said after the proposal."""
        return self.visible_texts()[1:]


def points() -> list[str]:
    """Every point that a worker passes when all goes well."""
    world = ApprovalWorld()
    world.press()
    return world.run_worker().passed


POINTS = [pytest.param(n, id=f"{n}-{name.replace(' ', '-')}") for n, name in enumerate(points(), 1)]


def test_when_all_goes_well_it_is_done_and_told() -> None:
    """Once; the buttons are gone, and the press is not remembered as something that was said."""
    world = ApprovalWorld()
    world.press()

    world.run_until_quiet()

    assert (world.ledger.done, world.told()) == (1, [DONE])
    shown = world.slack.visible_channel(CHANNEL_ID)["messages"]
    assert not any("repartee_approve" in one["actions"] for one in shown)
    assert [said.side for said in world.said.values()] == ["assistant"]


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_dies(point: int) -> None:
    """It is never done twice. If it died in the middle of it, the next says that it cannot tell."""
    world = ApprovalWorld()
    world.press()

    life = world.run_worker({point: None})
    world.run_until_quiet()

    told = world.told()
    assert world.ledger.done <= 1
    assert len(told) == 1
    between = (
        "after proposals.begin_execution" in life.passed
        and "before proposals.finish_execution" not in life.passed
    )
    began = (
        "before proposals.begin_execution" in life.passed
        and "after proposals.begin_execution" not in life.passed
    )
    if told == [DONE]:
        assert world.ledger.done == 1
    else:
        assert between or began or "after erp.execute" in life.passed
        assert told == [f"{UNCERTAIN} [the desks](https://erp/5)"]
    assert not world.inbox.open


def test_two_presses_that_arrive_together_do_it_once() -> None:
    """The second is told that it was decided."""
    world = ApprovalWorld()
    first = world.press()
    second = msgspec.structs.replace(first, id="press-2", sent=first.sent + 0.1)
    world.proposals.record_decision(
        ProposalDecision(
            id="press-2", proposal_id="p1", approved=False, decided_by=ADA, decided_at=second.sent
        )
    )
    world.inbox.put(second)

    world.run_until_quiet()

    assert world.ledger.done == 1
    assert world.told() == [f"{DONE}\n\nThis was decided already. Nothing more was changed."]


def test_while_the_room_is_muted_it_is_done_and_not_told() -> None:
    """Who pressed is shown what was decided in the place of the buttons; nothing is said aloud."""
    world = ApprovalWorld()
    world.records.mute(world.asked.room, world.now + 3600, world.now)
    world.press()

    world.run_until_quiet()

    assert (world.ledger.done, world.told()) == (1, [])
