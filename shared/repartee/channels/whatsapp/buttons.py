"""Buttons in WhatsApp: how those are called that decide, and what a press of one says.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages
"""

from __future__ import annotations

from repartee.channels.whatsapp.payloads import WhatsAppChoice
from repartee.domain.message import Message
from repartee.domain.proposal import ProposalDecision, ReceivedPress
from repartee.language import texts
from repartee.language.catalogue import translate

APPROVE_ACTION, DECLINE_ACTION = "approve", "decline"


def decision_buttons(proposal_id: str, language: str) -> list[dict[str, object]]:
    """The two buttons that decide on the subject."""
    approve, decline = translate(texts.APPROVE, language), translate(texts.DECLINE, language)
    named = ((APPROVE_ACTION, f"✅ {approve}"), (DECLINE_ACTION, decline))
    return [{"type": "reply", "reply": {"id": f"{id}:{proposal_id}", "title": title}} for id, title in named]


def parse_decision(chosen: WhatsAppChoice | None, message: Message) -> ReceivedPress | None:
    """The decision that a message is. None for one that is none, or the choice of something else."""
    act, _, subject = (chosen.id if chosen else "").partition(":")
    if act not in (APPROVE_ACTION, DECLINE_ACTION) or not subject:
        return None
    id = f"press-{message.id}"
    press = ProposalDecision(
        id=id,
        proposal_id=subject,
        approved=act == APPROVE_ACTION,
        decided_by=message.sender,
        decided_at=message.received,
    )
    told = message.to_press(subject, approved=press.approved, id=id, sent=message.received)
    return ReceivedPress(press, told)
