"""The attachments of messages on the web: they were kept when they arrived."""

from __future__ import annotations

from repartee.domain.message import Attachment
from repartee.ports import MediaStore, StoredMedia


class WebAttachmentFetcher:
    """Hands out attachments."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media

    def fetch(self, attachment: Attachment) -> bytes:
        """The file. Raises `NotFound` when it is not kept any more."""
        key = attachment.download_ref.get("key", "")
        return self._media.read(StoredMedia(key=key, content_type=attachment.mime, size=attachment.size))
