"""Finds the messages that are about a question and ranks them: the same for every store of messages.

A store offers three reads (`CandidateSource`): the messages whose vectors are closest, those that share
words, and those said just before and after others. All else is decided here. Both kinds of candidates count,
whichever of the two found them. What the person who is named said counts more, and so does what was said at
the time that the question speaks of. And what was said beside a hit is found with it, as an answer often
stands beside the words that match. The weights are measured (docs/relevance.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from repartee.domain.message import StoredMessage
from repartee.language.periods import find_period
from repartee.language.person_names import find_named
from repartee.ports import Vector
from repartee.stores.search_tokens import AskedTokens, split_asked_tokens, split_name_tokens

MIN_CANDIDATE_SIMILARITY = 0.05
"""Cosine similarity below which a vector says nothing at all. It is no sign of relevance: of what answers a
question a third is below 0.3, and one twentieth below this, with either local model."""

MAX_CANDIDATES = 120
"""How many messages each of the two searches gives."""

VECTOR_WEIGHT, WORD_WEIGHT = 0.6, 0.4
"""The shares of the best vector and of the best match of words in a score."""

NAMED_SENDER_BONUS = 0.3
"""Added to a hit where its sender is named in the question."""

NAMED_TIME_BONUS = 0.2
"""Added to a hit that was said at the time of which the question speaks."""

MAX_HITS_WITH_NEIGHBOURS = 10
"""The best hits, whose neighbours are looked at."""

SHARE_OF_NEXT, SHARE_OF_PREVIOUS = 0.3, 0.2
"""The shares of a hit's score that the messages just after and just before it have."""


MAX_NEIGHBOUR_SECONDS = 24 * 3600.0
"""Seconds between two messages that are still neighbours."""


class Candidate(msgspec.Struct, frozen=True):
    """A message that one of the searches found: `score` is its similarity, or how well its words match."""

    message: StoredMessage
    score: float


class Neighbours(msgspec.Struct, frozen=True):
    """The messages just before and after one, in the same chat and of the same side."""

    previous: StoredMessage | None = None
    next: StoredMessage | None = None


class CandidateSource(Protocol):
    """One side of one room, in a store."""

    def find_closest(self, vector: Vector, limit: int) -> Sequence[Candidate]:
        """Returns the messages whose vectors are closest, with their cosine similarities, closest first."""

    def find_matching(self, asked: AskedTokens, limit: int) -> Sequence[Candidate]:
        """Returns the messages that share a word or token, those with the most and rarest first."""

    def find_neighbours(self, hits: Sequence[StoredMessage]) -> Mapping[str, Neighbours]:
        """Returns what was said beside each of the messages, by their ids. What has no neighbour may lack."""


def find_relevant(
    source: CandidateSource, text: str, vector: Vector | None, limit: int, asked_at: float = 0.0
) -> list[StoredMessage]:
    """Returns the messages that are about the text, best first, at most `limit`. `asked_at` is when it was
    asked, in seconds since the epoch, 0 where that is not known."""
    closest = [] if vector is None else _find_close(source, vector)
    matching, names = _find_matching(source, text, closest)
    found = {one.message.id: one.message for one in (*closest, *matching)}
    scores = _add_scores(_scale_scores(closest, VECTOR_WEIGHT), _scale_scores(matching, WORD_WEIGHT))
    _add_bonuses(scores, found, text, names, asked_at)
    hits = [found[id] for id in _best_ids(scores)[:MAX_HITS_WITH_NEIGHBOURS]]
    _spread_scores(scores, found, hits, source.find_neighbours(hits) if hits else {})
    return [found[id] for id in _best_ids(scores)[:limit]]


def _find_close(source: CandidateSource, vector: Vector) -> list[Candidate]:
    closest = source.find_closest(vector, MAX_CANDIDATES)
    return [one for one in closest if one.score >= MIN_CANDIDATE_SIMILARITY]


def _find_matching(
    source: CandidateSource, text: str, closest: Iterable[Candidate]
) -> tuple[Sequence[Candidate], set[str]]:
    """Returns the messages that share words, and the names of the people who are there as far as the
    candidates show them. Names are not searched for, as they are in every other message."""
    names = _sender_names(closest)
    matching = _match_words(source, split_asked_tokens(text, names))
    more = _sender_names(matching) - names
    if find_named(text, more):
        matching = _match_words(source, split_asked_tokens(text, names | more))
    if not matching and not closest:
        matching = _match_words(source, split_name_tokens(text))
    return matching, names | more


def _match_words(source: CandidateSource, asked: AskedTokens) -> Sequence[Candidate]:
    return source.find_matching(asked, MAX_CANDIDATES) if asked else []


def _sender_names(candidates: Iterable[Candidate]) -> set[str]:
    return {one.message.sender_name for one in candidates if one.message.sender_name}


def _scale_scores(candidates: Sequence[Candidate], weight: float) -> dict[str, float]:
    """Returns the scores as shares of the best, which has the weight."""
    best = max((one.score for one in candidates), default=0.0)
    return {one.message.id: weight * one.score / best for one in candidates} if best > 0 else {}


def _add_scores(first: Mapping[str, float], second: Mapping[str, float]) -> dict[str, float]:
    return {id: first.get(id, 0.0) + second.get(id, 0.0) for id in (*first, *second)}


def _add_bonuses(
    scores: dict[str, float],
    found: Mapping[str, StoredMessage],
    text: str,
    names: Iterable[str],
    asked_at: float,
) -> None:
    named, period = find_named(text, sorted(names)), find_period(text, asked_at)
    for id in scores:
        if found[id].sender_name in named:
            scores[id] += NAMED_SENDER_BONUS
        if period is not None and period.includes(found[id].sent):
            scores[id] += NAMED_TIME_BONUS


def _spread_scores(
    scores: dict[str, float],
    found: dict[str, StoredMessage],
    hits: Sequence[StoredMessage],
    beside: Mapping[str, Neighbours],
) -> None:
    """Gives the neighbours of each hit their share of what it has by itself."""
    own = {hit.id: scores[hit.id] for hit in hits}
    for hit in hits:
        there = beside.get(hit.id, Neighbours())
        for neighbour, share in ((there.next, SHARE_OF_NEXT), (there.previous, SHARE_OF_PREVIOUS)):
            if neighbour is not None and abs(neighbour.sent - hit.sent) <= MAX_NEIGHBOUR_SECONDS:
                found.setdefault(neighbour.id, neighbour)
                scores[neighbour.id] = scores.get(neighbour.id, 0.0) + share * own[hit.id]


def _best_ids(scores: Mapping[str, float]) -> list[str]:
    return sorted(scores, key=lambda id: scores[id], reverse=True)
