"""Pictures in WhatsApp: kept there first, and then sent.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/image-messages
No key tells that a message was sent before: after a crash a picture may be seen twice.
"""

from __future__ import annotations

from collections.abc import Callable

from repartee.channels.insisting import insist
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.conversation.message import Message
from repartee.conversation.reply import Picture

LARGEST = 5 * 1024 * 1024
SHOWN = {"image/jpeg", "image/png"}
"""What is shown as a picture, in bytes and type. Others come as a document."""

LONGEST_CAPTION = 1024


def attach(api: WhatsAppApi, message: Message, picture: Picture, sleep: Callable[[float], None]) -> None:
    """Sends a picture, below which stands what is to be seen on it: nothing else says that here."""
    place = message.platform
    media = insist(lambda: api.upload(place, picture.name, picture.type, picture.content), sleep)
    told = {"id": media, "caption": picture.alt[:LONGEST_CAPTION]}
    if picture.type in SHOWN and len(picture.content) <= LARGEST:
        insist(lambda: api.send(place, type="image", image=told), sleep)
    else:
        document = {**told, "filename": picture.name}
        insist(lambda: api.send(place, type="document", document=document), sleep)
