"""Trains the classifier of routes: multinomial logistic regression, in numpy.

It is done when the routes or the embedding model change: by `scripts/routes`, at a deployment, or beside the
start of a process that has numpy. No turn imports this.

A part of the examples at a time is held out (`HELD_OUT_PARTS`, so that translations of one example are held
out together, as far as they stand at the same place). On what is held out the strength of the
regularisation, the temperature of the probabilities and both thresholds are chosen.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repartee.assistants.office.route_classifier import RouteClassifier
from repartee.assistants.office.route_features import (
    CHARACTER_GROUP_SLOTS,
    HINT_WEIGHT,
    Hints,
    count_character_groups,
    find_hinted_routes,
)
from repartee.assistants.vector_features import MAX_COMPARED_DIMENSIONS
from repartee.ports import Vector

Array = NDArray[np.floating[Any]]

HELD_OUT_PARTS = 5
TRAINING_STEPS = 200
LEAST_REGULARISATION, MOST_REGULARISATION = 1 / 64, 1 / 4
"""Between which the strength is chosen, for a set of examples: scikit-learn's 1/C."""

TEMPERATURES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0)

MAX_LOST_IN_SCOPE_SHARE = 0.02
"""Share of held-out examples that may go to the route for all else so that what is of no route goes there."""

MAX_MISSED_LIKELY_SHARE = 0.01
"""Share of a route's held-out examples for which it may not count as likely."""


class RouteExample(NamedTuple):
    """An example: its route, its place among its language's examples of the route, its text and vector."""

    route: str
    place: int
    text: str
    vector: Vector


class HeldOut(NamedTuple):
    """Scores of all examples, each by weights that were learnt without it."""

    scores: Array
    labels: NDArray[np.intp]

    def probabilities(self, temperature: float) -> Array:
        return _softmax(self.scores / temperature)

    def log_loss(self, temperature: float) -> float:
        own = self.probabilities(temperature)[np.arange(len(self.labels)), self.labels]
        return float(-np.log(np.maximum(own, 1e-12)).mean())


def train_classifier(examples: Sequence[RouteExample], names: Sequence[str], hints: Hints) -> RouteClassifier:
    """Returns the classifier. `names` are the routes in order, those without examples too: they are never
    chosen by it."""
    taught = [name for name in names if any(example.route == name for example in examples)]
    labels = np.array([taught.index(example.route) for example in examples], dtype=np.intp)
    vectors = np.array([example.vector[:MAX_COMPARED_DIMENSIONS] for example in examples], dtype=np.float32)
    centre = vectors.mean(axis=0)
    features = np.hstack((_normalise(vectors - centre), _text_features(examples, hints)))
    parts = np.array([example.place % HELD_OUT_PARTS for example in examples])
    regularisation, held_out = _choose_regularisation(features, labels, parts, len(taught))
    temperature = min(TEMPERATURES, key=held_out.log_loss)
    probabilities = held_out.probabilities(temperature)
    weights = fit_weights(features, labels, len(taught), regularisation)
    known = dict(zip(taught, weights.T, strict=True))
    likely = dict(zip(taught, _likely_thresholds(probabilities, labels), strict=True))
    never = np.zeros(len(weights), dtype=np.float32)
    never[-1] = -1e6
    return RouteClassifier(
        names=tuple(names),
        hinted=tuple(hints),
        centre=array("f", centre.tolist()),
        weights=tuple(array("f", known.get(name, never).tolist()) for name in names),
        temperature=temperature,
        min_probability=_choose_min_probability(probabilities, labels),
        likely_from=tuple(likely.get(name, 1.0) for name in names),
    )


def fit_weights(features: Array, labels: NDArray[np.intp], class_count: int, regularisation: float) -> Array:
    """Returns the weights (a column a class, the last row is added always) that are least wrong on these
    examples: Nesterov's accelerated gradient, each class weighing alike."""
    count = len(features)
    rows = np.hstack((features, np.ones((count, 1), dtype=np.float32))).astype(np.float32)
    wanted = np.eye(class_count, dtype=np.float32)[labels]
    share = (count / (class_count * np.maximum(wanted.sum(axis=0), 1)))[labels][:, None].astype(np.float32)
    decay = np.full((rows.shape[1], 1), regularisation / count, dtype=np.float32)
    decay[-1] = 0.0
    step = 1 / (0.5 * _largest_eigenvalue(rows) / count * float(np.max(share)) + regularisation / count)
    weights: Array = np.zeros((rows.shape[1], class_count), dtype=np.float32)
    ahead: Array = weights
    pace = 1.0
    for _ in range(TRAINING_STEPS):
        wrong = (_softmax(rows @ ahead) - wanted) * share
        moved = ahead - np.float32(step) * (rows.T @ wrong / count + decay * ahead)
        next_pace = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        ahead = moved + np.float32((pace - 1) / next_pace) * (moved - weights)
        weights, pace = moved, next_pace
    return weights


def _choose_regularisation(
    features: Array, labels: NDArray[np.intp], parts: NDArray[Any], class_count: int
) -> tuple[float, HeldOut]:
    tried = {
        strength: _score_held_out(features, labels, parts, class_count, strength)
        for strength in (LEAST_REGULARISATION, MOST_REGULARISATION)
    }
    return min(tried.items(), key=lambda one: min(map(one[1].log_loss, TEMPERATURES)))


def _score_held_out(
    features: Array, labels: NDArray[np.intp], parts: NDArray[Any], class_count: int, regularisation: float
) -> HeldOut:
    scores = np.zeros((len(features), class_count), dtype=np.float32)
    for part in range(HELD_OUT_PARTS):
        own = parts == part
        if own.any() and not own.all():
            weights = fit_weights(features[~own], labels[~own], class_count, regularisation)
            scores[own] = features[own] @ weights[:-1] + weights[-1]
    return HeldOut(scores, labels)


def _choose_min_probability(probabilities: Array, labels: NDArray[np.intp]) -> float:
    """Returns the greatest threshold that loses hardly any example that was recognised."""
    right = probabilities.argmax(axis=1) == labels
    tops = np.sort(probabilities.max(axis=1)[right])
    return float(tops[int(MAX_LOST_IN_SCOPE_SHARE * len(labels))]) if len(tops) else 0.0


def _likely_thresholds(probabilities: Array, labels: NDArray[np.intp]) -> list[float]:
    """Returns, for each class, the probability that nearly all of its examples reached."""
    classes = range(probabilities.shape[1])
    return [float(np.quantile(probabilities[labels == one, one], MAX_MISSED_LIKELY_SHARE)) for one in classes]


def _text_features(examples: Sequence[RouteExample], hints: Hints) -> Array:
    names = list(hints)
    features = np.zeros((len(examples), CHARACTER_GROUP_SLOTS + len(names)), dtype=np.float32)
    for row, example in zip(features, examples, strict=True):
        for slot, weight in count_character_groups(example.text).items():
            row[slot] = weight
        for name in find_hinted_routes(example.text, hints):
            row[CHARACTER_GROUP_SLOTS + names.index(name)] = HINT_WEIGHT
    return features


def _normalise(vectors: Array) -> Array:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    normal: Array = vectors / np.where(lengths == 0, 1, lengths)
    return normal


def _largest_eigenvalue(rows: Array) -> float:
    """Returns the largest eigenvalue of the rows' products with each other."""
    shorter = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows
    return float(np.linalg.eigvalsh(shorter)[-1])


def _softmax(scores: Array) -> Array:
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    portions: Array = shares / shares.sum(axis=1, keepdims=True)
    return portions
