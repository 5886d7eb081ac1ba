"""Messages that a member of the team sent in the WhatsApp Business app, on the number that is answered here.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/smb_message_echoes
"""

from __future__ import annotations

import msgspec

from repartee.channels.whatsapp.attachments import parse_attachments
from repartee.channels.whatsapp.ids import message_id, person_id, recipient_address
from repartee.channels.whatsapp.message_text import message_text
from repartee.channels.whatsapp.payloads import PersonId, WhatsAppChangeValue, WhatsAppMessage
from repartee.domain.handover import Customer, TeamEcho
from repartee.domain.http import HttpRequest, decode_json
from repartee.domain.message import Person, TeamAction
from repartee.privacy.identifiers import IdentifierHasher

ECHOES_FIELD = "smb_message_echoes"
APP_NAME = "WhatsApp Business"


class WhatsAppEchoRecipient(msgspec.Struct):
    """The customer to whom a message was sent in the app."""

    to: PersonId | None = None
    to_user_id: PersonId | None = None


def parse_echo(
    raw: bytes, value: WhatsAppChangeValue, request: HttpRequest, identifiers: IdentifierHasher
) -> TeamEcho:
    """Returns a message that was sent in the app, in the chat of the customer."""
    sent, recipient = decode_json(raw, WhatsAppMessage), decode_json(raw, WhatsAppEchoRecipient)
    phone = (recipient.to or "").removeprefix("+") or None
    contact = value.find_contact(phone, recipient.to_user_id)
    reached = msgspec.structs.replace(sent, from_=phone, from_user_id=recipient.to_user_id)
    number, person = value.metadata.phone_number_id, person_id(reached, contact, identifiers)
    chat = f"whatsapp:{number}:{person}"
    action = TeamAction(
        id=message_id(sent.id),
        chat=chat,
        room=chat,
        channel="whatsapp",
        sender=f"whatsapp:{number}",
        sender_name=APP_NAME,
        sent=float(sent.timestamp),
        received=request.received_at,
        correlation=request.correlation,
        kind="echo",
        text=message_text(sent),
        attachments=tuple(parse_attachments(sent, number)),
    )
    address = {"number": number, **recipient_address(reached, contact)}
    customer = Customer(
        room=chat,
        channel="whatsapp",
        person=Person(f"whatsapp:{person}", contact.display_name),
        address=address,
    )
    return TeamEcho(action=action, customer=customer)
