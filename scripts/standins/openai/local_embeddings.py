"""The embedding model of the local stack, which a package ships and which is read in numpy.

`LOCAL_EMBEDDING_MODEL` is the only place that names it. Vectors of different models cannot be compared,
though they may be of one length: files of this machine keep the name (`local/vector_rebuild.py`).
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


LOCAL_EMBEDDING_MODEL = "multilingual-e5-small"


def load_local_model() -> LocalEmbeddingModel:
    """Returns the installed model. Raises `RuntimeError` where its package is missing."""
    from standins.openai import e5

    return e5.load_installed_model()
