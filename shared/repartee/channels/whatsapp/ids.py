"""WhatsApp's ids as ours: messages, people, where to answer."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from repartee.channels.whatsapp.payloads import WhatsAppContact, WhatsAppMessage
from repartee.errors import InvalidPayload
from repartee.privacy.identifiers import IdentifierHasher


def message_id(wamid: str) -> str:
    """Returns our id of a message: WhatsApp's own id says in base64 whose it is, and a telephone number must
    not be in logs."""
    return blake2b(wamid.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def person_id(message: WhatsAppMessage, contact: WhatsAppContact, identifiers: IdentifierHasher) -> str:
    """The id within the business; the hashed number of a person of whom nothing else is known."""
    person = message.from_user_id or contact.user_id or message.from_ or contact.wa_id
    if not person:
        raise InvalidPayload("a message from nobody")
    return identifiers.hash_personal_id("whatsapp", person)


def recipient_address(message: WhatsAppMessage, contact: WhatsAppContact) -> dict[str, str]:
    """Where the answer goes: to the number where it is known, which every version of the API takes."""
    if to := message.from_ or contact.wa_id:
        return {"to": to}
    return {"recipient": message.from_user_id or contact.user_id or ""}


PlatformAddress = Mapping[str, str]
"""Where a message is answered (`Message.platform`): from which of our numbers (`number`), which `message`,
and to whom: to a telephone number (`to`), or to an id within the business (`recipient`)."""
