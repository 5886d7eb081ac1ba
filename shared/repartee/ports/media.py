"""Protocols for attachments: download, storage, transcription and text extraction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from repartee.domain.message import Attachment, Message


class StoredMedia(msgspec.Struct, frozen=True, kw_only=True, rename={"content_type": "type"}):
    """An image or file as it is kept. `type` is what its bytes say that it is, `size` is in bytes."""

    key: str
    content_type: str
    size: int


class MediaStore(Protocol):
    """Images and files that people sent, by the hash of their content. Nothing of it is public."""

    def put(self, workspace: str, content: bytes) -> StoredMedia:
        """Keeps the content, once. Raises `PayloadTooLarge` past the limit, and `InvalidPayload` for what is
        neither an image nor a document that we know."""

    def presign_url(self, media: StoredMedia) -> str:
        """Returns a link by which the model may read it for some minutes."""

    def read(self, media: StoredMedia) -> bytes:
        """Returns the content. Raises `NotFound` when it is not there any more."""

    def delete(self, keys: Iterable[str]) -> int:
        """Deletes these files. Those that are not there are no error."""

    def delete_all(self, workspace: str) -> int:
        """Deletes all that was kept for the workspace, and says how many it were."""


class EarlierImage(
    msgspec.Struct, frozen=True, kw_only=True, rename={"message_id": "message", "media": "medium"}
):
    """A picture that was shown in a room: where it is kept, and which message of which chat brought it.
    `id` is unique in the room, `sent` is in seconds since the epoch."""

    id: str
    message_id: str
    chat: str
    name: str
    sent: float
    media: StoredMedia


class EarlierImageStore(Protocol):
    """Which pictures were shown in rooms of late, for thirty days. All reads are consistent."""

    def put(self, room: str, images: Sequence[EarlierImage]) -> None:
        """Notes the pictures. Repeating it changes nothing."""

    def list_newest(self, room: str, limit: int) -> Sequence[EarlierImage]:
        """Returns the pictures that were shown last, newest first."""

    def remove(self, room: str, images: Sequence[EarlierImage]) -> None:
        """Takes pictures out. Those that are not there are no error."""


class AttachmentDownloader(Protocol):
    """Downloads attachments from the platforms on which they were sent."""

    def fetch(self, message: Message, attachment: Attachment) -> bytes:
        """Returns the content. Raises `InvalidPayload` for a type that nobody reads, `PayloadTooLarge` past
        what the platform or we hand on, `NotFound` when it is gone or kept elsewhere, `PermissionDenied` when
        we may not read it."""


class Transcriber(Protocol):
    """Writes down what is said in recordings."""

    def transcribe(self, audio: bytes, language: str = "") -> str:
        """Returns the spoken text, empty if there is none. `language` (ISO 639-1) helps where it is known.
        Raises `PayloadTooLarge` past the service's limit, and `InvalidPayload` for what is no recording that
        it knows. What it takes is counted (`domain/usage.py`)."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a document. `kind` is what it is ("PDF"), `parts` what it has ("12 pages"), where
    that can be told, and `cut` says that the text is only its beginning. `pictures` are pages that have no
    text, as JPEG."""

    kind: str
    text: str
    extent: str = ""
    truncated: bool = False
    pictures: tuple[bytes, ...] = ()


class DocumentParser(Protocol):
    """Reads documents that nobody vouches for, within bounds."""

    def parse(self, content: bytes, name: str = "") -> Document:
        """Returns the document's text, within bounded memory and time. Raises `InvalidPayload` for what
        cannot be read and `PayloadTooLarge` for what unpacks to too much: what is wrong, and what the sender
        can do."""
