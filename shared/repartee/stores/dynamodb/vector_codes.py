"""Vectors as short codes that are compared without numpy, which would be a third of the functions' layers.

Each vector is kept twice: as the signs of its numbers, one bit each, of which thousands are read and compared
in a moment; and as one byte a number, for the few whose signs are closest. The cosine of the bytes is that of
the vectors to about one in a hundred.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping
from operator import mul
from typing import Any

from repartee.ports import Vector

MAX_BYTE_NUMBER = 127

MAX_SIGN_CANDIDATES = 200
"""Vectors whose signs are closest and that are compared in full: twice as many as are ranked."""

if hasattr(math, "sumprod"):  # Python 3.12 and newer
    multiply: Any = math.sumprod
else:

    def multiply(first: Any, second: Any) -> Any:
        """Returns the product of two vectors."""
        return sum(map(mul, first, second))


def encode_vector(vector: Vector) -> bytes:
    """Returns the vector as one signed byte a number, by the largest of them."""
    largest = max(map(abs, vector), default=0.0) or 1.0
    factor = MAX_BYTE_NUMBER / largest
    return bytes(round(number * factor) & 0xFF for number in vector)


def encode_signs(vector: Vector) -> bytes:
    """Returns one bit a number: whether it is positive."""
    bits = "".join("1" if number > 0 else "0" for number in vector)
    return int(bits or "0", 2).to_bytes(-(-len(bits) // 8), "big")


def find_closest_signs(vector: Vector, signs: Mapping[str, bytes]) -> list[str]:
    """Returns the keys whose signs differ least from the vector's. Those of other lengths do not count."""
    asked = encode_signs(vector)
    number, length = int.from_bytes(asked, "big"), len(asked)
    distances = (
        ((int.from_bytes(one, "big") ^ number).bit_count(), key)
        for key, one in signs.items()
        if len(one) == length
    )
    return [key for _, key in heapq.nsmallest(MAX_SIGN_CANDIDATES, distances)]


def rank_vectors(
    vector: Vector, encoded: Iterable[tuple[str, bytes]], min_similarity: float
) -> dict[str, float]:
    """Returns the keys of vectors that are close, with their cosine, the closest first."""
    asked = [float(number) for number in vector]
    length = math.sqrt(multiply(asked, asked)) or 1.0
    found = {}
    for key, raw in encoded:
        numbers = memoryview(raw).cast("b").tolist()
        if len(numbers) != len(asked):
            continue
        own = math.sqrt(multiply(numbers, numbers)) or 1.0
        similarity = multiply(asked, [float(number) for number in numbers]) / (length * own)
        if similarity >= min_similarity:
            found[key] = similarity
    return dict(sorted(found.items(), key=lambda one: -one[1]))
