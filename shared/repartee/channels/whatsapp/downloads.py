"""Fetches what came with a message. Its links live five minutes."""

from __future__ import annotations

from repartee.channels.http import payload_too_large
from repartee.channels.whatsapp.api import WhatsAppApi, WhatsAppMediaLink
from repartee.domain.message import Attachment
from repartee.errors import NotFound

MAX_FILE_BYTES = 20 * 1024 * 1024
"""Bytes of a file that are fetched. WhatsApp takes documents of 100 MB."""


class WhatsAppAttachmentFetcher:
    """Fetches attachments. Errors name no link."""

    def __init__(self, api: WhatsAppApi, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._api, self._largest = api, max_bytes

    def fetch(self, attachment: Attachment) -> bytes:
        """The file. Raises `TooLarge`, `NotFound` a week after it was sent, and other `BackendError`s."""
        try:
            return self._api.download_file(self._get_media_link(attachment), self._largest)
        except NotFound:
            return self._api.download_file(
                self._get_media_link(attachment), self._largest
            )  # its five minutes were over

    def _get_media_link(self, attachment: Attachment) -> WhatsAppMediaLink:
        source = attachment.download_ref
        link = self._api.get_media_link(source.get("number", ""), source.get("media", ""))
        if (link.file_size or 0) > self._largest:
            raise payload_too_large(self._largest)
        return link
