"""Proposals in memory, held to the same contract as the real ones, and builders of proposals and presses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import msgspec

from repartee.domain.message import ButtonPress
from repartee.domain.proposal import Proposal, ProposalDecision, ProposalRecord, Verdict
from tests.support.inbox_builders import CHAT_ID, ROOM_ID

ADA_ID, BEN_ID = "slack:T1:U1", "slack:T1:U2"


@dataclass
class MemoryProposals:
    """`ports.Proposals` in memory."""

    kept: dict[str, ProposalRecord] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def put(self, proposal: Proposal) -> None:
        with self.lock:
            self.kept.setdefault(proposal.id, ProposalRecord(proposal=proposal))

    def find(self, proposal_id: str) -> ProposalRecord | None:
        return self.kept.get(proposal_id)

    def list_open(self, person: str, now: float) -> Sequence[Proposal]:
        found = [
            one.proposal
            for one in self.kept.values()
            if one.state == "open" and one.proposal.approver == person and one.proposal.expires_at > now
        ]
        return sorted(found, key=lambda one: (one.expires_at, one.id))[:20]

    def record_decision(self, press: ProposalDecision) -> Verdict:
        with self.lock:
            found = self.kept.get(press.proposal_id)
            if found is None:
                return "unknown"
            verdict = found.judge_decision(press)
            if verdict == "taken" and found.state == "open":
                state = "approved" if press.approved else "declined"
                self._change_proposal(press.proposal_id, state=state, press_id=press.id)
            return verdict

    def begin_execution(self, proposal_id: str) -> bool:
        with self.lock:
            found = self.kept.get(proposal_id)
            if found is None or found.state != "approved":
                return False
            self._change_proposal(proposal_id, state="begun")
            return True

    def finish_execution(self, proposal_id: str, result_text: str) -> None:
        with self.lock:
            if proposal_id in self.kept:
                self._change_proposal(proposal_id, state="done", result_text=result_text)

    def _change_proposal(self, subject: str, **changes: str) -> None:
        self.kept[subject] = msgspec.structs.replace(self.kept[subject], **changes)


def make_proposal(subject: str = "p1", **more: Any) -> Proposal:
    """A proposal to Ada, good until 1,000."""
    own = {"chat": CHAT_ID, "approver": ADA_ID, "summary": "Rename **Lisbon** to _Porto_", "action": "erp"}
    return Proposal(**{"id": subject, "payload": "{}", "expires_at": 1000.0, **own, **more})


def make_press(
    id: str = "press-1", *, approved: bool = True, by: str = ADA_ID, at: float = 900.0
) -> ProposalDecision:
    """A press on the first proposal, by Ada and in time."""
    return ProposalDecision(id=id, proposal_id="p1", approved=approved, decided_by=by, decided_at=at)


def make_press_message(press: ProposalDecision) -> ButtonPress:
    """The message that a press wakes its chat with."""
    return ButtonPress(
        id=press.id,
        chat=CHAT_ID,
        room=ROOM_ID,
        channel="slack",
        sender=press.decided_by,
        sent=press.decided_at,
        received=press.decided_at,
        proposal_id=press.proposal_id,
        approved=press.approved,
    )
