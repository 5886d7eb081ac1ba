"""What a stream says besides its text: what goes on meanwhile, as cards that Slack draws.

https://docs.slack.dev/reference/methods/chat.appendStream#chunks. A stream is either text alone or chunks, by
what it begins with (`streaming_mode_mismatch`), so all of ours are chunks.
"""

from __future__ import annotations

import itertools
from typing import Any

TITLE = 256
"""Characters of a card's title."""

Chunk = dict[str, Any]


def text_chunks(text: str) -> list[Chunk]:
    """A text as chunks: none if there is none."""
    return [{"type": "markdown_text", "text": text}] if text else []


class Cards:
    """The cards of one stream. What they announce is over when the text goes on."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._open: dict[str, str] = {}

    def begun(self, title: str) -> list[Chunk]:
        """A card more."""
        id = f"step-{next(self._numbers)}"
        self._open[id] = title[:TITLE]
        return [_card(id, title[:TITLE], "in_progress")]

    def over(self) -> list[Chunk]:
        """All that is in progress is complete."""
        return [_card(id, title, "complete") for id, title in self._open.items()]

    def seen(self) -> None:
        """Slack has taken that."""
        self._open.clear()


def _card(id: str, title: str, status: str) -> Chunk:
    return {"type": "task_update", "id": id, "title": title, "status": status}
