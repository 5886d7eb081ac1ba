"""Messages as rows of SQLite's tables."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from repartee.domain.message import Side, StoredMessage

MESSAGE_FIELDS = ("id", "side", "chat", "room", "sender", "text", "sent", "sender_name")
MESSAGE_COLUMNS = ", ".join(MESSAGE_FIELDS)
MESSAGE_PLACEHOLDERS = ", ".join("?" for _ in MESSAGE_FIELDS)


def decode_message(row: Sequence[Any]) -> StoredMessage:
    """Returns the message in a row of `MESSAGE_COLUMNS`."""
    return StoredMessage(**dict(zip(MESSAGE_FIELDS, row, strict=True)))


def read_messages(connection: sqlite3.Connection, row_ids: Iterable[int]) -> dict[int, StoredMessage]:
    """Returns the messages of these rows, by the rows' numbers."""
    wanted = list(row_ids)
    marks = ", ".join("?" * len(wanted))
    rows = connection.execute(f"SELECT n, {MESSAGE_COLUMNS} FROM said WHERE n IN ({marks})", wanted)
    return {n: decode_message(row) for n, *row in rows}


def side_of_room(room: str, side: Side) -> str:
    """Returns one side of one room as a single word, which FTS5 finds as a whole."""
    return "x" + hashlib.blake2b(f"{side} {room}".encode(), digest_size=12).hexdigest()
