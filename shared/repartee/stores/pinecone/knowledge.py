"""The coach's library on Pinecone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from repartee.ports import Passage, Vector
from repartee.stores.pinecone.index import PineconeIndex
from repartee.stores.ranking import RELATED

NAMESPACE = "library"


class PineconeKnowledge:
    """`ports.Knowledge` on Pinecone. `related` is the least similarity of vectors that counts."""

    def __init__(self, index: PineconeIndex, related: float = RELATED) -> None:
        self._index, self._related = index, related

    def relevant(self, vector: Vector, limit: int, topics: Sequence[str] = ()) -> Sequence[Passage]:
        where = {"topic": {"$in": list(topics)}} if topics else None
        found = self._index.query(NAMESPACE, vector, limit, where)
        return [_passage(one) for one in found.matches if one.score >= self._related]

    def put(self, passages: Sequence[tuple[Passage, Vector]]) -> None:
        self._index.upsert(
            NAMESPACE,
            [{"id": one.id, "values": list(vector), "metadata": _metadata(one)} for one, vector in passages],
        )

    def ids(self) -> Iterator[str]:
        return self._index.ids(NAMESPACE)

    def remove(self, ids: Iterable[str]) -> None:
        self._index.delete(NAMESPACE, ids)

    def close(self) -> None:
        self._index.close()


def _metadata(one: Passage) -> dict[str, str]:
    return {"document": one.document, "text": one.text, "heading": one.heading, "topic": one.topic}


def _passage(match: Any) -> Passage:
    return Passage(id=match.id, **match.metadata)
