"""The contract of `ports.Vectors`."""

from __future__ import annotations

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
