"""The frames that pass between a process and its child that reads a document.

Loads none of the readers: the process that asks never reads a document itself.
"""

from __future__ import annotations

import msgspec

LENGTH_BYTES = 4
"""Bytes that say how long a frame is."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A document to be read, and the limits of reading it."""

    name: str
    seconds: float
    memory_bytes: int
    max_characters: int


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The text that was read by now, or why nothing is. `whole` says that nothing more comes."""

    kind: str = ""
    text: str = ""
    parts: str = ""
    cut: bool = False
    pictures: tuple[bytes, ...] = ()
    refusal: str = ""
    too_large: bool = False
    whole: bool = False


def answers(written: bytes) -> Answer | None:
    """Returns the last frame that was written whole; None if there is none."""
    last, at = None, 0
    while at + LENGTH_BYTES <= len(written):
        begin = at + LENGTH_BYTES
        at = begin + int.from_bytes(written[at:begin], "big")
        if at <= len(written):
            last = written[begin:at]
    return msgspec.msgpack.decode(last, type=Answer) if last is not None else None


def frame(encoded: bytes) -> bytes:
    """Returns the bytes with their length before them."""
    return len(encoded).to_bytes(LENGTH_BYTES, "big") + encoded
