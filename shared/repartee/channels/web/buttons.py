"""Buttons of proposals on the web: what a press becomes."""

from __future__ import annotations

from repartee.channels.web.payloads import WebDecision
from repartee.domain.message import Message
from repartee.domain.proposal import ProposalDecision, ReceivedPress


def _build_press(decision: WebDecision, message: Message) -> ReceivedPress:
    press = ProposalDecision(
        id=message.id,
        proposal_id=decision.subject,
        approved=decision.approve,
        decided_by=message.sender,
        decided_at=message.sent,
    )
    return ReceivedPress(
        press,
        message.to_press(decision.subject, approved=decision.approve, id=message.id, sent=message.sent),
    )
