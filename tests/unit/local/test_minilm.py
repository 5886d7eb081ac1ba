"""The embeddings are those of all-MiniLM-L6-v2."""

from __future__ import annotations

import pytest

from standins.openai import minilm

SENTENCE = "That is a happy person"


@pytest.mark.parametrize(
    "other, similarity",
    [("That is a happy dog", 0.695), ("That is a very happy person", 0.943), ("Today is a sunny day", 0.257)],
)
def test_similarity(other: str, similarity: float) -> None:
    """Two sentences are as similar as the published model says."""
    model = minilm.load_installed_model()

    assert float(model.embed(SENTENCE) @ model.embed(other)) == pytest.approx(similarity, abs=0.001)


def test_length() -> None:
    """A vector has 384 numbers and length 1, however long the text is."""
    vector = minilm.load_installed_model().embed("a long story " * 500)

    assert vector.shape == (384,)
    assert float(vector @ vector) == pytest.approx(1, abs=1e-5)
