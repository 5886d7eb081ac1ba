"""The attachments of messages, whatever the channel: each hands out its own files in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from repartee.domain.message import Attachment, Message
from repartee.errors import NotFound


class AttachmentFetcher(Protocol):
    """A channel's files."""

    def fetch(self, attachment: Attachment) -> bytes:
        """The content, as `ports.Attachments` promises."""


class ChannelAttachments:
    """`ports.Attachments` over the channels' files, by the channels' names."""

    def __init__(self, files: Mapping[str, AttachmentFetcher]) -> None:
        self._files = files

    def fetch(self, message: Message, attachment: Attachment) -> bytes:
        if message.channel not in self._files:
            raise NotFound(message.channel, "the channel hands out no files")
        return self._files[message.channel].fetch(attachment)
