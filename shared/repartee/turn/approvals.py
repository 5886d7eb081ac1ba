"""Carries out what a person approved, at most once, and tells what was done."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from repartee.domain.message import ButtonPress
from repartee.domain.proposal import REFUSAL_MESSAGES, Proposal, ProposalDecision, ProposalRecord, Verdict
from repartee.errors import BackendError, DeadlineExceeded, RequestRejected
from repartee.ports import ProposalStore
from repartee.ports.channels import ReplySender


class ActionHandler(Protocol):
    """Who carries out proposals of one kind."""

    def execute(self, proposal: Proposal) -> str:
        """Does it, and says what was done, with a link. Raises `Refused` or `BackendError` if it was not
        done, and `Late` if nobody can tell."""

    def verification_link(self, proposal: Proposal) -> str:
        """Where people can see for themselves whether it was done, as a link in Markdown."""


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

    def resolve(self, message: ButtonPress) -> str:
        """Does what was decided by this press, at most once in the world, and gives the words to say. Takes
        the buttons away. Repeating it gives the same words, and does nothing twice. Raises
        `BackendError` while it cannot be known what was decided: nothing is done then."""
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


def _refusal_verdict(record: ProposalRecord, message: ButtonPress) -> Verdict:
    """Why a press that was kept decided nothing."""
    press = ProposalDecision(
        id=message.id,
        proposal_id=message.proposal_id,
        approved=message.approved,
        decided_by=message.sender,
        decided_at=message.sent,
    )
    verdict = record.judge_decision(press)
    return "late" if verdict == "taken" else verdict
