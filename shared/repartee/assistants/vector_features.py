"""A text's vector as the classifiers of messages compare it. Needs nothing but the standard library: a turn
computes it."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from operator import mul

from repartee.ports import Vector

MAX_COMPARED_DIMENSIONS = 512
"""Numbers of a vector that are compared. Models that give more are trained so that their first numbers say
most (https://developers.openai.com/api/docs/guides/embeddings), and kinds of messages are far apart."""


def normalise_vector(vector: Vector, centre: Vector | None = None) -> Vector:
    """Returns the compared part of the vector, less the centre of all examples where that is given, with
    length one."""
    compared = vector[:MAX_COMPARED_DIMENSIONS]
    if centre is not None:
        compared = [number - middle for number, middle in zip(compared, centre, strict=True)]
    length = math.sqrt(dot_product(compared, compared))
    return array("f", [number / length for number in compared] if length else compared)


def _dot_product(first: Vector, second: Vector) -> float:
    return float(sum(map(mul, first, second)))


dot_product: Callable[[Vector, Vector], float] = getattr(math, "sumprod", _dot_product)
"""Python has a quick one from 3.12 on."""


def softmax(scores: list[float]) -> list[float]:
    """Returns the probabilities that the scores stand for."""
    top = max(scores)
    shares = [math.exp(score - top) for score in scores]
    total = sum(shares)
    return [share / total for share in shares]
