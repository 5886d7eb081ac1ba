"""The documents of desks: a library for each namespace, ranked by meaning and words together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

from repartee.ports import Knowledge, Passage, Vector
from repartee.stores.search_tokens import split_asked_tokens, split_stored_tokens

CANDIDATE_FACTOR = 5
"""So many times what is asked for is looked up by meaning, and ranked by words, too."""

RANK_FUSION_NUMBER = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)."""

MAX_OPEN_LIBRARIES = 100
"""Libraries that a process keeps open."""


class NamespacedKnowledge:
    """`ports.DeskKnowledge` on a `Knowledge` for each namespace, which `open_library` opens when it is first
    asked. Owns those that are open."""

    def __init__(self, open_library: Callable[[str], Knowledge]) -> None:
        self._open_library = open_library
        self._opened: dict[str, Knowledge] = {}
        self._opening = Lock()

    def search(self, namespace: str, text: str, vector: Vector, limit: int) -> Sequence[Passage]:
        found = self._library(namespace).search(vector, limit * CANDIDATE_FACTOR)
        return rank_by_words(text, found)[:limit]

    def _library(self, namespace: str) -> Knowledge:
        with self._opening:
            if namespace not in self._opened:
                for old in list(self._opened)[: len(self._opened) + 1 - MAX_OPEN_LIBRARIES]:
                    del self._opened[old]
                self._opened[namespace] = self._open_library(namespace)
            return self._opened[namespace]


def rank_by_words(text: str, passages: Sequence[Passage]) -> list[Passage]:
    """Returns the passages, which come best first by meaning, ranked by the words that they share with the
    text, too."""
    hits = {one.id: _count_hits(text, one) for one in passages}
    by_words = sorted((one for one in passages if hits[one.id]), key=lambda one: -hits[one.id])
    scores = dict.fromkeys(hits, 0.0)
    for ranking in (passages, by_words):
        for rank, one in enumerate(ranking, 1):
            scores[one.id] += 1 / (RANK_FUSION_NUMBER + rank)
    return sorted(passages, key=lambda one: -scores[one.id])


def _count_hits(text: str, passage: Passage) -> int:
    """Returns how many of the text's words, stems and pairs of characters the passage has."""
    asked = split_asked_tokens(text)
    told = f"{passage.heading} {passage.text}"
    stored = {*split_stored_tokens(told), *told.lower().split()}
    return len(stored & {*asked.tokens, *asked.words})
