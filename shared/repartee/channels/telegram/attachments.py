"""What came with a message, and what is needed to fetch it later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from repartee.channels.http import payload_too_large
from repartee.channels.telegram.api import BACKEND, TelegramApi
from repartee.channels.telegram.payloads import TelegramFile, TelegramMessage, TelegramPhotoSize
from repartee.domain.message import Attachment
from repartee.errors import InvalidArgument, NotFound

MAX_FILE_BYTES = 20 * 1024 * 1024
"""Bytes of a file that a bot can fetch: https://core.telegram.org/bots/api#getfile."""

AttachmentKind = Literal["image", "audio", "file"]


def parse_attachments(message: TelegramMessage) -> Iterator[Attachment]:
    """The photo in its largest size that can be fetched, the voice message, the music, the document."""
    if fitting := [size for size in message.photo or () if (size.file_size or 0) <= MAX_FILE_BYTES]:
        yield _photo_attachment(max(fitting, key=lambda size: size.width * size.height))
    if message.voice:
        yield _file_attachment("audio", message.voice)
    if message.audio:
        yield _file_attachment("audio", message.audio)
    if message.document:
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


class TelegramAttachmentFetcher:
    """Fetches attachments. Errors name no link: the bot's token is a part of it."""

    def __init__(self, api: TelegramApi, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._api, self._largest = api, max_bytes

    def fetch(self, attachment: Attachment) -> bytes:
        """The file. Raises `TooLarge` past what a bot may fetch, and `BackendError`."""
        if attachment.size > self._largest:
            raise payload_too_large(self._largest)
        path = self._file_path(attachment.download_ref.get("file_id", ""))
        return self._api.download_file(path, self._largest)

    def _file_path(self, file_id: str) -> str:
        """Where the file is, for an hour."""
        try:
            file = self._api.call_method("getFile", file_id=file_id)
        except InvalidArgument as error:
            if "too big" in error.problem:
                raise payload_too_large(self._largest) from error
            raise
        if not file.get("file_path"):
            raise NotFound(BACKEND, "the file has no path")
        return str(file["file_path"])
