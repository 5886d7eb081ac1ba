"""The classifier of why a person is needed: a small network over a message's vector and the rules that it
matches, and beside it a weight for each word and part of a word. Both are learnt from what customers of many
trades write (`reason_training.py`). Rating needs the standard library alone."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, islice

import msgspec

from repartee.assistants.desk.packed_weights import PackedWeights, encode_packed, take_packed
from repartee.assistants.desk.word_features import count_word_parts
from repartee.assistants.vector_features import dot_product, normalise_vector, softmax
from repartee.ports import Vector

NO_REASON = "none"
CLASSIFIED_REASONS = ("asked", "money_back", "legal", "emergency", "mood", "no_help")
REASON_LABELS = (NO_REASON, *CLASSIFIED_REASONS)
"""Labels of messages, in the order of the classifier's numbers."""

RULE_WEIGHT = 0.5
"""Size of the input that says that a reason's rule matches, beside a vector of length one."""

REASON_FORMAT_NUMBER = 4.0
"""Number of the way in which inputs and weights are kept. What is kept in another way is made anew."""

HEADER_NUMBERS = 5


class ReasonClassifier(msgspec.Struct, frozen=True, kw_only=True):
    """The network, the weights of words, and the thresholds. `hidden` has a row for each unit: a weight for
    each number of a vector and each rule, and one that is always added; `outputs` a row for each label,
    likewise; `words` a row for each label, a weight for each bucket of words. A person is needed from
    `sure_from` on, and may be from `unsure_from` on: probabilities that were chosen on trades that were left
    out."""

    centre: Vector
    hidden: tuple[PackedWeights, ...]
    outputs: tuple[Vector, ...]
    words: tuple[PackedWeights, ...]
    sure_from: float
    unsure_from: float

    def fits(self, vector: Vector) -> bool:
        """Returns whether the vector is of the model that this was learnt with, as far as its length
        tells."""
        return len(vector[: len(self.centre)]) == len(self.centre)

    def rate_labels(self, text: str, vector: Vector, ruled: Collection[str]) -> Mapping[str, float]:
        """Returns how likely each label is for a text, between 0 and 1. `ruled` are the reasons whose rules
        match."""
        meaning = normalise_vector(vector[: len(self.centre)], self.centre)
        rules = [RULE_WEIGHT if name in ruled else 0.0 for name in CLASSIFIED_REASONS]
        inputs = array("f", [*meaning, *rules, 1.0])
        total = sum(inputs)
        units = array("f", [*(max(row.weigh(inputs, total), 0.0) for row in self.hidden), 1.0])
        parts = count_word_parts(text)
        scores = [
            dot_product(units, row) + sum(share * weights[bucket] for bucket, share in parts.items())
            for row, weights in zip(self.outputs, self.words, strict=True)
        ]
        return dict(zip(REASON_LABELS, softmax(scores), strict=True))


def encode_reason_classifier(classifier: ReasonClassifier) -> Sequence[Vector]:
    """Returns the classifier as `VectorCache` keeps it: one row of numbers."""
    head = (
        REASON_FORMAT_NUMBER,
        float(len(classifier.centre)),
        classifier.sure_from,
        classifier.unsure_from,
        float(len(classifier.hidden)),
    )
    packed = map(encode_packed, (*classifier.hidden, *classifier.words))
    return [array("f", chain(head, classifier.centre, *classifier.outputs, *packed))]


def decode_reason_classifier(rows: Sequence[Vector]) -> ReasonClassifier | None:
    """Returns the classifier that is kept in these rows. None if it was kept in another way."""
    if not rows or len(rows[0]) < HEADER_NUMBERS or rows[0][0] != REASON_FORMAT_NUMBER:
        return None
    kept = iter(rows[0])
    _, dimensions, sure_from, unsure_from, unit_count = islice(kept, HEADER_NUMBERS)
    labels = range(len(REASON_LABELS))
    return ReasonClassifier(
        centre=_take_numbers(kept, int(dimensions)),
        outputs=tuple(_take_numbers(kept, int(unit_count) + 1) for _ in labels),
        hidden=tuple(take_packed(kept) for _ in range(int(unit_count))),
        words=tuple(take_packed(kept) for _ in labels),
        sure_from=sure_from,
        unsure_from=unsure_from,
    )


def _take_numbers(kept: Iterator[float], count: int) -> Vector:
    return array("f", islice(kept, count))
