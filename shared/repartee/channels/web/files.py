"""What came with messages on the web: it was kept when they arrived."""

from __future__ import annotations

from repartee.conversation.message import Attachment
from repartee.ports import Media, Medium


class WebFiles:
    """Hands out attachments."""

    def __init__(self, media: Media) -> None:
        self._media = media

    def fetch(self, attachment: Attachment) -> bytes:
        """The file. Raises `NotFound` when it is not kept any more."""
        key = attachment.source.get("key", "")
        return self._media.read(Medium(key=key, type=attachment.mime, size=attachment.size))
