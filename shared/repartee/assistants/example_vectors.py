"""The vectors of examples that classifiers learn from, and the classifiers themselves, kept by content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress

from repartee.assistants.vector_features import MAX_COMPARED_DIMENSIONS
from repartee.errors import BackendError
from repartee.ports import Embedder, Vector, VectorCache


class ExampleVectors:
    """Vectors by name. `embedding_model` names what makes them. Where the store is down nothing is found, and
    nothing kept."""

    def __init__(self, embedder: Embedder, vectors: VectorCache, embedding_model: str) -> None:
        self._embedder, self._kept, self._model = embedder, vectors, embedding_model

    def make_key(self, *parts: str) -> str:
        """Returns the key under which the vectors of these are kept: other words or another model make
        others."""
        told = "\n".join((self._model, str(MAX_COMPARED_DIMENSIONS), *parts)).encode()
        return hashlib.blake2b(told, digest_size=16).hexdigest()

    def read(self, name: str) -> Sequence[Vector]:
        """Returns what is kept under this name, nothing if nothing is."""
        return self._read_all([name]).get(name, ())

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        """Keeps the vectors. Where the store is down, another process makes them again."""
        with suppress(BackendError):
            self._kept.write(name, vectors)

    def embed_groups(self, groups: Sequence[Sequence[str]]) -> list[Sequence[Vector]]:
        """Returns the vectors of each group of texts. Those that are not kept are made, and kept."""
        named = {self.make_key(*texts): texts for texts in groups}
        kept = self._read_all(list(named))
        new = {name: texts for name, texts in named.items() if name not in kept}
        vectors = {**kept, **self._embed_new(new)}
        return [vectors[self.make_key(*texts)] for texts in groups]

    def _embed_new(self, new: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[Vector]]:
        if not new:
            return {}
        made = iter(self._embedder.embed([text for texts in new.values() for text in texts]))
        vectors = {name: [next(made)[:MAX_COMPARED_DIMENSIONS] for _ in texts] for name, texts in new.items()}
        for name, some in vectors.items():
            self.write(name, some)
        return vectors

    def _read_all(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        try:
            return self._kept.read(names)
        except BackendError:
            return {}
