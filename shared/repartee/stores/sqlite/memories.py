"""The coach's memories in one SQLite file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from repartee.plan import deadline
from repartee.ports import Memory, Vector
from repartee.stores.ranking import MIN_RELATED_SIMILARITY
from repartee.stores.sqlite.database import SqliteDatabase
from repartee.stores.sqlite.vectors import find_closest, normalised_bytes

MEMORIES_SCHEMA = (
    """
CREATE TABLE memories (
    person TEXT NOT NULL,
    id TEXT NOT NULL,
    text TEXT NOT NULL,
    told REAL NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (person, id)
)
""",
    "ALTER TABLE memories ADD COLUMN room TEXT NOT NULL DEFAULT ''",
)


class SqliteMemories:
    """`ports.Memories` in the file at `path`. `related` is the least similarity of vectors that counts."""

    def __init__(self, path: str, related: float = MIN_RELATED_SIMILARITY) -> None:
        self._database = SqliteDatabase(path, MEMORIES_SCHEMA, deadline.remaining)
        self._related = related

    def search(self, person: str, vector: Vector, limit: int, room: str = "") -> Sequence[Memory]:
        query = normalised_bytes(vector)
        with self._database.read_transaction() as connection:
            rows = connection.execute(
                "SELECT rowid, vector FROM memories"
                " WHERE person = ? AND length(vector) = ? AND ? IN ('', room)",
                (person, len(query), room),
            ).fetchall()
            best = find_closest(query, rows, self._related, limit)
            return [
                Memory(id=id, text=text, told_at=told_at, room=told_in)
                for key in best
                for id, text, told_at, told_in in connection.execute(
                    "SELECT id, text, told, room FROM memories WHERE rowid = ?", (key,)
                )
            ]

    def put(self, person: str, memories: Sequence[tuple[Memory, Vector]]) -> None:
        with self._database.write_transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO memories VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (person, one.id, one.text, one.told_at, normalised_bytes(vector), one.room)
                    for one, vector in memories
                ],
            )

    def remove(self, person: str, ids: Iterable[str]) -> None:
        with self._database.write_transaction() as connection:
            connection.executemany(
                "DELETE FROM memories WHERE person = ? AND id = ?", [(person, id) for id in ids]
            )

    def delete_all(self, person: str) -> None:
        with self._database.write_transaction() as connection:
            connection.execute("DELETE FROM memories WHERE person = ?", (person,))
        self._database.checkpoint()

    def list_all(self, person: str) -> Iterator[Memory]:
        with self._database.read_transaction() as connection:
            rows = connection.execute(
                "SELECT id, text, told, room FROM memories WHERE person = ?", (person,)
            ).fetchall()
        for id, text, told_at, room in rows:
            yield Memory(id=id, text=text, told_at=told_at, room=room)

    def close(self) -> None:
        self._database.close()
