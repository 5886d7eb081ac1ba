"""What is known about people, in one SQLite file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from repartee.plan import deadline
from repartee.ports import Memory, Vector
from repartee.stores.ranking import RELATED
from repartee.stores.sqlite.database import Database
from repartee.stores.sqlite.vectors import closest, normal

SCHEMA = (
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
)


class SqliteMemories:
    """`ports.Memories` in the file at `path`. `related` is the least similarity of vectors that counts."""

    def __init__(self, path: str, related: float = RELATED) -> None:
        self._database = Database(path, SCHEMA, deadline.remaining)
        self._related = related

    def relevant(self, person: str, vector: Vector, limit: int) -> Sequence[Memory]:
        asked = normal(vector)
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT rowid, vector FROM memories WHERE person = ? AND length(vector) = ?",
                (person, len(asked)),
            ).fetchall()
            best = closest(asked, rows, self._related, limit)
            return [
                Memory(id=id, text=text, told=told)
                for key in best
                for id, text, told in connection.execute(
                    "SELECT id, text, told FROM memories WHERE rowid = ?", (key,)
                )
            ]

    def put(self, person: str, memories: Sequence[tuple[Memory, Vector]]) -> None:
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO memories VALUES (?, ?, ?, ?, ?)",
                [(person, one.id, one.text, one.told, normal(vector)) for one, vector in memories],
            )

    def remove(self, person: str, ids: Iterable[str]) -> None:
        with self._database.writing() as connection:
            connection.executemany(
                "DELETE FROM memories WHERE person = ? AND id = ?", [(person, id) for id in ids]
            )

    def forget(self, person: str) -> None:
        with self._database.writing() as connection:
            connection.execute("DELETE FROM memories WHERE person = ?", (person,))
        self._database.settle()

    def close(self) -> None:
        self._database.close()
