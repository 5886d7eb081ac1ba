"""Proposals in WhatsApp: a message with two buttons. They stay where they are, and decide once."""

from __future__ import annotations

from collections.abc import Callable

from repartee.channels.insisting import insist
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.channels.whatsapp.forms import texts
from repartee.channels.whatsapp.pressed import buttons
from repartee.conversation.message import Message
from repartee.conversation.proposal import Proposal

LONGEST = 1024
"""Characters of the text above buttons."""

SHORT = "Shall I do this?"
"""What stands above the buttons when all that is to be approved does not fit there."""

TERMS = "Good for ten minutes."


def propose(api: WhatsAppApi, message: Message, proposal: Proposal, sleep: Callable[[float], None]) -> None:
    """Asks in the chat. Nobody approves what they have not seen whole: what is too long comes before."""
    *before, last = texts(proposal.summary)
    if before or len(last) > LONGEST:
        before, last = [*before, last], SHORT
    for text in before:
        insist(lambda text=text: api.say(message.platform, text), sleep)  # type: ignore[misc]
    asked = {
        "type": "button",
        "body": {"text": last},
        "footer": {"text": TERMS},
        "action": {"buttons": buttons(proposal.subject)},
    }
    insist(lambda: api.send(message.platform, type="interactive", interactive=asked), sleep)
