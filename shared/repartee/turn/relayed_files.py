"""Files on their way between the customer and the team."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.domain.message import Attachment, Message
from repartee.domain.reply import Image
from repartee.errors import BackendError, RequestRejected
from repartee.ports import AttachmentDownloader
from repartee.ports.channels import ReplySender
from repartee.turn.failures import is_passing

MAX_RELAYED_FILES = 10
"""Files of one message that are passed on."""

DEFAULT_NAMES = {"image": "image.jpg", "audio": "recording.ogg", "video": "video.mp4", "file": "file"}
DEFAULT_TYPE = "application/octet-stream"


class FileRelay:
    """Passes files on. A failure that passes is raised, so that the turn is tried again."""

    def __init__(self, attachments: AttachmentDownloader) -> None:
        self._attachments = attachments

    def send(
        self, source: Message, files: Sequence[Attachment], sender: ReplySender, target: Message
    ) -> Sequence[str]:
        """Sends the files of a message to another place. Returns the names of those that could not be."""
        lost = [one.name or one.kind for one in files[MAX_RELAYED_FILES:]]
        for attachment in files[:MAX_RELAYED_FILES]:
            try:
                content = self._attachments.fetch(source, attachment)
                sender.send_image(target, f"relay-{source.id}", _as_file(attachment, content))
            except (BackendError, RequestRejected) as failure:
                if is_passing(failure):
                    raise
                lost.append(attachment.name or attachment.kind)
        return lost


def _as_file(attachment: Attachment, content: bytes) -> Image:
    name = attachment.name or DEFAULT_NAMES[attachment.kind]
    return Image(name, attachment.mime or DEFAULT_TYPE, content, name)
