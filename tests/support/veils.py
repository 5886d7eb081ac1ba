"""Veils for tests: what is personal is what a test says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from repartee.conversation.prompt import Veil
from repartee.conversation.veil import veils
from repartee.ports import Span
from repartee.services.pii.rules import Rules

KEY = "a key for tests"


class Secretive:
    """`ports.Masker` that finds what matches. Notes how often it was asked."""

    def __init__(self, pattern: str, kind: str = "NAME") -> None:
        self._pattern, self._kind = re.compile(pattern), kind
        self.asked: list[list[str]] = []

    def find(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        self.asked.append(list(texts))
        return [[Span(self._kind, *m.span()) for m in self._pattern.finditer(text)] for text in texts]


def veil(place: str = "slack:T1:C1", key: str = KEY) -> Veil:
    """A veil by the rules, for one turn in that place."""
    return veils(Rules(), key)(place)
