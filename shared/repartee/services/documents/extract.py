"""What has been read of a document so far, and whether that is enough."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from repartee.plan import deadline
from repartee.ports import Document

MAX_DOCUMENT_CHARS = 40_000
"""Of a document's text: some 10,000 tokens."""

LONGEST = 6.0
"""Seconds after which no further page, row or piece is begun."""

MARGIN = 0.5
"""Seconds before the caller's own deadline at which what was read by then is handed over."""

INVISIBLE_CHARS_PATTERN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What no text needs, among it the marks that make text look other than it reads."""

GAPS = re.compile(r"[ \t]+\n|\n{3,}")


class Extract:
    """A document's text as it is found, up to a limit. Each reader asks `enough` before it takes more."""

    def __init__(
        self, kind: str, most: int = MAX_DOCUMENT_CHARS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.kind, self.parts = kind, ""
        self._pieces: list[str] = []
        self._cut, self._room = False, most
        self._clock, self._until = clock, clock() + _seconds()

    def add(self, text: str) -> None:
        """Takes the text, as far as there is room."""
        self._pieces.append(text[: self._room])
        self._cut = self._cut or len(text) > self._room
        self._room -= len(self._pieces[-1])

    def enough(self) -> bool:
        """Whether no more is taken, asked by somebody who has more."""
        over = self._room <= 0 or self._clock() >= self._until
        self._cut = self._cut or over
        return over

    def cut_off(self) -> None:
        """Notes that there is more than was taken."""
        self._cut = True

    def document(self) -> Document:
        """What was found, without characters that show nothing."""
        text = "".join(self._pieces).replace("\r\n", "\n").replace("\r", "\n")
        text = INVISIBLE_CHARS_PATTERN.sub("", text).encode("utf-8", "ignore").decode()
        return Document(
            kind=self.kind, text=GAPS.sub(_gap, text).strip(), extent=self.parts, truncated=self._cut
        )


def _gap(found: re.Match[str]) -> str:
    return "\n\n" if found[0].startswith("\n") else "\n"


def _seconds() -> float:
    left = deadline.remaining()
    return LONGEST if left is None else max(0.0, min(LONGEST, left - MARGIN))
