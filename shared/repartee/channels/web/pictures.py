"""Images that go with a reply, as events: in pieces, for an event has an end."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

import msgspec

from repartee.conversation.reply import Picture

PIECE = 45_000
"""Characters of an image in one event, which has at most 50,000."""

ALT = 1000
"""Characters of what is said about an image."""


class Piece(msgspec.Struct):
    """A piece of an image: `data` is base64, to be put together in the order of `part`, from 1 to `parts`.

    `id` is the image's own: whoever has it whole already need not read it again.
    """

    id: str
    name: str
    type: str
    alt: str
    part: int
    parts: int
    data: str


def pieces(turn: str, picture: Picture) -> Iterator[str]:
    """The image as events' texts."""
    data = base64.b64encode(picture.content).decode()
    id = hashlib.sha256(turn.encode() + b"\0" + picture.content).hexdigest()[:16]
    parts = range(0, len(data), PIECE)
    for part, start in enumerate(parts, 1):
        piece = Piece(
            id,
            picture.name[:255],
            picture.type,
            picture.alt[:ALT],
            part,
            len(parts),
            data[start : start + PIECE],
        )
        yield msgspec.json.encode(piece).decode()
