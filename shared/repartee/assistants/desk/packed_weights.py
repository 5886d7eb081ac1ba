"""Weights of the classifier of reasons in fifteen bits each, two in a number of `VectorCache`, so that a wide
network fits in an item. Needs nothing but the standard library: a turn reads them as they are kept."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from repartee.assistants.vector_features import dot_product
from repartee.ports import Vector

MIDDLE_NUMBER = 16_000
"""Number that stands for the weight zero. Numbers are 0 to 32,000: two of them, one behind the other, are the
bits of a finite number of `VectorCache`, which is why none is negative or larger."""


class PackedWeights(msgspec.Struct, frozen=True):
    """Weights as whole numbers, and what one of them counts."""

    numbers: array[int]
    step: float

    def __getitem__(self, at: int) -> float:
        return (self.numbers[at] - MIDDLE_NUMBER) * self.step

    def weigh(self, inputs: Vector, total: float) -> float:
        """Returns the sum of the inputs times their weights. `total` is the sum of the inputs alone, which is
        the same for all rows."""
        return self.step * (dot_product(inputs, self.numbers) - MIDDLE_NUMBER * total)


def pack_weights(weights: Sequence[float]) -> PackedWeights:
    """Returns the weights, each rounded to one of 32,001 steps between the largest and its opposite."""
    largest = max(map(abs, weights), default=0.0) or 1.0
    (step,) = array("f", [largest / MIDDLE_NUMBER])
    highest = 2 * MIDDLE_NUMBER
    numbers = (round(weight / step) + MIDDLE_NUMBER for weight in weights)
    return PackedWeights(array("H", [min(max(one, 0), highest) for one in numbers]), step)


def encode_packed(packed: PackedWeights) -> Vector:
    """Returns the weights as numbers of `VectorCache`, that say how many they are."""
    kept = array("H", [*packed.numbers, *[MIDDLE_NUMBER] * (len(packed.numbers) % 2)])
    numbers = array("f", [float(len(packed.numbers)), packed.step])
    numbers.frombytes(kept.tobytes())
    return numbers


def take_packed(kept: Iterator[float]) -> PackedWeights:
    """Takes weights off the beginning of what is kept, and returns them."""
    count, step = int(next(kept)), next(kept)
    numbers = array("H", array("f", islice(kept, (count + 1) // 2)).tobytes())
    return PackedWeights(numbers[:count], step)
