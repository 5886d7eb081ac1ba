"""Receipts of what members of the team wrote: a status `read` that hands back the mark of the message.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/status/
"""

from __future__ import annotations

from collections.abc import Iterator

from repartee.channels.whatsapp.payloads import WhatsAppChangeValue, WhatsAppStatus
from repartee.domain.http import HttpRequest
from repartee.domain.message import TeamAction
from repartee.domain.read_marks import is_read_mark
from repartee.privacy.identifiers import IdentifierHasher


def parse_receipt(
    status: WhatsAppStatus, value: WhatsAppChangeValue, request: HttpRequest, identifiers: IdentifierHasher
) -> Iterator[TeamAction]:
    """Yields the receipt, in the customer's chat, under one id for all parts of a message and however often
    it is told; none for a message of the assistant."""
    mark = status.biz_opaque_callback_data
    contact = value.find_contact(status.recipient_id, status.recipient_user_id)
    person = (
        status.recipient_user_id or contact.user_id or status.recipient_id or contact.wa_id
    )  # as `ids.person_id` prefers them
    if status.status != "read" or not person or not is_read_mark(mark):
        return
    customer = identifiers.hash_personal_id("whatsapp", person)
    chat = f"whatsapp:{value.metadata.phone_number_id}:{customer}"
    yield TeamAction(
        id=f"read-{mark}",
        chat=chat,
        room=chat,
        channel="whatsapp",
        sender=f"whatsapp:{customer}",
        sent=request.received_at,
        received=request.received_at,
        correlation=request.correlation,
        kind="read",
        text=mark,
    )
