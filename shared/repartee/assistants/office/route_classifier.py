"""The classifier of routes: how likely each route is for a message, by what its examples taught.

It is a multinomial logistic regression whose probabilities are calibrated on held-out examples, and so are
its thresholds (`route_training.py`). Choosing needs the standard library alone.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence

import msgspec

from repartee.assistants.office.route_features import (
    CHARACTER_GROUP_SLOTS,
    HINT_WEIGHT,
    Hints,
    count_character_groups,
    find_hinted_routes,
)
from repartee.assistants.vector_features import dot_product, normalise_vector, softmax
from repartee.ports import Vector

CLASSIFIER_FORMAT_NUMBER = 1.0
"""Number of the way in which features and weights are kept. What is kept in another way is made anew."""

ROUTE_CLASSIFIER_TIMEOUT_SECONDS = 0.25
"""Seconds in which the kept classifier is read: no longer than the question takes to be embedded."""


class RouteClassifier(msgspec.Struct, frozen=True, kw_only=True):
    """The weights and thresholds that were learnt from the routes' examples.

    `weights` are, for each of `names` in order, a weight for each number of a vector, for each slot of
    characters, for each of `hinted`, and one that is always added. A message whose likeliest route is less
    likely than `min_probability` is of none; a route is likely from `likely_from` on, which nearly all of
    its held-out examples reached.
    """

    names: tuple[str, ...]
    hinted: tuple[str, ...]
    centre: Vector
    weights: tuple[Vector, ...]
    temperature: float
    min_probability: float
    likely_from: tuple[float, ...]

    def fits(self, vector: Vector) -> bool:
        """Returns whether the vector is of the model that this was learnt with, as far as its length
        tells."""
        return len(vector[: len(self.centre)]) == len(self.centre)

    def rate_routes(self, text: str, vector: Vector, hints: Hints) -> Mapping[str, float]:
        """Returns how likely each route is, between 0 and 1."""
        meaning = normalise_vector(vector[: len(self.centre)], self.centre)
        groups, found = count_character_groups(text), find_hinted_routes(text, hints)
        slots_at, hints_at = len(meaning), len(meaning) + CHARACTER_GROUP_SLOTS
        hinted_at = [hints_at + self.hinted.index(name) for name in found if name in self.hinted]
        scores = [
            (
                dot_product(meaning, own[:slots_at])
                + sum(own[slots_at + slot] * weight for slot, weight in groups.items())
                + HINT_WEIGHT * sum(own[at] for at in hinted_at)
                + own[-1]
            )
            / self.temperature
            for own in self.weights
        ]
        return dict(zip(self.names, softmax(scores), strict=True))

    def likely_routes(self, probabilities: Mapping[str, float]) -> frozenset[str]:
        """Returns the routes that a message may well be of."""
        from_on = dict(zip(self.names, self.likely_from, strict=True))
        return frozenset(name for name, value in probabilities.items() if value >= from_on[name])


def encode_classifier(classifier: RouteClassifier) -> Sequence[Vector]:
    """Returns the classifier as rows of numbers of one length, as `VectorCache` keeps them."""
    length = len(classifier.weights[0])
    told = (
        CLASSIFIER_FORMAT_NUMBER,
        float(len(classifier.centre)),
        classifier.temperature,
        classifier.min_probability,
        *classifier.likely_from,
    )
    rows = [array("f", [*told, *[0.0] * (length - len(told))])]
    rows.append(array("f", [*classifier.centre, *[0.0] * (length - len(classifier.centre))]))
    return [*rows, *classifier.weights]


def decode_classifier(
    rows: Sequence[Vector], names: Sequence[str], hinted: Sequence[str]
) -> RouteClassifier | None:
    """Returns the classifier that is kept in these rows. None if they are not of these routes, or were kept
    in another way."""
    if len(rows) != len(names) + 2 or rows[0][0] != CLASSIFIER_FORMAT_NUMBER:
        return None
    dimensions, likely_from = int(rows[0][1]), tuple(rows[0][4 : 4 + len(names)])
    if len(rows[0]) != dimensions + CHARACTER_GROUP_SLOTS + len(hinted) + 1:
        return None
    return RouteClassifier(
        names=tuple(names),
        hinted=tuple(hinted),
        centre=array("f", rows[1][:dimensions]),
        weights=tuple(array("f", row) for row in rows[2:]),
        temperature=rows[0][2],
        min_probability=rows[0][3],
        likely_from=likely_from,
    )
