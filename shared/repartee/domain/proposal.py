"""Proposals: changes that a person approves or declines, and that are carried out at most once.

A person's press is written by the webhook at once and wakes the chat; the turn then carries out what was
approved, and tells. Whoever dies in between leaves a note, so that nothing is ever done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from repartee.domain.message import ButtonPress

PROPOSAL_VALID_SECONDS = 600.0
"""Seconds in which a proposal may be decided on."""

Verdict = Literal["taken", "late", "decided", "another's", "unknown"]
"""The result of a button press: accepted; too late; decided before; pressed by another person than the
proposal is for; no such proposal."""


class Proposal(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    rename={
        "id": "subject",
        "approver": "person",
        "action": "act",
        "payload": "order",
        "expires_at": "until",
    },
):
    """Something that the assistant would do. `summary` says in words what, in Markdown.

    Only `person` may decide, once, until `until` (epoch seconds). `act` names who carries it out, `order` is
    what that is told, as JSON. `language` is the one in which it was proposed.
    """

    id: str
    chat: str
    approver: str
    summary: str
    action: str
    payload: str
    expires_at: float
    language: str = ""


class ProposalDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A person's decision. `id` is the same however often it is delivered, `at` is in epoch seconds."""

    id: str
    proposal_id: str
    approved: bool
    decided_by: str
    decided_at: float


class ProposalRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal and what has become of it. `press` is the id of the press that decided, `told` what was said
    when it was done."""

    proposal: Proposal
    state: Literal["open", "approved", "declined", "begun", "done"] = "open"
    press_id: str = ""
    result_text: str = ""

    def judge_decision(self, press: ProposalDecision) -> Verdict:
        """Returns the verdict on a press. A press that is delivered again gets the same verdict as at
        first."""
        if self.proposal.approver != press.decided_by:
            return "another's"
        if self.press_id == press.id:
            return "taken"
        if self.state != "open":
            return "decided"
        return "late" if press.decided_at > self.proposal.expires_at else "taken"


class ReceivedPress(msgspec.Struct, frozen=True):
    """A press as it came, and the message that wakes its chat. `answer` is how the platform wants to be told
    at once what became of it; where it is none, the turn tells."""

    press: ProposalDecision
    message: ButtonPress
    acknowledge: Callable[[Verdict], str] | None = None
