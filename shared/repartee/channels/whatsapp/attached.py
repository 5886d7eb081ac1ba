"""What came with a message, and what is needed to fetch it later: its id, which is good for seven days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from repartee.channels.whatsapp.updates import Media, Sent
from repartee.conversation.message import Attachment

Kind = Literal["image", "audio", "file"]


def attached(sent: Sent, number: str) -> Iterator[Attachment]:
    """The picture, the recording, the document, the sticker unless it moves. Films are not looked at."""
    if sent.image:
        yield _attachment("image", sent.image, number)
    if sent.sticker and not sent.sticker.animated:
        yield _attachment("image", sent.sticker, number)
    if sent.audio:
        yield _attachment("audio", sent.audio, number)
    if sent.document:
        yield _attachment(_kind(_mime(sent.document)), sent.document, number)


def _attachment(kind: Kind, media: Media, number: str) -> Attachment:
    return Attachment(
        kind=kind,
        id=media.id,
        name=media.filename or "",
        mime=_mime(media),
        source={"media": media.id, "number": number},
    )


def _mime(media: Media) -> str:
    """The type without its parameters: `audio/ogg; codecs=opus` is `audio/ogg`."""
    return (media.mime_type or "").partition(";")[0].strip()


def _kind(mime: str) -> Kind:
    if mime.startswith("image/"):
        return "image"
    return "audio" if mime.startswith("audio/") else "file"
