"""Vectors as SQLite keeps them, and their comparison in numpy (which is imported on first use)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from repartee.ports import Vector

COMPARED_ROWS = 1_000
"""Vectors that are compared at once."""


def normalised_bytes(vector: Vector) -> bytes:
    """Returns the vector with length one, as 32-bit floats: so that a product of two is their cosine."""
    import numpy

    values = numpy.asarray(vector, "<f4")
    length = float(numpy.linalg.norm(values))
    return (values / length if length else values).tobytes()


def find_closest(
    query: bytes, rows: Iterable[tuple[Any, bytes]], min_similarity: float, limit: int
) -> dict[Any, float]:
    """Of rows of a key and a vector those that are close, with their similarity, the closest first.

    They are compared a thousand at a time, so that a room of any length takes the same memory. The product is
    not left to BLAS, which would wake a thread a core for a fifth of a millisecond's work.
    """
    import numpy

    keys: list[Any] = []
    scores: list[float] = []
    asked = numpy.frombuffer(query, "<f4")
    left = iter(rows)
    while some := list(islice(left, COMPARED_ROWS)):
        kept = numpy.frombuffer(b"".join(row[1] for row in some), "<f4").reshape(len(some), -1)
        keys += (row[0] for row in some)
        scores += numpy.einsum("ij,j->i", kept, asked).tolist()
    best = numpy.argsort(-numpy.asarray(scores), kind="stable")[:limit] if keys else ()
    return {keys[i]: scores[i] for i in best if scores[i] >= min_similarity}
