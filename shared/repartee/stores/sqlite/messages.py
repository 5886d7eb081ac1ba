"""The messages store in one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence

from repartee.domain.message import Side, StoredMessage
from repartee.plan import deadline
from repartee.ports import Vector
from repartee.stores.bigrams import split_stored_bigrams
from repartee.stores.relevance import find_relevant
from repartee.stores.search_tokens import split_stored_tokens
from repartee.stores.sqlite.candidates import SqliteCandidates
from repartee.stores.sqlite.database import SqliteDatabase
from repartee.stores.sqlite.message_rows import (
    MESSAGE_COLUMNS,
    MESSAGE_FIELDS,
    MESSAGE_PLACEHOLDERS,
    decode_message,
    read_messages,
    side_of_room,
)
from repartee.stores.sqlite.vectors import normalised_bytes

MESSAGES_SCHEMA = (
    """
CREATE TABLE said (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    side TEXT NOT NULL,
    chat TEXT NOT NULL,
    room TEXT NOT NULL,
    sender TEXT NOT NULL,
    text TEXT NOT NULL,
    sent REAL NOT NULL
);
CREATE INDEX said_newest ON said (chat, side, sent, id);
CREATE TABLE vectors (
    place TEXT NOT NULL,
    n INTEGER NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (place, n)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (place, text, content = '', tokenize = 'unicode61 remove_diacritics 2')
""",
    """
CREATE INDEX said_newest_in_room ON said (room, side, sent, id);
CREATE TABLE filed (
    meeting TEXT NOT NULL,
    id TEXT NOT NULL,
    side TEXT NOT NULL,
    chat TEXT NOT NULL,
    room TEXT NOT NULL,
    sender TEXT NOT NULL,
    text TEXT NOT NULL,
    sent REAL NOT NULL,
    PRIMARY KEY (meeting, id)
) WITHOUT ROWID
""",
    """
ALTER TABLE said ADD COLUMN sender_name TEXT NOT NULL DEFAULT '';
ALTER TABLE filed ADD COLUMN sender_name TEXT NOT NULL DEFAULT ''
""",
    """
CREATE VIRTUAL TABLE bigrams USING fts5 (
    place, text, content = '', tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
);
INSERT INTO bigrams (rowid, place, text)
    SELECT n, side_of_room(room, side), stored_bigrams(text) FROM said WHERE stored_bigrams(text) <> ''
""",
    """
ALTER TABLE said ADD COLUMN tokens TEXT NOT NULL DEFAULT '';
UPDATE said SET tokens = stored_tokens(text, sender_name);
DROP TABLE bigrams;
CREATE VIRTUAL TABLE bigrams USING fts5 (
    place, text, content = '', tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'"
);
INSERT INTO bigrams (rowid, place, text)
    SELECT n, side_of_room(room, side), tokens FROM said WHERE tokens <> ''
""",
)
"""`place` is one side of one room, as a single word: so words are searched for in that place alone. `bigrams`
has all tokens of `split_stored_tokens`; they are kept with the message too, as FTS5 forgets only what it is
told."""

FTS_TABLES = ("words", "bigrams")

NEWEST_FIRST_SQL = "ORDER BY sent DESC, id DESC LIMIT :limit"

NEWEST_MESSAGES_SQL = " UNION ".join(
    f"SELECT * FROM (SELECT {MESSAGE_COLUMNS} FROM said "
    f"WHERE {place} = :place AND side = :side {NEWEST_FIRST_SQL})"
    for place in ("chat", "room")
)
"""Of a chat or a room, each along an index of its own."""

FORGET_SCOPE_SQL = (
    "(chat = :place OR room = :place OR substr(room, 1, length(:place) + 1) = :place || ':') "
    "AND :sender IN ('', sender)"
)
"""Selects the messages of a workspace, room or chat, of one person or of all."""


class SqliteMessages:
    """`ports.Messages` in the file at `path`."""

    def __init__(self, path: str) -> None:
        self._database = open_messages_database(path)

    def list_newest(self, scope: str, side: Side, limit: int) -> Sequence[StoredMessage]:
        parameters = {"place": scope, "side": side, "limit": limit}
        with self._database.read_transaction() as connection:
            rows = connection.execute(f"{NEWEST_MESSAGES_SQL} {NEWEST_FIRST_SQL}", parameters).fetchall()
        return [decode_message(row) for row in reversed(rows)]

    def search(
        self,
        room: str,
        side: Side,
        text: str,
        vector: Vector | None,
        limit: int,
        asked_at: float = 0.0,
    ) -> Sequence[StoredMessage]:
        with self._database.read_transaction() as connection:
            source = SqliteCandidates(connection, room, side)
            return find_relevant(source, text, vector, limit, asked_at)

    def put(self, messages: Sequence[tuple[StoredMessage, Vector | None]]) -> None:
        with self._database.write_transaction() as connection:
            for one, vector in messages:
                remove_messages(
                    connection,
                    connection.execute("SELECT n FROM said WHERE id = ?", (one.id,)).fetchall(),
                )
                insert_message(connection, one, vector)

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        with self._database.write_transaction() as connection:
            for one in messages:
                found = connection.execute("SELECT n FROM said WHERE id = ?", (one.id,)).fetchall()
                remove_messages(connection, found)
                connection.execute("DELETE FROM filed WHERE id = ?", (one.id,))

    def delete_all(self, scope: str, sender: str = "") -> int:
        with self._database.write_transaction() as connection:
            parameters = {"place": scope, "sender": sender}
            found = connection.execute(f"SELECT n FROM said WHERE {FORGET_SCOPE_SQL}", parameters).fetchall()
            connection.execute(f"DELETE FROM filed WHERE {FORGET_SCOPE_SQL}", parameters)
            remove_messages(connection, found)
            if found:
                for table in FTS_TABLES:
                    connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
        self._database.checkpoint()
        return len(found)

    def list_all(self, scope: str = "", sender: str = "") -> Iterator[StoredMessage]:
        where = FORGET_SCOPE_SQL if scope else ":sender IN ('', sender)"
        with self._database.read_transaction() as connection:
            rows = connection.execute(
                f"SELECT {MESSAGE_COLUMNS} FROM said WHERE {where} UNION "
                f"SELECT {MESSAGE_COLUMNS} FROM filed WHERE {where}",
                {"place": scope, "sender": sender},
            ).fetchall()
        yield from map(decode_message, rows)

    def close(self) -> None:
        self._database.close()


def open_messages_database(path: str) -> SqliteDatabase:
    """Returns the file of messages and meetings. A file of an earlier version is migrated when it is
    opened."""
    functions: dict[str, Callable[..., str]] = {
        "side_of_room": side_of_room,
        "stored_bigrams": lambda text: " ".join(split_stored_bigrams(text)),
        "stored_tokens": _join_stored_tokens,
    }
    return SqliteDatabase(path, MESSAGES_SCHEMA, deadline.remaining, functions)


def insert_message(connection: sqlite3.Connection, message: StoredMessage, vector: Vector | None) -> None:
    """Writes a message, with what it is found by."""
    tokens = _join_stored_tokens(message.text, message.sender_name)
    n = connection.execute(
        f"INSERT INTO said (tokens, {MESSAGE_COLUMNS}) VALUES (?, {MESSAGE_PLACEHOLDERS})",
        [tokens, *(getattr(message, field) for field in MESSAGE_FIELDS)],
    ).lastrowid
    place = side_of_room(message.room, message.side)
    for table, text in _indexed_texts(message, tokens):
        connection.execute(f"INSERT INTO {table} (rowid, place, text) VALUES (?, ?, ?)", (n, place, text))
    if vector is not None:
        connection.execute("INSERT INTO vectors VALUES (?, ?, ?)", (place, n, normalised_bytes(vector)))


def remove_messages(connection: sqlite3.Connection, row_ids: Sequence[tuple[int]]) -> None:
    """Deletes messages, and what they are found by."""
    for (n,) in row_ids:
        (message,) = read_messages(connection, [n]).values()
        place = side_of_room(message.room, message.side)
        (tokens,) = connection.execute("SELECT tokens FROM said WHERE n = ?", (n,)).fetchone()
        for table, text in _indexed_texts(message, tokens):
            connection.execute(
                f"INSERT INTO {table} ({table}, rowid, place, text) VALUES ('delete', ?, ?, ?)",
                (n, place, text),
            )
        connection.execute("DELETE FROM vectors WHERE place = ? AND n = ?", (place, n))
        connection.execute("DELETE FROM said WHERE n = ?", (n,))


def _indexed_texts(message: StoredMessage, tokens: str) -> Iterator[tuple[str, str]]:
    """Yields the FTS5 tables in which the message is found, and what it is found by in each."""
    yield "words", message.text
    if tokens:
        yield "bigrams", tokens


def _join_stored_tokens(text: str, sender_name: str) -> str:
    return " ".join(split_stored_tokens(text, sender_name))
