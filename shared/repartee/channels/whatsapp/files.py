"""Fetching what came with a message: a link that is good for five minutes, and the file behind it.

https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media/
"""

from __future__ import annotations

from repartee.channels.http import too_large
from repartee.channels.whatsapp.api import Link, WhatsAppApi
from repartee.conversation.message import Attachment
from repartee.errors import NotFound

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that are fetched. WhatsApp takes documents of 100 MB."""


class WhatsAppFiles:
    """Fetches attachments. Errors name no link."""

    def __init__(self, api: WhatsAppApi, largest: int = LARGEST) -> None:
        self._api, self._largest = api, largest

    def fetch(self, attachment: Attachment) -> bytes:
        """The file. Raises `TooLarge`, `NotFound` a week after it was sent, and other `BackendError`s."""
        try:
            return self._api.download(self._link(attachment), self._largest)
        except NotFound:
            return self._api.download(self._link(attachment), self._largest)  # its five minutes were over

    def _link(self, attachment: Attachment) -> Link:
        source = attachment.source
        link = self._api.link(source.get("number", ""), source.get("media", ""))
        if (link.file_size or 0) > self._largest:
            raise too_large(self._largest)
        return link
