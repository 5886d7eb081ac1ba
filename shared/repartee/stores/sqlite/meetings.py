"""The meetings store in the SQLite file of the messages."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.domain.message import StoredMessage
from repartee.stores.sqlite.message_rows import (
    MESSAGE_COLUMNS,
    MESSAGE_FIELDS,
    MESSAGE_PLACEHOLDERS,
    decode_message,
)
from repartee.stores.sqlite.messages import open_messages_database


class SqliteMeetings:
    """`ports.Meetings` in the file at `path`, which is that of the messages."""

    def __init__(self, path: str) -> None:
        self._database = open_messages_database(path)

    def put(self, meeting: str, messages: Sequence[StoredMessage]) -> None:
        with self._database.write_transaction() as connection:
            connection.executemany(
                f"INSERT OR REPLACE INTO filed (meeting, {MESSAGE_COLUMNS}) "
                f"VALUES (?, {MESSAGE_PLACEHOLDERS})",
                [(meeting, *(getattr(one, field) for field in MESSAGE_FIELDS)) for one in messages],
            )

    def read_transcript(self, meeting: str, room: str, limit: int) -> Sequence[StoredMessage]:
        with self._database.read_transaction() as connection:
            rows = connection.execute(
                f"SELECT {MESSAGE_COLUMNS} FROM filed WHERE meeting = ? AND room = ? "
                "ORDER BY sent DESC, id DESC LIMIT ?",
                (meeting, room, limit),
            ).fetchall()
        return [decode_message(row) for row in reversed(rows)]

    def close(self) -> None:
        self._database.close()
