"""Finds in a customer's words whether a person is needed: by patterns, and by a classifier of vectors that
weighs them.

Both are data (escalation.toml, examples/). Neither asks a model.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock

import msgspec

from repartee.assistants.desk.reason_classifier import (
    NO_REASON,
    REASON_FORMAT_NUMBER,
    ReasonClassifier,
    decode_reason_classifier,
    encode_reason_classifier,
)
from repartee.assistants.desk.word_features import fold_ends
from repartee.assistants.example_vectors import ExampleVectors
from repartee.ports import Embedder, Vector, VectorCache

ESCALATION_FILE = Path(__file__).with_name("escalation.toml")
EXAMPLES_FOLDER = Path(__file__).with_name("examples")
TRAINING_FILES = tuple(
    Path(__file__).with_name(f"{name}.py") for name in ("reason_training", "word_features")
)

ExamplesByTrade = Mapping[str, Mapping[str, Sequence[str]]]
"""Messages of customers, by trade, and by the reason for a person or `none`."""


class ReasonRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason's patterns."""

    rules: tuple[str, ...]


class EscalationSigns(msgspec.Struct, frozen=True):
    """The reasons that a message gives, and whether it may give one that is not sure."""

    reasons: frozenset[str] = frozenset()
    is_unsure: bool = False


class EscalationDetector:
    """Finds signs in messages. Owns the classifier of this process; `embedding_model` names what makes the
    vectors."""

    def __init__(self, embedder: Embedder, vectors: VectorCache, embedding_model: str) -> None:
        self._vectors = ExampleVectors(embedder, vectors, embedding_model)
        self._rules = compile_rules()
        self._training = Lock()
        self._classifier: ReasonClassifier | None = None

    @property
    def classifier_key(self) -> str:
        """The key under which the classifier is kept: other examples, rules, training or another model make
        another."""
        files = (ESCALATION_FILE, *TRAINING_FILES, *sorted(EXAMPLES_FOLDER.iterdir()))
        texts = (file.read_text() for file in files)
        return self._vectors.make_key("reasons", str(REASON_FORMAT_NUMBER), *texts)

    def load_classifier(self) -> ReasonClassifier | None:
        """Returns the classifier of this process, or else the one that is kept. None if there is none yet."""
        if self._classifier is None:
            rows = self._vectors.read(self.classifier_key)
            self._classifier = decode_reason_classifier(rows) if rows else None
        return self._classifier

    def prepare_classifier(self) -> ReasonClassifier | None:
        """Returns the classifier, and makes and keeps it if there is none. None where it would have to be
        made and numpy is not installed. Takes a minute: for a deployment, or a start's background."""
        with self._training:
            if self.load_classifier() is None and importlib.util.find_spec("numpy"):
                self._classifier = self._train_classifier()
                self._vectors.write(self.classifier_key, encode_reason_classifier(self._classifier))
            return self._classifier

    def find_signs(
        self, texts: Sequence[str], vector: Vector | None, classifier: ReasonClassifier | None
    ) -> EscalationSigns:
        """Returns what texts give as reasons: the first is all messages together, and `vector` is its. What a
        rule finds in any of them is weighed by the classifier; without a vector or classifier it decides."""
        ruled = frozenset().union(*map(self._match_rules, texts))
        if vector is None or classifier is None or not classifier.fits(vector):
            return EscalationSigns(ruled)
        rated = dict(classifier.rate_labels(texts[0], vector, ruled))
        unhelped = 1 - rated.pop(NO_REASON) >= classifier.sure_from or "no_help" in ruled
        found = {"no_help"} if unhelped else set()
        rated.pop("no_help")
        need = sum(rated.values())
        if need >= classifier.sure_from:
            return EscalationSigns(frozenset({max(rated, key=rated.__getitem__), *found, *ruled}))
        is_unsure = need >= classifier.unsure_from or bool(ruled - {"no_help"})
        return EscalationSigns(frozenset(found), is_unsure)

    def _match_rules(self, text: str) -> frozenset[str]:
        folded = fold_ends(text)
        return frozenset(name for name, pattern in self._rules.items() if pattern.search(folded))

    def _train_classifier(self) -> ReasonClassifier:
        from repartee.assistants.desk.reason_training import ReasonExample, train_reason_classifier

        groups = list(_list_groups())
        vectors = self._vectors.embed_groups([texts for _, _, texts in groups])
        return train_reason_classifier(
            [
                ReasonExample(trade, label, text, vector, self._match_rules(text))
                for (trade, label, texts), made in zip(groups, vectors, strict=True)
                for text, vector in zip(texts, made, strict=True)
            ]
        )


@cache
def compile_rules() -> Mapping[str, re.Pattern[str]]:
    """Returns one pattern for each reason."""
    found = msgspec.toml.decode(ESCALATION_FILE.read_bytes(), type=dict[str, ReasonRules])
    return {name: re.compile("|".join(f"(?:{rule})" for rule in one.rules)) for name, one in found.items()}


def load_escalation_examples() -> Mapping[str, ExamplesByTrade]:
    """Returns what customers write, by language and trade."""
    return {
        file.stem: msgspec.toml.decode(file.read_bytes(), type=dict[str, dict[str, tuple[str, ...]]])
        for file in sorted(EXAMPLES_FOLDER.iterdir())
    }


def _list_groups() -> Iterator[tuple[str, str, Sequence[str]]]:
    """Yields each trade's examples of a label, language by language."""
    for by_trade in load_escalation_examples().values():
        for trade, by_label in by_trade.items():
            yield from ((trade, label, texts) for label, texts in by_label.items() if texts)
