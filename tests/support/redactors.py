"""Veils for tests: what is personal is what a test says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from repartee.domain.redactor import Redactor
from repartee.ports import PiiSpan
from repartee.privacy.redaction import make_redactor_factory
from repartee.privacy.rules import RuleDetector

REDACTION_KEY = "a key for tests"


class PatternMasker:
    """`ports.Masker` that finds what matches. Notes how often it was asked."""

    def __init__(self, pattern: str, kind: str = "NAME") -> None:
        self._pattern, self._kind = re.compile(pattern), kind
        self.asked: list[list[str]] = []

    def detect(self, texts: Sequence[str]) -> Sequence[Sequence[PiiSpan]]:
        self.asked.append(list(texts))
        return [[PiiSpan(self._kind, *m.span()) for m in self._pattern.finditer(text)] for text in texts]


def make_redactor(place: str = "slack:T1:C1", key: str = REDACTION_KEY) -> Redactor:
    """A veil by the rules, for one turn in that place."""
    return make_redactor_factory(RuleDetector(), key)(place)
