"""The weights of the classifier of reasons as they are kept."""

from __future__ import annotations

import math
from array import array

import pytest

from repartee.assistants.desk.packed_weights import (
    MIDDLE_NUMBER,
    PackedWeights,
    encode_packed,
    pack_weights,
    take_packed,
)


@pytest.mark.parametrize("weights", [[0.5, -1.25, 0.0], [3.0, -3.0], [1e-6], [0.0, 0.0], []])
def test_weights_are_what_they_were(weights: list[float]) -> None:
    """As exactly as a 16,000th of the largest, also after they were kept; what comes behind them is left."""
    kept = iter([*encode_packed(pack_weights(weights)), 7.0])
    taken = take_packed(kept)

    largest = max(map(abs, weights), default=0.0)
    assert taken == pack_weights(weights)
    assert [taken[at] for at in range(len(weights))] == pytest.approx(weights, abs=largest / MIDDLE_NUMBER)
    assert list(kept) == [7.0]


def test_inputs_are_weighed() -> None:
    """As the sum of each times its weight."""
    inputs, weights = array("f", [0.25, -2.0, 1.0]), [0.5, -1.25, 0.1]

    weighed = pack_weights(weights).weigh(inputs, sum(inputs))
    assert weighed == pytest.approx(0.25 * 0.5 + 2.0 * 1.25 + 0.1, abs=1e-3)


def test_each_kept_number_is_a_number() -> None:
    """A store hands each on as a number: none is infinite or undefined, whatever the weights are."""
    highest = 2 * MIDDLE_NUMBER
    numbers = array("H", [low for one in range(0, highest + 1, 125) for low in (one, highest, one, 0)])

    row = encode_packed(PackedWeights(numbers, 0.5))
    assert all(map(math.isfinite, row))
    assert take_packed(iter([float(number) for number in row])).numbers == numbers
