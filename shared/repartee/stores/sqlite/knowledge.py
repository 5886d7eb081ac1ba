"""The coach's library in one SQLite file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from repartee.plan import deadline
from repartee.ports import Passage, Vector
from repartee.stores.ranking import MIN_RELATED_SIMILARITY
from repartee.stores.sqlite.database import SqliteDatabase
from repartee.stores.sqlite.vectors import find_closest, normalised_bytes

KNOWLEDGE_SCHEMA = (
    """
CREATE TABLE passages (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    text TEXT NOT NULL,
    heading TEXT NOT NULL,
    topic TEXT NOT NULL,
    vector BLOB NOT NULL
);
CREATE INDEX passages_topic ON passages (topic)
""",
)


class SqliteKnowledge:
    """`ports.Knowledge` in the file at `path`. `related` is the least similarity of vectors that counts."""

    def __init__(self, path: str, related: float = MIN_RELATED_SIMILARITY) -> None:
        self._database = SqliteDatabase(path, KNOWLEDGE_SCHEMA, deadline.remaining)
        self._related = related

    def search(self, vector: Vector, limit: int, topics: Sequence[str] = ()) -> Sequence[Passage]:
        query = normalised_bytes(vector)
        of_topics = f"AND topic IN ({', '.join('?' * len(topics))})" if topics else ""
        with self._database.read_transaction() as connection:
            rows = connection.execute(
                f"SELECT id, vector FROM passages WHERE length(vector) = ? {of_topics}", (len(query), *topics)
            )
            best = find_closest(query, rows, self._related, limit)
            return [
                Passage(id=id, document=document, text=text, heading=heading, topic=topic)
                for key in best
                for id, document, text, heading, topic in connection.execute(
                    "SELECT id, document, text, heading, topic FROM passages WHERE id = ?", (key,)
                )
            ]

    def put(self, passages: Sequence[tuple[Passage, Vector]]) -> None:
        with self._database.write_transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO passages VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (one.id, one.document, one.text, one.heading, one.topic, normalised_bytes(vector))
                    for one, vector in passages
                ],
            )

    def list_ids(self) -> Iterator[str]:
        with self._database.read_transaction() as connection:
            found = connection.execute("SELECT id FROM passages").fetchall()
        return (id for (id,) in found)

    def remove(self, ids: Iterable[str]) -> None:
        with self._database.write_transaction() as connection:
            connection.executemany("DELETE FROM passages WHERE id = ?", [(id,) for id in ids])

    def close(self) -> None:
        self._database.close()
