"""Vectors as SQLite keeps them, and their comparison in numpy (which is imported on first use)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from repartee.ports import Vector


def normalised_bytes(vector: Vector) -> bytes:
    """Returns the vector with length one, as 32-bit floats: so that a product of two is their cosine."""
    import numpy

    values = numpy.asarray(vector, "<f4")
    length = float(numpy.linalg.norm(values))
    return (values / length if length else values).tobytes()


def find_closest(
    query: bytes, rows: Sequence[tuple[Any, bytes]], min_similarity: float, limit: int
) -> dict[Any, float]:
    """Of rows of a key and a vector those that are close, with their similarity, the closest first.

    The product is not left to BLAS, which would wake a thread a core for a fifth of a millisecond's work.
    """
    if not rows:
        return {}
    import numpy

    kept = numpy.frombuffer(b"".join(row[1] for row in rows), "<f4").reshape(len(rows), -1)
    scores = numpy.einsum("ij,j->i", kept, numpy.frombuffer(query, "<f4"))
    best = numpy.argsort(-scores, kind="stable")[:limit]
    return {rows[i][0]: float(scores[i]) for i in best if scores[i] >= min_similarity}
