"""What the assistant would do if somebody approves: how it is proposed, decided, and carried out once.

A person's press is written by the webhook at once and wakes the chat; the turn then carries out what was
approved, and tells. Whoever dies in between leaves a note, so that nothing is ever done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from repartee.conversation.message import Message
from repartee.errors import BackendError, DeadlineExceeded, RequestRejected

if TYPE_CHECKING:
    from repartee.conversation.reply import ReplySender
    from repartee.ports import ProposalStore

PROPOSAL_VALID_SECONDS = 600.0
"""Seconds in which a proposal may be decided on."""

Verdict = Literal["taken", "late", "decided", "another's", "unknown"]
"""What becomes of a press: it decides; it comes too late; something was decided before; it is not this
person's to decide; there is no such proposal."""


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
    what that is told, as JSON.
    """

    id: str
    chat: str
    approver: str
    summary: str
    action: str
    payload: str
    expires_at: float


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
        """What becomes of a press now. One that is delivered again is told what it was told at first."""
        if self.proposal.approver != press.decided_by:
            return "another's"
        if self.press_id == press.id:
            return "taken"
        if self.state != "open":
            return "decided"
        return "late" if press.decided_at > self.proposal.expires_at else "taken"


class ActionHandler(Protocol):
    """Who carries out proposals of one kind."""

    def execute(self, proposal: Proposal) -> str:
        """Does it, and says what was done, with a link. Raises `Refused` or `BackendError` if it was not
        done, and `Late` if nobody can tell."""

    def verification_link(self, proposal: Proposal) -> str:
        """Where people can see for themselves whether it was done, as a link in Markdown."""


REFUSAL_MESSAGES: Mapping[Verdict, str] = {
    "late": "This is no longer valid: it was good for ten minutes. Nothing was changed. Ask me again.",
    "decided": "This was decided already. Nothing more was changed.",
    "another's": "Only the person who asked for this may decide on it. Nothing was changed.",
    "unknown": "I do not know this proposal any more. Nothing was changed. Ask me again.",
}
"""What is said to a press that decides nothing."""

DECLINED_MESSAGE = "All right, I leave it as it is."
UNCERTAIN_MESSAGE = "I was interrupted while I did this, and I cannot tell whether it was done. Please look:"
DECISION_LABELS = {True: "✅ Approved", False: "Declined"}
"""What stands in the place of the buttons."""


class ApprovalResolver:
    """What turns do about people's decisions. `acts` are by the name that proposals give them, `channels` by
    their own."""

    def __init__(
        self,
        proposals: ProposalStore,
        handlers: Mapping[str, ActionHandler],
        senders: Mapping[str, ReplySender],
    ) -> None:
        self._proposals, self._handlers, self._senders = proposals, handlers, senders

    def resolve(self, message: Message) -> str:
        """Does what was decided by this press (`message.decides`), at most once in the world, and gives the
        words to say. Takes the buttons away. Repeating it gives the same words, and does nothing twice.
        Raises `BackendError` while it cannot be known what was decided: nothing is done then."""
        found = self._proposals.find(message.proposal_id)
        if found is None:
            return REFUSAL_MESSAGES["unknown"]
        if (found.press_id, found.proposal.approver) == (message.id, message.sender):
            words, shown = self._resolve_decision(found), DECISION_LABELS[found.state != "declined"]
        else:
            verdict = _refusal_verdict(found, message)
            words = REFUSAL_MESSAGES[verdict]
            if verdict == "another's":
                return words
            shown = DECISION_LABELS[found.state != "declined"] if found.press_id else "Expired"
        with suppress(BackendError):  # the buttons may stay: they decide nothing any more
            self._senders[message.channel].show_decision(message, found.proposal, shown)
        return words

    def _resolve_decision(self, record: ProposalRecord) -> str:
        if record.state == "declined":
            return DECLINED_MESSAGE
        if record.state == "done":
            return record.result_text
        begun = record.state == "approved" and self._proposals.begin_execution(record.proposal.id)
        words = self._execute_action(record.proposal) if begun else self._uncertain_message(record.proposal)
        with suppress(BackendError):  # who comes after us would say that they cannot tell
            self._proposals.finish_execution(record.proposal.id, words)
        return words

    def _execute_action(self, proposal: Proposal) -> str:
        act = self._handlers.get(proposal.action)
        if act is None:
            return "I cannot do this any more. Nothing was changed."
        try:
            return act.execute(proposal)
        except DeadlineExceeded:
            return self._uncertain_message(proposal)
        except (RequestRejected, BackendError) as failure:
            reason = getattr(failure, "user_message", "") or str(failure)
            return f"This could not be done, and nothing was changed: {reason}"

    def _uncertain_message(self, proposal: Proposal) -> str:
        act = self._handlers.get(proposal.action)
        return f"{UNCERTAIN_MESSAGE} {act.verification_link(proposal) if act else ''}".rstrip()


def _refusal_verdict(record: ProposalRecord, message: Message) -> Verdict:
    """Why a press that was kept decided nothing."""
    press = ProposalDecision(
        id=message.id,
        proposal_id=message.proposal_id,
        approved=False,
        decided_by=message.sender,
        decided_at=message.sent,
    )
    verdict = record.judge_decision(press)
    return "late" if verdict == "taken" else verdict


class ReceivedPress(msgspec.Struct, frozen=True):
    """A press as it came, and the message that wakes its chat. `answer` is how the platform wants to be told
    at once what became of it; where it is none, the turn tells."""

    press: ProposalDecision
    message: Message
    acknowledge: Callable[[Verdict], str] | None = None
