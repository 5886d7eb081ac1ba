"""What came with a message, and what is needed to fetch it later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from repartee.channels.telegram.updates import File, Sent, Size
from repartee.conversation.message import Attachment

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that a bot can fetch: https://core.telegram.org/bots/api#getfile."""

Kind = Literal["image", "audio", "file"]


def attached(sent: Sent) -> Iterator[Attachment]:
    """The photo in its largest size that can be fetched, the voice message, the music, the document."""
    if fitting := [size for size in sent.photo or () if (size.file_size or 0) <= LARGEST]:
        yield _photo(max(fitting, key=lambda size: size.width * size.height))
    if sent.voice:
        yield _file("audio", sent.voice)
    if sent.audio:
        yield _file("audio", sent.audio)
    if sent.document:
        yield _file(_kind(sent.document.mime_type or ""), sent.document)


def _kind(mime: str) -> Kind:
    if mime.startswith("image/"):
        return "image"
    return "audio" if mime.startswith("audio/") else "file"


def _photo(size: Size) -> Attachment:
    return Attachment(
        kind="image",
        id=size.file_unique_id,
        mime="image/jpeg",
        size=size.file_size or 0,
        source={"file_id": size.file_id},
    )


def _file(kind: Kind, file: File) -> Attachment:
    return Attachment(
        kind=kind,
        id=file.file_unique_id,
        name=file.file_name or "",
        mime=file.mime_type or "",
        size=file.file_size or 0,
        source={"file_id": file.file_id},
    )
