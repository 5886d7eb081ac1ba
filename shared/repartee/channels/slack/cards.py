"""The chunks of a stream besides its text: what goes on meanwhile, as cards that Slack draws.

https://docs.slack.dev/reference/methods/chat.appendStream#chunks. A stream is either text alone or chunks, by
what it begins with (`streaming_mode_mismatch`), so all of ours are chunks.
"""

from __future__ import annotations

import itertools
from typing import Any

MAX_CARD_TITLE_CHARS = 256
"""Characters of a card's title."""

StreamChunk = dict[str, Any]


def text_chunks(text: str) -> list[StreamChunk]:
    """A text as chunks: none if there is none."""
    return [{"type": "markdown_text", "text": text}] if text else []


class TaskCards:
    """The cards of one stream. What they announce is over when the text goes on."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._open: dict[str, str] = {}

    def begin_card(self, title: str) -> list[StreamChunk]:
        """A card more."""
        id = f"step-{next(self._numbers)}"
        self._open[id] = title[:MAX_CARD_TITLE_CHARS]
        return [_task_update_chunk(id, title[:MAX_CARD_TITLE_CHARS], "in_progress")]

    def completed_cards(self) -> list[StreamChunk]:
        """All that is in progress is complete."""
        return [_task_update_chunk(id, title, "complete") for id, title in self._open.items()]

    def mark_delivered(self) -> None:
        """Slack has taken that."""
        self._open.clear()


def _task_update_chunk(id: str, title: str, status: str) -> StreamChunk:
    return {"type": "task_update", "id": id, "title": title, "status": status}
