"""The coach's library on Pinecone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from repartee.ports import Passage, Vector
from repartee.stores.pinecone.index import PineconeIndex
from repartee.stores.ranking import MIN_RELATED_SIMILARITY

KNOWLEDGE_NAMESPACE = "library"


class PineconeKnowledge:
    """`ports.Knowledge` on Pinecone. `related` is the least similarity of vectors that counts."""

    def __init__(self, index: PineconeIndex, related: float = MIN_RELATED_SIMILARITY) -> None:
        self._index, self._related = index, related

    def search(self, vector: Vector, limit: int, topics: Sequence[str] = ()) -> Sequence[Passage]:
        where = {"topic": {"$in": list(topics)}} if topics else None
        found = self._index.query(KNOWLEDGE_NAMESPACE, vector, limit, where)
        return [_decode_passage(one) for one in found.matches if one.score >= self._related]

    def put(self, passages: Sequence[tuple[Passage, Vector]]) -> None:
        self._index.upsert(
            KNOWLEDGE_NAMESPACE,
            [
                {"id": one.id, "values": list(vector), "metadata": _passage_metadata(one)}
                for one, vector in passages
            ],
        )

    def list_ids(self) -> Iterator[str]:
        return self._index.list_ids(KNOWLEDGE_NAMESPACE)

    def remove(self, ids: Iterable[str]) -> None:
        self._index.delete(KNOWLEDGE_NAMESPACE, ids)

    def close(self) -> None:
        self._index.close()


def _passage_metadata(passage: Passage) -> dict[str, str]:
    return {
        "document": passage.document,
        "text": passage.text,
        "heading": passage.heading,
        "topic": passage.topic,
    }


def _decode_passage(match: Any) -> Passage:
    return Passage(id=match.id, **match.metadata)
