"""Reads a model's stream in few steps: waking up for a token costs more than what the token says.

A reply's text is shown a few times a second at most. Once a stream has begun to speak, its bytes gather in
the socket for a moment after each read that had to wait for them, so that the next brings several tokens.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

GATHER_SECONDS = 0.05
"""Seconds for which bytes gather, which nobody notices."""

MIN_WAIT_SECONDS = 0.001
"""Seconds from which a read has waited: a shorter one brought what was there already."""

DELTA_MARK = b".delta"
"""Stands in the name of every event that says something: nothing gathers until the first has come."""


def read_paced(chunks: Iterable[bytes], has_unread: Callable[[], bool]) -> Iterator[bytes]:
    """Yields the chunks: the first that says something as soon as it is there, later ones some at a time.
    `has_unread` says whether the socket holds bytes: then reading is behind, and goes on at once."""
    has_begun, began = False, time.monotonic()
    for chunk in chunks:
        has_waited = time.monotonic() - began >= MIN_WAIT_SECONDS
        yield chunk
        if has_begun and has_waited and not has_unread():
            time.sleep(GATHER_SECONDS)
        has_begun = has_begun or DELTA_MARK in chunk
        began = time.monotonic()


def has_unread_bytes(connection: Any) -> bool:
    """Returns whether the socket holds bytes that nobody has read. True where that cannot be known."""
    try:
        return bool(select.select([connection], [], [], 0)[0])
    except (OSError, ValueError, TypeError):  # it is closed, has too high a number, or is no socket
        return True
