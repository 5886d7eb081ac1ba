"""Images that go with a reply, as events: in pieces, for an event has an end."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

import msgspec

from repartee.channels.web.payloads import WebImageChunk
from repartee.domain.reply import Image

MAX_CHUNK_CHARS = 45_000
"""Characters of an image in one event, which has at most 50,000."""

MAX_ALT_TEXT_CHARS = 1000
"""Characters of what is said about an image."""


def image_chunks(turn: str, image: Image) -> Iterator[str]:
    """The image as events' texts."""
    data = base64.b64encode(image.content).decode()
    id = hashlib.sha256(turn.encode() + b"\0" + image.content).hexdigest()[:16]
    parts = range(0, len(data), MAX_CHUNK_CHARS)
    for part, start in enumerate(parts, 1):
        piece = WebImageChunk(
            id,
            image.name[:255],
            image.content_type,
            image.alt_text[:MAX_ALT_TEXT_CHARS],
            part,
            len(parts),
            data[start : start + MAX_CHUNK_CHARS],
        )
        yield msgspec.json.encode(piece).decode()
