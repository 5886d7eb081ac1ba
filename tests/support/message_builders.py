"""Builders of what was said, and of vectors whose similarity is known."""

from __future__ import annotations

import math
import zlib

from repartee.domain.message import Side, StoredMessage

VECTOR_DIMENSIONS = 16


def make_stored_message(
    text: str = "hello",
    *,
    id: str = "",
    chat: str,
    room: str = "",
    side: Side = "user",
    sender: str = "ann",
    sent: float = 1.0,
    sender_name: str = "",
) -> StoredMessage:
    """A message of the chat, whose id is its text where nothing else is said."""
    return StoredMessage(
        id=f"{chat}#{id or text}",
        side=side,
        chat=chat,
        room=room or chat,
        sender=sender,
        text=text,
        sent=sent,
        sender_name=sender_name,
    )


def make_vector(topic: int, similarity: float = 1.0) -> list[float]:
    """A vector whose cosine with `about(topic)` is `similarity`, and with every other topic's about zero."""
    vector = [0.0] * VECTOR_DIMENSIONS
    vector[topic % (VECTOR_DIMENSIONS - 1)] = similarity
    vector[-1] = math.sqrt(1 - similarity**2)
    return vector


def topic_of(text: str) -> int:
    return zlib.crc32(text.encode()) % (VECTOR_DIMENSIONS - 1)
