"""The candidates for a question on Weaviate: by vectors, by words, and what was said beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from weaviate.classes.query import Filter, MetadataQuery

from repartee.domain.message import Side, StoredMessage
from repartee.ports import Vector
from repartee.stores.relevance import MIN_CANDIDATE_SIMILARITY, Candidate, Neighbours
from repartee.stores.search_tokens import AskedTokens
from repartee.stores.weaviate.message_objects import (
    DAY_SECONDS,
    MESSAGE_PROPERTIES,
    chat_day_key,
    decode_message,
)

SEARCHED_PROPERTIES = ["text", "bigrams"]
"""The properties that a question's words and tokens are looked for in."""

NEIGHBOUR_MARGIN_SECONDS = 6 * 3600.0
"""Seconds around midnight for which the day before or after is looked at too."""

MAX_NEIGHBOUR_MESSAGES = 400
"""Messages of those days that are read, at the most."""

RunQuery = Callable[[Callable[[Any], Any]], Sequence[Any]]
"""Runs a query on one side's collection of the workspace, and returns the objects that it finds."""


class WeaviateCandidates:
    """`CandidateSource` of one side of one room. Each method is one call."""

    def __init__(self, run: RunQuery, room: str, side: Side) -> None:
        self._run, self._room, self._side = run, room, side

    def find_closest(self, vector: Vector, limit: int) -> Sequence[Candidate]:
        found = self._run(
            lambda query: query.near_vector(
                list(vector),
                distance=1 - MIN_CANDIDATE_SIMILARITY,
                return_metadata=MetadataQuery(distance=True),
                **self._in_room(limit),
            )
        )
        return [self._candidate(one, 1 - one.metadata.distance) for one in found]

    def find_matching(self, asked: AskedTokens, limit: int) -> Sequence[Candidate]:
        found = self._run(
            lambda query: query.bm25(
                " ".join((*asked.words, *asked.tokens)),
                query_properties=SEARCHED_PROPERTIES,
                return_metadata=MetadataQuery(score=True),
                **self._in_room(limit),
            )
        )
        return [self._candidate(one, one.metadata.score) for one in found]

    def find_neighbours(self, hits: Sequence[StoredMessage]) -> Mapping[str, Neighbours]:
        days = Filter.by_property("day").contains_any(list(dict.fromkeys(_day_keys(hits))))
        found = self._run(
            lambda query: query.fetch_objects(
                filters=days, limit=MAX_NEIGHBOUR_MESSAGES, return_properties=MESSAGE_PROPERTIES
            )
        )
        return _link_neighbours([decode_message(one.properties, self._side) for one in found])

    def _in_room(self, limit: int) -> dict[str, Any]:
        return {
            "filters": Filter.by_property("room").equal(self._room),
            "limit": limit,
            "return_properties": MESSAGE_PROPERTIES,
        }

    def _candidate(self, found: Any, score: float) -> Candidate:
        return Candidate(decode_message(found.properties, self._side), score)


def _day_keys(hits: Sequence[StoredMessage]) -> Iterator[str]:
    for hit in hits:
        for margin in (0.0, -NEIGHBOUR_MARGIN_SECONDS, NEIGHBOUR_MARGIN_SECONDS):
            yield chat_day_key(hit.chat, int((hit.sent + margin) // DAY_SECONDS))


def _link_neighbours(messages: Sequence[StoredMessage]) -> dict[str, Neighbours]:
    """Returns what was said beside each of the messages, chat by chat."""
    chats: dict[str, list[StoredMessage]] = defaultdict(list)
    for one in sorted(messages, key=lambda one: (one.sent, one.id)):
        chats[one.chat].append(one)
    return {
        one.id: Neighbours(said[at - 1] if at else None, said[at + 1] if at + 1 < len(said) else None)
        for said in chats.values()
        for at, one in enumerate(said)
    }
