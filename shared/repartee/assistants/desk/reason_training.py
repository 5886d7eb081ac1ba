"""Trains the classifier of why a person is needed, in numpy.

It is done when the examples, the rules or the embedding model change: by `scripts/routes`, at a deployment,
or beside the start of a process that has numpy. No turn imports this.

A part of the trades at a time is left out, in all languages. On them both thresholds are chosen: a trade that
nobody thought of is what the classifier meets. What is written in every trade (`GENERAL_TRADE`: greetings and
thanks, whether this is a machine) is always learnt from.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from repartee.assistants.desk.packed_weights import pack_weights
from repartee.assistants.desk.reason_classifier import (
    CLASSIFIED_REASONS,
    REASON_LABELS,
    RULE_WEIGHT,
    ReasonClassifier,
)
from repartee.assistants.desk.word_features import WORD_BUCKETS, count_word_parts
from repartee.assistants.vector_features import MAX_COMPARED_DIMENSIONS
from repartee.ports import Vector

Array = NDArray[np.floating[Any]]
Labels = NDArray[np.intp]

GENERAL_TRADE = "shop"
"""Name of the examples that are of every trade."""

HELD_OUT_PARTS = 10
HIDDEN_UNITS = 256
"""Units of the network. One network of so many is right more often about trades that were left out than four
of a quarter each, averaged."""

TRAINING_EPOCHS = 30
BATCH_ROWS = 128
LEARNING_RATE, WEIGHT_DECAY, DROPPED_SHARE = 3e-3, 2e-2, 0.5
FIRST_MOMENT_DECAY, SECOND_MOMENT_DECAY, MIN_SCALE = 0.9, 0.999, 1e-8

WORD_EPOCHS, WORD_BATCH_ROWS = 12, 256
WORD_LEARNING_RATE, WORD_WEIGHT_DECAY = 5e-3, 1e-2

WORD_WEIGHT = 4.0
"""Length of the numbers of words, beside a vector of length one."""

MAX_FALSE_ALARM_SHARE = 0.06
"""Share of left out messages that need no person which may reach the threshold of those that do. More than
the share of real conversations that may: the examples are chosen to be mistaken, and these networks learnt
from fewer. On the conversations that may be looked at it leads to 3 % false alarms."""

MAX_ASKED_SHARE = 0.15
"""Share of them for which the small model may be asked, or a person called."""


class ReasonExample(NamedTuple):
    """A message of a customer: the trade, the reason or none, its text and vector, and the rules that it
    matches."""

    trade: str
    label: str
    text: str
    vector: Vector
    ruled: frozenset[str]


class TrainingRate(NamedTuple):
    """How far weights are moved in a step, and which share of them is taken off."""

    step_size: float
    decay: float


class Network(NamedTuple):
    """Weights of one network: of its units and their biases, of its outputs and theirs."""

    units: Array
    unit_biases: Array
    outputs: Array
    output_biases: Array

    def score(self, inputs: Array) -> Array:
        """Returns a score for each row and label."""
        active = np.maximum(inputs @ self.units + self.unit_biases, 0)
        scores: Array = active @ self.outputs + self.output_biases
        return scores


class WordWeights(NamedTuple):
    """A weight for each bucket of words and label, and one for each label that is always added."""

    weights: Array
    biases: Array

    def score(self, words: Array) -> Array:
        """Returns a score for each row and label."""
        scores: Array = words @ self.weights + self.biases
        return scores


class CountedWords(NamedTuple):
    """Buckets of words and what is in them, an entry for each example."""

    buckets: Sequence[Labels]
    counts: Sequence[Array]

    def spread(self, some: Labels) -> Array:
        """Returns a row with all buckets for some examples: for all at once that takes too much memory."""
        rows = np.zeros((len(some), WORD_BUCKETS), dtype=np.float32)
        for row, at in zip(rows, some, strict=True):
            row[self.buckets[at]] = self.counts[at]
        return rows


class TrainingData(NamedTuple):
    """Facts about the examples, a row or entry for each."""

    vectors: Array
    rules: NDArray[np.bool_]
    words: CountedWords
    labels: Labels


def train_reason_classifier(examples: Sequence[ReasonExample]) -> ReasonClassifier:
    """Returns the classifier. Takes half a minute."""
    data = _make_data(examples)
    parts = _assign_parts(examples)
    needs = _rate_held_out(data, parts)
    without_reason = needs[(data.labels == 0) & (parts >= 0)]
    centre = data.vectors.mean(axis=0)
    network = _fit_network(_make_inputs(data.vectors, data.rules, centre), data.labels)
    by_word = _fit_words(data.words, data.labels, np.arange(len(data.labels)))
    return ReasonClassifier(
        centre=array("f", centre.tolist()),
        hidden=tuple(map(pack_weights, _rows(network.units.T, network.unit_biases))),
        outputs=_rows(network.outputs.T, network.output_biases + by_word.biases),
        words=tuple(pack_weights(row.tolist()) for row in by_word.weights.T * np.float32(WORD_WEIGHT)),
        sure_from=float(np.quantile(without_reason, 1 - MAX_FALSE_ALARM_SHARE)),
        unsure_from=float(np.quantile(without_reason, 1 - MAX_ASKED_SHARE)),
    )


def _make_data(examples: Sequence[ReasonExample]) -> TrainingData:
    counted = [count_word_parts(one.text) for one in examples]
    words = CountedWords(
        [np.array(list(parts), dtype=np.intp) for parts in counted],
        [np.array(list(parts.values()), dtype=np.float32) * np.float32(WORD_WEIGHT) for parts in counted],
    )
    return TrainingData(
        np.array([one.vector[:MAX_COMPARED_DIMENSIONS] for one in examples], dtype=np.float32),
        np.array([[name in one.ruled for name in CLASSIFIED_REASONS] for one in examples]),
        words,
        np.array([REASON_LABELS.index(one.label) for one in examples], dtype=np.intp),
    )


def sum_needs(probabilities: Array) -> Array:
    """Returns how likely a person is needed: that an answer did not help is no reason by itself."""
    total: Array = probabilities[:, 1 : 1 + CLASSIFIED_REASONS.index("no_help")].sum(axis=1)
    return total


def _rate_held_out(data: TrainingData, parts: Labels) -> Array:
    """Returns how likely each example needs a person, by what was learnt from none of its trade."""
    needs = np.zeros(len(parts), dtype=np.float32)
    for own in _list_held_out(parts):
        inputs = _make_inputs(data.vectors, data.rules, data.vectors[~own].mean(axis=0))
        network = _fit_network(inputs[~own], data.labels[~own])
        by_word = _fit_words(data.words, data.labels, np.flatnonzero(~own))
        scores = network.score(inputs[own]) + by_word.score(data.words.spread(np.flatnonzero(own)))
        needs[own] = sum_needs(_softmax(scores))
    return needs


def _list_held_out(parts: Labels) -> Iterator[NDArray[np.bool_]]:
    """Yields which examples are left out, part by part."""
    yield from (parts == part for part in range(HELD_OUT_PARTS) if (parts == part).any())


def _assign_parts(examples: Sequence[ReasonExample]) -> Labels:
    """Returns each example's part: a trade is in one, the trades with most examples apart. The general one
    is in none, -1."""
    sizes = Counter(one.trade for one in examples if one.trade != GENERAL_TRADE)
    order = sorted(sizes, key=lambda trade: (-sizes[trade], trade))
    part_of = {trade: at % HELD_OUT_PARTS for at, trade in enumerate(order)}
    return np.array([part_of.get(one.trade, -1) for one in examples], dtype=np.intp)


def _make_inputs(vectors: Array, rules: NDArray[np.bool_], centre: Array) -> Array:
    apart = vectors - centre
    lengths = np.linalg.norm(apart, axis=1, keepdims=True)
    normal = apart / np.where(lengths == 0, 1, lengths)
    inputs: Array = np.hstack((normal, rules * np.float32(RULE_WEIGHT))).astype(np.float32)
    return inputs


def _fit_network(inputs: Array, labels: Labels) -> Network:
    """Returns a network that is least wrong on these examples: Adam with decoupled weight decay; rare labels
    weigh more."""
    random = np.random.default_rng(0)
    network = _begin_network(random, inputs.shape[1])
    moments = [(np.zeros_like(weights), np.zeros_like(weights)) for weights in network]
    shares = _weigh_labels(labels)
    rate = TrainingRate(LEARNING_RATE, WEIGHT_DECAY)
    batches = (some for _ in range(TRAINING_EPOCHS) for some in _shuffle(random, len(labels), BATCH_ROWS))
    for step, batch in enumerate(batches, 1):
        kept = random.random((len(batch), HIDDEN_UNITS), dtype=np.float32) > DROPPED_SHARE
        gradients = _find_gradients(network, inputs[batch], labels[batch], shares, kept)
        for at, gradient in enumerate(gradients):
            _move_weights(network[at], gradient, moments[at], step, rate)
    return network


def _fit_words(words: CountedWords, labels: Labels, learnt: Labels) -> WordWeights:
    """Returns the weights that are least wrong on the `learnt` examples, without regard to meaning."""
    random = np.random.default_rng(0)
    count = len(REASON_LABELS)
    fitted = WordWeights(np.zeros((WORD_BUCKETS, count), np.float32), np.zeros(count, np.float32))
    moments = [(np.zeros_like(weights), np.zeros_like(weights)) for weights in fitted]
    shares = _weigh_labels(labels[learnt])
    rate = TrainingRate(WORD_LEARNING_RATE, WORD_WEIGHT_DECAY)
    rounds = (some for _ in range(WORD_EPOCHS) for some in _shuffle(random, len(learnt), WORD_BATCH_ROWS))
    for step, some in enumerate(rounds, 1):
        batch = words.spread(learnt[some])
        wrong = _find_errors(fitted.score(batch), labels[learnt[some]], shares)
        _move_weights(fitted.weights, batch.T @ wrong, moments[0], step, rate)
        _move_weights(fitted.biases, wrong.sum(axis=0), moments[1], step, rate)
    return fitted


def _weigh_labels(labels: Labels) -> Array:
    """Returns what an example of each label counts: of a rare one more."""
    counts = np.bincount(labels, minlength=len(REASON_LABELS))
    return np.sqrt(len(labels) / (len(REASON_LABELS) * np.maximum(counts, 1))).astype(np.float32)


def _find_errors(scores: Array, labels: Labels, shares: Array) -> Array:
    """Returns how much too high each score is."""
    wrong = _softmax(scores)
    wrong[np.arange(len(labels)), labels] -= 1
    wrong *= shares[labels][:, None] / len(labels)
    return wrong


def _move_weights(
    weights: Array, gradient: Array, moments: tuple[Array, Array], step: int, rate: TrainingRate
) -> None:
    """Takes a step of Adam, in place."""
    first, second = moments
    first += (1 - FIRST_MOMENT_DECAY) * (gradient - first)
    second += (1 - SECOND_MOMENT_DECAY) * (gradient * gradient - second)
    size = np.sqrt(second / (1 - SECOND_MOMENT_DECAY**step)) + MIN_SCALE
    weights -= rate.step_size * (first / (1 - FIRST_MOMENT_DECAY**step) / size + rate.decay * weights)


def _begin_network(random: np.random.Generator, input_count: int) -> Network:
    spread = 3 * (2 / input_count) ** 0.5
    return Network(
        random.normal(0, spread, (input_count, HIDDEN_UNITS)).astype(np.float32),
        np.zeros(HIDDEN_UNITS, np.float32),
        random.normal(0, 0.1, (HIDDEN_UNITS, len(REASON_LABELS))).astype(np.float32),
        np.zeros(len(REASON_LABELS), np.float32),
    )


def _shuffle(random: np.random.Generator, count: int, batch_rows: int) -> Iterable[Labels]:
    return np.array_split(random.permutation(count), max(count // batch_rows, 1))


def _find_gradients(
    network: Network, inputs: Array, labels: Labels, shares: Array, kept: NDArray[np.bool_]
) -> tuple[Array, ...]:
    """Returns the gradients of the loss of a batch, of which only the `kept` units take part."""
    scale = kept / np.float32(1 - DROPPED_SHARE)
    before = inputs @ network.units + network.unit_biases
    active = np.maximum(before, 0) * scale
    wrong = _find_errors(active @ network.outputs + network.output_biases, labels, shares)
    back = wrong @ network.outputs.T * scale * (before > 0)
    return inputs.T @ back, back.sum(axis=0), active.T @ wrong, wrong.sum(axis=0)


def _rows(weights: Array, biases: Array) -> tuple[Vector, ...]:
    return tuple(array("f", [*row.tolist(), float(bias)]) for row, bias in zip(weights, biases, strict=True))


def _softmax(scores: Array) -> Array:
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    portions: Array = shares / shares.sum(axis=1, keepdims=True)
    return portions
