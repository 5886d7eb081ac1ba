"""The embedding model of the local stack: one of two that packages ship, each read in numpy.

`LOCAL_EMBEDDING_MODEL` is the only place that names it. Vectors of different models cannot be compared,
though they are of one length: what was stored with the other is to be begun anew (docs/stores.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class LocalEmbeddingModel(Protocol):
    """A sentence encoder of 384 numbers."""

    def embed(self, text: str) -> Any:
        """Returns the text's vector, of length 1, as 32-bit floats."""

    def embed_all(self, texts: Sequence[str]) -> Sequence[Any]:
        """Returns the vectors of several texts."""

    def tokenize(self, text: str) -> int:
        """Returns how many tokens the text has."""


E5_NAME, MINILM_NAME = "multilingual-e5-small", "all-minilm-l6-v2"

LOCAL_EMBEDDING_MODEL = MINILM_NAME
"""The default, for which the routes' thresholds are calibrated. docs/relevance.md compares the two."""


def load_local_model(name: str = LOCAL_EMBEDDING_MODEL) -> LocalEmbeddingModel:
    """Returns the installed model of that name. Raises `RuntimeError` where its package is missing."""
    from standins.openai import e5, minilm

    return e5.load_installed_model() if name == E5_NAME else minilm.load_installed_model()
