"""Renames the ids in the files of messages and memories: an operator's command, after ids were made anew."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Callable

from repartee.plan import deadline
from repartee.stores.sqlite.database import SqliteDatabase
from repartee.stores.sqlite.memories import MEMORIES_SCHEMA
from repartee.stores.sqlite.message_rows import MESSAGE_COLUMNS, decode_message
from repartee.stores.sqlite.messages import insert_message, open_messages_database, remove_messages

Rename = Callable[[str], str]


def rename_messages(path: str, rename: Rename) -> int:
    """Renames the ids of messages, in meetings too, and returns how many those were. May be repeated."""
    database = open_messages_database(path)
    try:
        with database.write_transaction() as connection:
            return _rename_said(connection, rename) + _rename_filed(connection, rename)
    finally:
        database.checkpoint()
        database.close()


def _rename_said(connection: sqlite3.Connection, rename: Rename) -> int:
    rows = connection.execute(f"SELECT n, {MESSAGE_COLUMNS} FROM said").fetchall()
    said = [(n, decode_message(row)) for n, *row in rows]
    changed = [(n, one.rename_ids(rename)) for n, one in said if one.rename_ids(rename) != one]
    for n, message in changed:
        vector = connection.execute("SELECT vector FROM vectors WHERE n = ?", (n,)).fetchone()
        remove_messages(connection, [(n,)])
        insert_message(connection, message, array("f", vector[0]) if vector else None)
    return len(changed)


def _rename_filed(connection: sqlite3.Connection, rename: Rename) -> int:
    rows = connection.execute("SELECT meeting, id, chat, room, sender FROM filed").fetchall()
    changed = [row for row in rows if tuple(map(rename, row)) != row]
    connection.executemany(
        "UPDATE OR REPLACE filed SET meeting = ?, id = ?, chat = ?, room = ?, sender = ? "
        "WHERE meeting = ? AND id = ?",
        [(*map(rename, row), row[0], row[1]) for row in changed],
    )
    return len(changed)


def rename_memories(path: str, rename: Rename) -> int:
    """Renames the people of memories, and returns how many memories those were. May be repeated."""
    database = SqliteDatabase(path, MEMORIES_SCHEMA, deadline.remaining)
    try:
        with database.write_transaction() as connection:
            rows = connection.execute("SELECT person, id FROM memories").fetchall()
            changed = [row for row in rows if tuple(map(rename, row)) != row]
            connection.executemany(
                "UPDATE OR REPLACE memories SET person = ?, id = ? WHERE person = ? AND id = ?",
                [(*map(rename, row), *row) for row in changed],
            )
        return len(changed)
    finally:
        database.checkpoint()
        database.close()
