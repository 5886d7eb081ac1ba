"""Buttons in WhatsApp: how those are called that decide, and what a press of one says.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/interactive-reply-buttons-messages
"""

from __future__ import annotations

import msgspec

from repartee.channels.whatsapp.updates import Chosen
from repartee.conversation.message import Message
from repartee.conversation.proposal import Press, Pressed

APPROVE, DECLINE = "approve", "decline"


def buttons(subject: str) -> list[dict[str, object]]:
    """The two buttons that decide on the subject."""
    named = ((APPROVE, "✅ Approve"), (DECLINE, "Decline"))
    return [{"type": "reply", "reply": {"id": f"{id}:{subject}", "title": title}} for id, title in named]


def decision(chosen: Chosen | None, message: Message) -> Pressed | None:
    """The decision that a message is. None for one that is none, or the choice of something else."""
    act, _, subject = (chosen.id if chosen else "").partition(":")
    if act not in (APPROVE, DECLINE) or not subject:
        return None
    id = f"press-{message.id}"
    press = Press(id=id, subject=subject, approved=act == APPROVE, by=message.sender, at=message.received)
    told = msgspec.structs.replace(message, id=id, text="", sent=message.received, decides=subject)
    return Pressed(press, told)
