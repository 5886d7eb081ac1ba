"""The coach's memories on Pinecone: one namespace a person."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from repartee.errors import DeadlineExceeded
from repartee.plan import deadline
from repartee.ports import Memory, Vector
from repartee.stores.pinecone.index import BACKEND_NAME, PineconeIndex
from repartee.stores.ranking import MIN_RELATED_SIMILARITY

MAX_VISIBILITY_WAIT_SECONDS = 10.0
"""Seconds that a write waits to become visible where there is no deadline."""

VISIBILITY_POLL_SECONDS = 0.2
"""Seconds between two looks whether it has."""


class PineconeMemories:
    """`ports.Memories` on Pinecone. `related` is the least similarity of vectors that counts.

    Pinecone shows a write to readers some seconds after it was acknowledged. Memories are written after the
    reply, when nobody waits, and until they are the exchange is still read from the inbox: so `put` waits.
    """

    def __init__(
        self,
        index: PineconeIndex,
        related: float = MIN_RELATED_SIMILARITY,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._index, self._related, self._clock, self._sleep = index, related, clock, sleep

    def search(self, person: str, vector: Vector, limit: int, room: str = "") -> Sequence[Memory]:
        found = self._index.query(person, vector, limit, {"room": {"$in": [room]}} if room else None)
        return [_decode_memory(one.id, one.metadata) for one in found.matches if one.score >= self._related]

    def put(self, person: str, memories: Sequence[tuple[Memory, Vector]]) -> None:
        if not memories:
            return
        position = self._index.upsert(
            person,
            [
                {
                    "id": one.id,
                    "values": list(vector),
                    "metadata": {"text": one.text, "told": one.told_at, "room": one.room},
                }
                for one, vector in memories
            ],
        )
        if position is not None:
            self._wait_until_visible(person, memories[0][1], position)

    def remove(self, person: str, ids: Iterable[str]) -> None:
        self._index.delete(person, ids)

    def delete_all(self, person: str) -> None:
        self._index.delete_all(person)

    def list_all(self, person: str) -> Iterator[Memory]:
        for one in self._index.fetch_all(person):
            yield _decode_memory(one.id, one.metadata)

    def rename_people(self, rename: Callable[[str], str]) -> int:
        """Renames the people of memories, and returns how many memories those were. May be repeated, and
        broken off: a namespace is written anew before the earlier one is deleted."""
        renamed = 0
        for person in [
            name for prefix in ("whatsapp:", "web:") for name in self._index.list_namespaces(prefix)
        ]:
            if rename(person) == person:
                continue
            records = [
                {"id": rename(one.id), "values": list(one.values), "metadata": dict(one.metadata)}
                for one in self._index.fetch_all(person)
            ]
            self._index.upsert(rename(person), records)
            self._index.delete_all(person)
            renamed += len(records)
        return renamed

    def close(self) -> None:
        self._index.close()

    def _wait_until_visible(self, person: str, vector: Vector, log_position: int) -> None:
        """Waits until queries are answered from the namespace's log up to that position, at least."""
        end = self._clock() + MAX_VISIBILITY_WAIT_SECONDS
        while not self._index.query(person, vector, 1).response_info.is_reconciled(log_position):
            left = deadline.remaining()
            if self._clock() >= end or (left is not None and left <= VISIBILITY_POLL_SECONDS):
                raise DeadlineExceeded(BACKEND_NAME, "written, but not yet visible")
            self._sleep(VISIBILITY_POLL_SECONDS)


def _decode_memory(id: str, metadata: Mapping[str, Any]) -> Memory:
    return Memory(id=id, text=metadata["text"], told_at=metadata["told"], room=metadata.get("room", ""))
