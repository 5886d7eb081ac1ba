"""Collects what is read of one document, up to limits of characters, pictures and time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

MAX_CHARACTERS = 40_000
"""Characters of a posted document's text: about 10,000 tokens."""

MAX_READ_SECONDS = 6.0
"""Seconds after which no further page, row or paragraph is begun."""

MAX_PICTURES, MAX_PICTURES_BYTES = 8, 6 * 2**20
"""Pages that are handed on as pictures, and their bytes together."""

CHECKPOINT_SHARE = 0.1
"""The share of the characters after which what was read is handed on, so that it is not lost if the next page
ends the process."""

INVISIBLE_CHARS_PATTERN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that no text needs, among them the marks that make text look other than it reads."""

GAPS = re.compile(r"[ \t]+\n|\n{3,}")


@dataclass(frozen=True)
class Extracted:
    """The content that was read: Markdown `text`, what the document has (`parts`), whether there is more
    (`cut`), and pages without text as JPEG `pictures`."""

    text: str
    parts: str
    cut: bool
    pictures: tuple[bytes, ...] = ()


class Extract:
    """A document's text as it is found. Each reader asks `enough` before it takes more. `nested` counts the
    documents around the one that is read now."""

    def __init__(
        self,
        seconds: float = MAX_READ_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        on_checkpoint: Callable[[Extracted], None] = lambda extracted: None,
        max_characters: int = MAX_CHARACTERS,
    ) -> None:
        self.parts, self.nested = "", 0
        self._pieces: list[str] = []
        self._cut, self._room = False, max_characters
        self._checkpoint_characters = int(CHECKPOINT_SHARE * max_characters)
        self._clock, self._until = clock, clock() + seconds
        self._on_checkpoint, self._since_checkpoint = on_checkpoint, 0
        self._pictures: list[bytes] = []

    def add(self, text: str) -> None:
        """Takes the text, as far as there is room."""
        piece = text[: self._room]
        self._pieces.append(piece)
        self._cut = self._cut or len(text) > self._room
        self._room -= len(piece)
        self._since_checkpoint += len(piece)
        if self._since_checkpoint >= self._checkpoint_characters:
            self.checkpoint()

    def add_picture(self, picture: bytes) -> bool:
        """Takes a page as a JPEG. Returns whether there was room for it."""
        taken = sum(map(len, self._pictures)) + len(picture)
        if len(self._pictures) >= MAX_PICTURES or taken > MAX_PICTURES_BYTES:
            return False
        self._pictures.append(picture)
        return True

    def enough(self) -> bool:
        """Tells whether no more is taken. Asked only by a reader that has more."""
        over = self._room <= 0 or self.late()
        self._cut = self._cut or over
        return over

    def late(self) -> bool:
        """Tells whether the time is over."""
        return self._clock() >= self._until

    def cut_off(self) -> None:
        """Notes that there is more than was taken."""
        self._cut = True

    def checkpoint(self) -> None:
        """Hands on what was read so far. Called before what may take the process down."""
        self._since_checkpoint = 0
        self._on_checkpoint(self.extracted())

    def extracted(self) -> Extracted:
        """Returns what was found, without characters that show nothing."""
        text = "".join(self._pieces).replace("\r\n", "\n").replace("\r", "\n")
        text = INVISIBLE_CHARS_PATTERN.sub("", text).encode("utf-8", "ignore").decode()
        text = GAPS.sub(_gap, text).strip()
        return Extracted(text, self.parts, self._cut, tuple(self._pictures))


class Kind(NamedTuple):
    """A kind of document: its name in messages to people, and the function that reads it."""

    name: str
    read: Callable[[bytes, Extract], None]


KindOf = Callable[[bytes, str], Kind]
"""Finds the kind of a file from its bytes and its name. Raises `InvalidPayload` for one that is not read."""


def count_of(number: int, noun: str) -> str:
    """Returns `1 page`, `2 pages`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _gap(found: re.Match[str]) -> str:
    return "\n\n" if found[0].startswith("\n") else "\n"
