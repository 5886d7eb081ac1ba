"""The classifier of why a person is needed: a small network over a message's vector and the rules that it
matches, and beside it a weight for each word and part of a word. Both are learnt from what customers of many
trades write (`reason_training.py`). Rating needs the standard library alone."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from itertools import chain

import msgspec

from repartee.assistants.desk.word_features import WORD_BUCKETS, count_word_parts
from repartee.assistants.vector_features import dot_product, normalise_vector, softmax
from repartee.ports import Vector

NO_REASON = "none"
CLASSIFIED_REASONS = ("asked", "money_back", "legal", "emergency", "mood", "no_help")
REASON_LABELS = (NO_REASON, *CLASSIFIED_REASONS)
"""Labels of messages, in the order of the classifier's numbers."""

RULE_WEIGHT = 0.5
"""Size of the input that says that a reason's rule matches, beside a vector of length one."""

REASON_FORMAT_NUMBER = 3.0
"""Number of the way in which inputs and weights are kept. What is kept in another way is made anew."""

HEADER_NUMBERS = 5


class ReasonClassifier(msgspec.Struct, frozen=True, kw_only=True):
    """The network, the weights of words, and the thresholds. `hidden` has a row for each unit: a weight for
    each number of a vector and each rule, and one that is always added; `outputs` a row for each label,
    likewise; `words` a row for each label, a weight for each bucket of words. A person is needed from
    `sure_from` on, and may be from `unsure_from` on: probabilities that were chosen on trades that were left
    out."""

    centre: Vector
    hidden: tuple[Vector, ...]
    outputs: tuple[Vector, ...]
    words: tuple[Vector, ...]
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
        units = array("f", [*(max(dot_product(inputs, row), 0.0) for row in self.hidden), 1.0])
        parts = count_word_parts(text)
        scores = [
            dot_product(units, row) + sum(share * weights[bucket] for bucket, share in parts.items())
            for row, weights in zip(self.outputs, self.words, strict=True)
        ]
        return dict(zip(REASON_LABELS, softmax(scores), strict=True))


def encode_reason_classifier(classifier: ReasonClassifier) -> Sequence[Vector]:
    """Returns the classifier as rows of numbers of one length, as `VectorCache` keeps them."""
    head = (
        REASON_FORMAT_NUMBER,
        float(len(classifier.centre)),
        classifier.sure_from,
        classifier.unsure_from,
        float(len(classifier.hidden)),
    )
    rows = [array("f", head), classifier.centre, *classifier.hidden, *classifier.outputs]
    length = max(map(len, rows))
    weights = array("f", chain(*classifier.words))
    words = (weights[at : at + length] for at in range(0, len(weights), length))
    return [array("f", [*row, *[0.0] * (length - len(row))]) for row in (*rows, *words)]


def decode_reason_classifier(rows: Sequence[Vector]) -> ReasonClassifier | None:
    """Returns the classifier that is kept in these rows. None if it was kept in another way."""
    if not rows or len(rows[0]) < HEADER_NUMBERS or rows[0][0] != REASON_FORMAT_NUMBER:
        return None
    dimensions, unit_count = int(rows[0][1]), int(rows[0][4])
    input_count = dimensions + len(CLASSIFIED_REASONS) + 1
    outputs_at = 2 + unit_count
    words_at = outputs_at + len(REASON_LABELS)
    weights = array("f", chain(*rows[words_at:]))
    return ReasonClassifier(
        centre=array("f", rows[1][:dimensions]),
        hidden=tuple(array("f", row[:input_count]) for row in rows[2:outputs_at]),
        outputs=tuple(array("f", row[: unit_count + 1]) for row in rows[outputs_at:words_at]),
        words=tuple(weights[at * WORD_BUCKETS : (at + 1) * WORD_BUCKETS] for at in range(len(REASON_LABELS))),
        sure_from=rows[0][2],
        unsure_from=rows[0][3],
    )
