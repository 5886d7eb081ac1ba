"""Decides which messages are about a text and ranks them: the same rules for every store.

A message is about a text if their vectors are close; words then have a say in the order (Weaviate's hybrid
search with a greatest distance, and its relativeScoreFusion). Without a vector, it is if they share a word
that says something.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

MIN_RELATED_SIMILARITY = 0.3
"""Cosine similarity from which two texts are about the same thing, whatever words they use."""

VECTOR_WEIGHT = 0.7
"""The vectors' share in the common ranking; the rest is the words'. Weaviate's own default."""

MAX_SEARCH_WORDS = 32
"""Words of a text that are searched for, the longest first: the long ones say most."""

WORD_PATTERN = re.compile(r"[^\W_]+")

ENGLISH_STOP_WORDS = (
    "a an and are as at be but by for if in into is it no not of on or such that the their then there "
    "these they this to was will with"
)
"""Words that say nothing about the subject: Weaviate's preset for English."""

CHAT_STOP_WORDS = (
    "about am any anyone been can could did do does done from get got had has have he hello her here "
    "hey hi him his how i just know let like m me my need ok okay our please re s say she should so "
    "some t tell thank thanks them us ve want we were what when where which who why would yes you your"
)
"""The same for what people write in chats."""

STOP_WORDS = frozenset(ENGLISH_STOP_WORDS.split()) | frozenset(CHAT_STOP_WORDS.split())


def extract_search_words(text: str) -> list[str]:
    """Returns the words of a text that say something, each once, the longest first."""
    found = dict.fromkeys(WORD_PATTERN.findall(unicodedata.normalize("NFC", text).lower()))
    return sorted((word for word in found if word not in STOP_WORDS), key=len, reverse=True)[
        :MAX_SEARCH_WORDS
    ]


def fuse_rankings(word_scores: Mapping[int, float], vector_scores: Mapping[int, float]) -> list[int]:
    """Returns the keys of both rankings (higher is better), best first. Equals stay in their order."""
    by_words, by_vectors = _normalise_scores(word_scores), _normalise_scores(vector_scores)
    scores = {
        key: (1 - VECTOR_WEIGHT) * by_words.get(key, 0.0) + VECTOR_WEIGHT * by_vectors.get(key, 0.0)
        for key in (*by_vectors, *by_words)
    }
    return sorted(scores, key=lambda key: scores[key], reverse=True)


def _normalise_scores(scores: Mapping[int, float]) -> dict[int, float]:
    """Returns the scores between 0, the worst, and 1, the best."""
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {key: (score - low) / (high - low) if high > low else 1.0 for key, score in scores.items()}
