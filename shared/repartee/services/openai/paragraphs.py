"""The messages of one response as one text: a model may comment before it answers.

Several message items ("Let me check.", then "It is Monday.") are paragraphs of one reply. Some models repeat
the first as the second, word for word: that is shown once. Both are known of OpenAI's models that mark their
messages with a `phase`. Empty lines before the first word, which follow a model's thoughts, are left out.
"""

from __future__ import annotations

BREAK = "\n\n"


class Paragraphs:
    """Joins the texts of message items as they are written. `continues`: they go on from another text, so
    that a line break at their beginning is one of the whole."""

    def __init__(self, continues: bool = False) -> None:
        self._continues = continues
        self._index: int | None = None
        self._ended = False
        self._before = ""
        self._pieces: list[str] = []
        self._held = False

    @property
    def empty(self) -> bool:
        """Whether nothing was written yet."""
        return not (self._before or self._pieces)

    def add(self, piece: str, index: int | None = None) -> str:
        """Returns what is to be shown of a piece, which belongs to the item at `index` of the output."""
        if self.empty and not self._continues:
            piece = piece.lstrip("\r\n") if piece.strip() else ""
        if self._pieces and (self._ended or (index != self._index and None not in (index, self._index))):
            shown = self._begin()
        else:
            shown = ""
        self._index = self._index if index is None else index
        self._ended = False
        if piece:
            self._pieces.append(piece)
        return shown + (self._compare() if self._held else piece)

    def end_item(self) -> None:
        """Notes that a message is complete: what comes then belongs to another."""
        self._ended = True

    def finish(self) -> str:
        """Returns what was held back and is to be shown after all."""
        written = "".join(self._pieces)
        repeated = not self._held or written.strip() in ("", self._before.strip())
        self._held = False
        return "" if repeated else BREAK + written.lstrip("\n")

    def _begin(self) -> str:
        shown = self.finish()
        self._before = "".join(self._pieces)
        self._pieces = []
        self._held = True
        return shown

    def _compare(self) -> str:
        """Holds the new message back for as long as it repeats the one before it."""
        written = "".join(self._pieces).lstrip("\n")
        if self._before.strip().startswith(written.strip()):
            return ""
        self._held = False
        return BREAK + written
