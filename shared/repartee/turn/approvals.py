"""Carries out what a person approved, at most once, and tells what was done."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from repartee.domain.message import ButtonPress
from repartee.domain.proposal import Proposal, ProposalDecision, ProposalRecord, Verdict
from repartee.errors import BackendError, DeadlineExceeded, RequestRejected
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.language.proposal_texts import decision_label, refusal_text
from repartee.ports import ProposalStore
from repartee.ports.channels import ReplySender


class ActionHandler(Protocol):
    """Who carries out proposals of one kind."""

    def execute(self, proposal: Proposal) -> str:
        """Does it, and says what was done, with a link. Raises `Refused` or `BackendError` if it was not
        done, and `Late` if nobody can tell."""

    def verification_link(self, proposal: Proposal) -> str:
        """Where people can see for themselves whether it was done, as a link in Markdown."""


class ApprovalResolver:
    """Resolves people's decisions for turns. `handlers` are by the name that proposals give their action,
    `senders` by that of their channel."""

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
            return refusal_text("unknown", message.language)
        language = message.language or found.proposal.language
        if (found.press_id, found.proposal.approver) == (message.id, message.sender):
            words, shown = self._resolve_decision(found), decision_label(found.state != "declined", language)
        else:
            verdict = _refusal_verdict(found, message)
            words = refusal_text(verdict, language)
            if verdict == "another's":
                return words
            shown = _closed_label(found, language)
        with suppress(BackendError):  # the buttons may stay: they decide nothing any more
            self._senders[message.channel].show_decision(message, found.proposal, shown)
        return words

    def _resolve_decision(self, record: ProposalRecord) -> str:
        if record.state == "declined":
            return translate(texts.LEFT_AS_IT_IS, record.proposal.language)
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
            return translate(texts.ACTION_UNKNOWN, proposal.language)
        try:
            return act.execute(proposal)
        except DeadlineExceeded:
            return self._uncertain_message(proposal)
        except (RequestRejected, BackendError) as failure:
            reason = getattr(failure, "user_message", "") or str(failure)
            return translate(texts.ACTION_FAILED, proposal.language, reason=reason)

    def _uncertain_message(self, proposal: Proposal) -> str:
        act = self._handlers.get(proposal.action)
        link = act.verification_link(proposal) if act else ""
        return translate(texts.OUTCOME_UNCERTAIN, proposal.language, link=link).rstrip()


def _closed_label(record: ProposalRecord, language: str) -> str:
    """Returns the label in the place of buttons that decide nothing any more."""
    if record.press_id:
        return decision_label(record.state != "declined", language)
    return translate(texts.EXPIRED, language)


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
