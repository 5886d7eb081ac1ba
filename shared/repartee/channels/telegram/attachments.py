"""The attachments of a message, and the address that is needed to fetch each later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from repartee.channels.telegram.content_payloads import (
    TelegramContent,
    TelegramFile,
    TelegramPhotoSize,
)
from repartee.domain.message import Attachment

MAX_FILE_BYTES = 20 * 1024 * 1024
"""Bytes of a file that a bot can fetch: https://core.telegram.org/bots/api#getfile."""

AttachmentKind = Literal["image", "audio", "file"]


def parse_attachments(message: TelegramContent) -> Iterator[Attachment]:
    """The photo in its largest size that can be fetched, the voice message, the music, the document. The
    document that Telegram adds to an animation is none."""
    if fitting := [size for size in message.photo or () if (size.file_size or 0) <= MAX_FILE_BYTES]:
        yield _photo_attachment(max(fitting, key=lambda size: size.width * size.height))
    if message.voice:
        yield _file_attachment("audio", message.voice)
    if message.audio:
        yield _file_attachment("audio", message.audio)
    if message.document and not message.animation:
        yield _file_attachment(_attachment_kind(message.document.mime_type or ""), message.document)


def _attachment_kind(mime: str) -> AttachmentKind:
    if mime.startswith("image/"):
        return "image"
    return "audio" if mime.startswith("audio/") else "file"


def _photo_attachment(size: TelegramPhotoSize) -> Attachment:
    return Attachment(
        kind="image",
        id=size.file_unique_id,
        mime="image/jpeg",
        size=size.file_size or 0,
        download_ref={"file_id": size.file_id},
    )


def _file_attachment(kind: AttachmentKind, file: TelegramFile) -> Attachment:
    return Attachment(
        kind=kind,
        id=file.file_unique_id,
        name=file.file_name or "",
        mime=file.mime_type or "",
        size=file.file_size or 0,
        download_ref={"file_id": file.file_id},
    )
