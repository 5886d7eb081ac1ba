"""What was said in meetings, in the SQLite file of the messages."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.conversation.message import Said
from repartee.plan import deadline
from repartee.stores.sqlite.database import Database
from repartee.stores.sqlite.messages import COLUMNS, FIELDS, SCHEMA, said_in


class SqliteMeetings:
    """`ports.Meetings` in the file at `path`, which is that of the messages."""

    def __init__(self, path: str) -> None:
        self._database = Database(path, SCHEMA, deadline.remaining)

    def file(self, meeting: str, said: Sequence[Said]) -> None:
        with self._database.writing() as connection:
            connection.executemany(
                f"INSERT OR REPLACE INTO filed (meeting, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(meeting, *(getattr(one, field) for field in FIELDS)) for one in said],
            )

    def of(self, meeting: str, room: str, limit: int) -> Sequence[Said]:
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM filed WHERE meeting = ? AND room = ? "
                "ORDER BY sent DESC, id DESC LIMIT ?",
                (meeting, room, limit),
            ).fetchall()
        return [said_in(row) for row in reversed(rows)]

    def close(self) -> None:
        self._database.close()
