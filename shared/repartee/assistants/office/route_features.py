"""Features of a message: the numbers that the classifier of routes is given for one message.

They are the message's vector, beside it the groups of characters that the text is made of (hashed, so that
no list of words is kept; names and products that a model of meanings blurs are told apart by them), and a
weak number for each route whose hints the text holds. Needs nothing but the standard library: a turn computes
them.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

CHARACTER_GROUP_SLOTS = 2048
"""Numbers that the groups of characters are hashed to."""

CHARACTER_GROUP_LENGTHS = (2, 3, 4)

CHARACTER_GROUP_WEIGHT = 0.7
"""Length of the groups' part beside the vector, whose length is one."""

HINT_WEIGHT = 0.3
"""Weight of a hint beside them."""

MAX_FEATURE_TEXT_CHARS = 400
"""Characters of a message whose groups are counted: what kind it is stands at its beginning."""

Hints = Mapping[str, re.Pattern[str]]
"""Patterns that find each route's hints, by the route's name."""


def count_character_groups(text: str) -> dict[int, float]:
    """Returns the weights of the slots that the text's groups of characters and words fall into."""
    groups = Counter(zlib.crc32(group.encode()) % CHARACTER_GROUP_SLOTS for group in _character_groups(text))
    length = math.sqrt(sum(groups.values()))
    return {slot: CHARACTER_GROUP_WEIGHT * math.sqrt(count) / length for slot, count in groups.items()}


def find_hinted_routes(text: str, hints: Hints) -> Sequence[str]:
    """Returns the names of the routes of which the text holds a hint."""
    return [name for name, pattern in hints.items() if pattern.search(text)]


def compile_hints(hints: Sequence[str]) -> re.Pattern[str]:
    """Returns what finds a word that begins with one of these."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, hints))})", re.IGNORECASE)


def _character_groups(text: str) -> Iterator[str]:
    """Yields each group once."""
    words = re.sub(r"\d", "0", text[:MAX_FEATURE_TEXT_CHARS].lower()).split()
    padded = f" {' '.join(words)} "
    yield from set(words) | {
        padded[at : at + length]
        for length in CHARACTER_GROUP_LENGTHS
        for at in range(len(padded) - length + 1)
    }
