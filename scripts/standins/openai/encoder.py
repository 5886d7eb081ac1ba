"""The layers of a BERT encoder in numpy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def attend(query: Array, key: Array, value: Array, heads: int) -> Array:
    """Returns what each token takes from all others, by heads: softmax(QKᵀ/√d)·V."""
    width = len(query)
    query, key, value = (part.reshape(width, heads, -1).swapaxes(0, 1) for part in (query, key, value))
    scores = query @ key.swapaxes(1, 2) / np.float32(math.sqrt(query.shape[-1]))
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = scores / scores.sum(axis=-1, keepdims=True) @ value
    joined: Array = mixed.swapaxes(0, 1).reshape(width, -1)
    return joined


def normalise_layer(states: Array, weight: Array, bias: Array, epsilon: float = 1e-12) -> Array:
    """Returns the states with mean 0 and variance 1 in each token, scaled and shifted."""
    centred = states - states.mean(axis=-1, keepdims=True)
    scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(epsilon))
    normed: Array = centred / scale * weight + bias
    return normed


def gelu(x: Array) -> Array:
    """GELU: x · Φ(x), by Abramowitz and Stegun 7.1.26, as numpy has no error function: exact to 1.5e-7."""
    z = np.abs(x) * np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    wide: Array = x * (1 + np.sign(x) * (1 - series * np.exp(-z * z))) / 2
    return wide


def pool_tokens(states: Array) -> Array:
    """Returns the mean of the tokens, of length 1."""
    mean: Array = states.mean(axis=0)
    return mean / np.linalg.norm(mean)
