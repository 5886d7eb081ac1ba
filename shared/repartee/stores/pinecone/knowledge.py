"""The coach's library on Pinecone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from repartee.ports import Passage, Vector
from repartee.stores.pinecone.index import PineconeIndex
from repartee.stores.ranking import MIN_RELATED_SIMILARITY

KNOWLEDGE_NAMESPACE = "library"
"""The namespace of the coach's library. A desk's is its own, with this and a hyphen before it."""


class PineconeKnowledge:
    """`ports.Knowledge` on Pinecone: the coach's library, or that of a desk's `namespace`. `related` is the
    least similarity of vectors that counts."""

    def __init__(
        self, index: PineconeIndex, related: float = MIN_RELATED_SIMILARITY, namespace: str = ""
    ) -> None:
        self._index, self._related = index, related
        self._namespace = "-".join(filter(None, (KNOWLEDGE_NAMESPACE, namespace)))

    def search(self, vector: Vector, limit: int, topics: Sequence[str] = ()) -> Sequence[Passage]:
        where = {"topic": {"$in": list(topics)}} if topics else None
        found = self._index.query(self._namespace, vector, limit, where)
        return [_decode_passage(one) for one in found.matches if one.score >= self._related]

    def put(self, passages: Sequence[tuple[Passage, Vector]]) -> None:
        self._index.upsert(
            self._namespace,
            [
                {"id": one.id, "values": list(vector), "metadata": _passage_metadata(one)}
                for one, vector in passages
            ],
        )

    def list_ids(self) -> Iterator[str]:
        return self._index.list_ids(self._namespace)

    def remove(self, ids: Iterable[str]) -> None:
        self._index.delete(self._namespace, ids)

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
