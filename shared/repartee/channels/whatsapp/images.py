"""Pictures in WhatsApp: kept there first, and then sent.

https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/image-messages
No key tells that a message was sent before: after a crash a picture may be seen twice.
"""

from __future__ import annotations

from collections.abc import Callable

from repartee.channels.throttle_retry import retry_throttled
from repartee.channels.whatsapp.api import WhatsAppApi
from repartee.domain.message import Incoming
from repartee.domain.reply import Image

MAX_IMAGE_BYTES = 5 * 1024 * 1024
INLINE_IMAGE_TYPES = {"image/jpeg", "image/png"}
"""The types of images that are shown as pictures. Others come as a document."""

MAX_CAPTION_CHARS = 1024


def attach_image(api: WhatsAppApi, message: Incoming, image: Image, sleep: Callable[[float], None]) -> None:
    """Sends a picture, below which stands what is to be seen on it: nothing else says that here."""
    place = message.platform
    media = retry_throttled(
        lambda: api.upload_file(place, image.name, image.content_type, image.content), sleep
    )
    told = {"id": media, "caption": image.alt_text[:MAX_CAPTION_CHARS]}
    if image.content_type in INLINE_IMAGE_TYPES and len(image.content) <= MAX_IMAGE_BYTES:
        retry_throttled(lambda: api.send_message(place, type="image", image=told), sleep)
    else:
        document = {**told, "filename": image.name}
        retry_throttled(lambda: api.send_message(place, type="document", document=document), sleep)
