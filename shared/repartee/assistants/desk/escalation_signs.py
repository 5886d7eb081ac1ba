"""Finds in a customer's words whether a person is needed: by patterns, and by a classifier of vectors.

Both are data (escalation.toml). Neither asks a model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from repartee.assistants.office.route_classifier import RouteClassifier
from repartee.assistants.office.routes import DEFAULT_ROUTE_NAME, Route, Router
from repartee.language.folding import fold
from repartee.ports import Embedder, Vector, VectorCache

ESCALATION_FILE = Path(__file__).with_name("escalation.toml")

MIN_CLASSIFIED_SCORE = 0.5
"""How likely it must be, between 0 and 1, that there is a reason, for the classifier to decide alone."""

MIN_UNSURE_SCORE = 0.2
"""How likely it must be for the small model to be asked."""

MAX_RULED_CHARS = 600
"""Characters of a message that the patterns are tried on, at its beginning and at its end."""


class EscalationExamples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reason's patterns, and what customers write by language."""

    rules: tuple[str, ...]
    examples: dict[str, tuple[str, ...]]


class EscalationSigns(msgspec.Struct, frozen=True):
    """The reasons that a message gives, and whether it may give one that is not sure."""

    reasons: frozenset[str] = frozenset()
    is_unsure: bool = False


class EscalationDetector:
    """Finds signs in messages. The classifier is kept and loaded as that of the office's routes."""

    def __init__(self, embedder: Embedder, vectors: VectorCache, embedding_model: str) -> None:
        self.router = Router(_make_routes(), embedder, vectors, embedding_model)
        self._rules = compile_rules()

    def load_classifier(self) -> RouteClassifier | None:
        """Returns the classifier, None where it is not made yet."""
        return self.router.load_classifier()

    def find_signs(
        self, text: str, vector: Vector | None, classifier: RouteClassifier | None
    ) -> EscalationSigns:
        """Returns what the message gives as a reason; by patterns alone without a vector or classifier."""
        ruled = self._find_ruled(text)
        if vector is None or classifier is None or not classifier.fits(vector):
            return EscalationSigns(ruled)
        rated = dict(classifier.rate_routes(text, vector, {}))
        need = 1 - rated.pop(DEFAULT_ROUTE_NAME)
        best = max(rated, key=lambda name: rated[name])
        is_sure = need >= MIN_CLASSIFIED_SCORE
        return EscalationSigns(
            ruled | ({best} if is_sure else frozenset()),
            is_unsure=not ruled and not is_sure and need >= MIN_UNSURE_SCORE,
        )

    def _find_ruled(self, text: str) -> frozenset[str]:
        folded = fold(text)
        if len(folded) > 2 * MAX_RULED_CHARS:
            folded = f"{folded[:MAX_RULED_CHARS]}\n{folded[-MAX_RULED_CHARS:]}"
        return frozenset(name for name, pattern in self._rules.items() if pattern.search(folded))


@cache
def load_escalation_examples() -> Mapping[str, EscalationExamples]:
    """Returns what escalation.toml holds, by reason."""
    return msgspec.toml.decode(ESCALATION_FILE.read_bytes(), type=dict[str, EscalationExamples])


def compile_rules() -> Mapping[str, re.Pattern[str]]:
    """Returns one pattern for each reason that has any."""
    found = load_escalation_examples()
    return {
        name: re.compile("|".join(f"(?:{rule})" for rule in one.rules))
        for name, one in found.items()
        if one.rules
    }


def _make_routes() -> dict[str, Route]:
    """Returns a route for each reason, of which the classifier of routes needs the examples alone."""
    return {
        name: Route(
            name=name,
            examples=one.examples,
            history_limit=0,
            summary=False,
            relevant_limit=0,
            instructions="",
        )
        for name, one in load_escalation_examples().items()
    }
