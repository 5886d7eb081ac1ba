"""The attachments of a message, and what is needed to fetch each later: its id, which is good for seven
days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from repartee.channels.whatsapp.payloads import WhatsAppMedia, WhatsAppMessage
from repartee.domain.message import Attachment

AttachmentKind = Literal["image", "audio", "file"]


def parse_attachments(message: WhatsAppMessage, phone_number_id: str) -> Iterator[Attachment]:
    """The picture, the recording, the document, the sticker unless it moves. Films are not looked at."""
    if message.image:
        yield _build_attachment("image", message.image, phone_number_id)
    if message.sticker and not message.sticker.animated:
        yield _build_attachment("image", message.sticker, phone_number_id)
    if message.audio:
        yield _build_attachment("audio", message.audio, phone_number_id)
    if message.document:
        yield _build_attachment(
            _attachment_kind(_content_type(message.document)), message.document, phone_number_id
        )


def _build_attachment(kind: AttachmentKind, media: WhatsAppMedia, phone_number_id: str) -> Attachment:
    return Attachment(
        kind=kind,
        id=media.id,
        name=media.filename or "",
        mime=_content_type(media),
        download_ref={"media": media.id, "number": phone_number_id},
    )


def _content_type(media: WhatsAppMedia) -> str:
    """The type without its parameters: `audio/ogg; codecs=opus` is `audio/ogg`."""
    return (media.mime_type or "").partition(";")[0].strip()


def _attachment_kind(content_type: str) -> AttachmentKind:
    if content_type.startswith("image/"):
        return "image"
    return "audio" if content_type.startswith("audio/") else "file"
