"""Proposals in WhatsApp: a message with two buttons. They stay where they are, and decide once."""

from __future__ import annotations

from collections.abc import Callable

from repartee.channels.throttle_retry import retry_throttled
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.channels.whatsapp.buttons import decision_buttons
from repartee.channels.whatsapp.formatting import render_texts
from repartee.domain.message import Incoming
from repartee.domain.proposal import Proposal
from repartee.language import texts
from repartee.language.catalogue import translate
from repartee.language.proposal_texts import validity_text

MAX_BODY_CHARS = 1024
"""Characters of the text above buttons."""


def send_proposal(
    api: WhatsAppApi, message: Incoming, proposal: Proposal, sleep: Callable[[float], None]
) -> None:
    """Asks in the chat. Nobody approves what they have not seen whole: what is too long comes before."""
    *before, last = render_texts(proposal.summary)
    if before or len(last) > MAX_BODY_CHARS:
        before, last = [*before, last], translate(texts.SHALL_I_DO_THIS, message.language)
    for text in before:
        retry_throttled(lambda text=text: api.send_text(message.platform, text), sleep)  # type: ignore[misc]
    asked = {
        "type": "button",
        "body": {"text": last},
        "footer": {"text": validity_text(message.language)},
        "action": {"buttons": decision_buttons(proposal.id, message.language)},
    }
    retry_throttled(lambda: api.send_message(message.platform, type="interactive", interactive=asked), sleep)
