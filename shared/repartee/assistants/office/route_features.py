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
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import mul

from repartee.ports import Vector

MAX_COMPARED_DIMENSIONS = 512
"""Numbers of a vector that are compared. Models that give more are trained so that their first numbers say
most (https://developers.openai.com/api/docs/guides/embeddings), and kinds of messages are far apart."""

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


def normalise_vector(vector: Vector, centre: Vector | None = None) -> Vector:
    """Returns the compared part of the vector, less the centre of all examples where that is given, with
    length one."""
    compared = vector[:MAX_COMPARED_DIMENSIONS]
    if centre is not None:
        compared = [number - middle for number, middle in zip(compared, centre, strict=True)]
    length = math.sqrt(dot_product(compared, compared))
    return array("f", [number / length for number in compared] if length else compared)


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


def _dot_product(first: Vector, second: Vector) -> float:
    return float(sum(map(mul, first, second)))


dot_product: Callable[[Vector, Vector], float] = getattr(math, "sumprod", _dot_product)
"""Python has a quick one from 3.12 on."""
