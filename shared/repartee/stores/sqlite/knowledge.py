"""The coach's library in one SQLite file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from repartee.plan import deadline
from repartee.ports import Passage, Vector
from repartee.stores.ranking import RELATED
from repartee.stores.sqlite.database import Database
from repartee.stores.sqlite.vectors import closest, normal

SCHEMA = (
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

    def __init__(self, path: str, related: float = RELATED) -> None:
        self._database = Database(path, SCHEMA, deadline.remaining)
        self._related = related

    def relevant(self, vector: Vector, limit: int, topics: Sequence[str] = ()) -> Sequence[Passage]:
        asked = normal(vector)
        of_topics = f"AND topic IN ({', '.join('?' * len(topics))})" if topics else ""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT id, vector FROM passages WHERE length(vector) = ? {of_topics}", (len(asked), *topics)
            ).fetchall()
            best = closest(asked, rows, self._related, limit)
            return [
                Passage(id=id, document=document, text=text, heading=heading, topic=topic)
                for key in best
                for id, document, text, heading, topic in connection.execute(
                    "SELECT id, document, text, heading, topic FROM passages WHERE id = ?", (key,)
                )
            ]

    def put(self, passages: Sequence[tuple[Passage, Vector]]) -> None:
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO passages VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (one.id, one.document, one.text, one.heading, one.topic, normal(vector))
                    for one, vector in passages
                ],
            )

    def ids(self) -> Iterator[str]:
        with self._database.reading() as connection:
            found = connection.execute("SELECT id FROM passages").fetchall()
        return (id for (id,) in found)

    def remove(self, ids: Iterable[str]) -> None:
        with self._database.writing() as connection:
            connection.executemany("DELETE FROM passages WHERE id = ?", [(id,) for id in ids])

    def close(self) -> None:
        self._database.close()
