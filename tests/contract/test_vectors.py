"""The contract of `ports.Vectors`."""

from __future__ import annotations

from typing import Any

from repartee.ports import VectorCache


def test_what_is_kept_is_read(vectors: VectorCache) -> None:
    """Vectors come back in their order as 32-bit numbers, and what is not there is left out."""
    vectors.write("a", [[0.5, -1.0], [0.25, 3.0]])
    vectors.write("b", [[1.0]])
    vectors.write("b", [[2.0], [4.0], [8.0]])

    found = vectors.read(["a", "b", "c"])

    assert {name: [list(one) for one in kept] for name, kept in found.items()} == {
        "a": [[0.5, -1.0], [0.25, 3.0]],
        "b": [[2.0], [4.0], [8.0]],
    }


def test_nothing_is_read_by_no_name(vectors: VectorCache) -> None:
    """Asking for nothing is no error."""
    assert not vectors.read([])


def test_what_is_read_is_kept_on(vectors: VectorCache, passing: Any) -> None:
    """Vectors in use outlast any time without a deployment."""
    vectors.write("a", [[0.5, -1.0]])

    for _ in range(12):
        passing.now += 45 * 24 * 3600
        assert "a" in vectors.read(["a"])


def test_what_nothing_reads_ends(dynamo_vectors: VectorCache, passing: Any) -> None:
    """In a table, vectors of texts that changed are not kept for ever."""
    dynamo_vectors.write("a", [[0.5, -1.0]])
    passing.now += 91 * 24 * 3600

    assert not dynamo_vectors.read(["a"])
