"""Proposals in memory, held to the same contract as the real ones, and builders of proposals and presses."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import msgspec

from repartee.conversation.message import Message
from repartee.conversation.proposal import Press, Proposal, Proposed, Verdict
from tests.support.messages import CHAT, ROOM

ADA, BEN = "slack:T1:U1", "slack:T1:U2"


@dataclass
class MemoryProposals:
    """`ports.Proposals` in memory."""

    kept: dict[str, Proposed] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def keep(self, proposal: Proposal) -> None:
        with self.lock:
            self.kept.setdefault(proposal.subject, Proposed(proposal=proposal))

    def find(self, subject: str) -> Proposed | None:
        return self.kept.get(subject)

    def decide(self, press: Press) -> Verdict:
        with self.lock:
            found = self.kept.get(press.subject)
            if found is None:
                return "unknown"
            verdict = found.verdict(press)
            if verdict == "taken" and found.state == "open":
                state = "approved" if press.approved else "declined"
                self._change(press.subject, state=state, press=press.id)
            return verdict

    def begin(self, subject: str) -> bool:
        with self.lock:
            found = self.kept.get(subject)
            if found is None or found.state != "approved":
                return False
            self._change(subject, state="begun")
            return True

    def done(self, subject: str, told: str) -> None:
        with self.lock:
            if subject in self.kept:
                self._change(subject, state="done", told=told)

    def _change(self, subject: str, **changes: str) -> None:
        self.kept[subject] = msgspec.structs.replace(self.kept[subject], **changes)


def proposal(subject: str = "p1", **more: Any) -> Proposal:
    """A proposal to Ada, good until 1,000."""
    own = {"chat": CHAT, "person": ADA, "summary": "Rename **Lisbon** to _Porto_", "act": "erp"}
    return Proposal(**{"subject": subject, "order": "{}", "until": 1000.0, **own, **more})


def press(id: str = "press-1", *, approved: bool = True, by: str = ADA, at: float = 900.0) -> Press:
    """A press on the first proposal, by Ada and in time."""
    return Press(id=id, subject="p1", approved=approved, by=by, at=at)


def pressed(press: Press) -> Message:
    """The message that a press wakes its chat with."""
    return Message(
        id=press.id,
        chat=CHAT,
        room=ROOM,
        channel="slack",
        sender=press.by,
        text="",
        sent=press.at,
        received=press.at,
        decides=press.subject,
    )
