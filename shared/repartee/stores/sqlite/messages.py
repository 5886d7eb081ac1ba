"""The messages store in one SQLite file."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from repartee.domain.message import Side, StoredMessage
from repartee.plan import deadline
from repartee.ports import Vector
from repartee.stores.bigrams import split_asked_bigrams, split_stored_bigrams
from repartee.stores.ranking import MIN_RELATED_SIMILARITY, extract_search_words, fuse_rankings
from repartee.stores.sqlite.database import SqliteDatabase
from repartee.stores.sqlite.vectors import find_closest, normalised_bytes

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
)
"""`place` is one side of one room, as a single word: so words are searched for in that place alone."""

FTS_TABLES = ("words", "bigrams")

MESSAGE_FIELDS = ("id", "side", "chat", "room", "sender", "text", "sent", "sender_name")
MESSAGE_COLUMNS = ", ".join(MESSAGE_FIELDS)
MESSAGE_PLACEHOLDERS = ", ".join("?" for _ in MESSAGE_FIELDS)

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

MAX_RANKING_CANDIDATES = 100
"""How many messages each of the two rankings gives to their fusion: as many as Weaviate's do."""


class SqliteMessages:
    """`ports.Messages` in the file at `path`. `related` is the least similarity of vectors that counts."""

    def __init__(self, path: str, related: float = MIN_RELATED_SIMILARITY) -> None:
        self._database = open_messages_database(path)
        self._related = related

    def list_newest(self, scope: str, side: Side, limit: int) -> Sequence[StoredMessage]:
        parameters = {"place": scope, "side": side, "limit": limit}
        with self._database.read_transaction() as connection:
            rows = connection.execute(f"{NEWEST_MESSAGES_SQL} {NEWEST_FIRST_SQL}", parameters).fetchall()
        return [decode_message(row) for row in reversed(rows)]

    def search(
        self, room: str, side: Side, text: str, vector: Vector | None, limit: int
    ) -> Sequence[StoredMessage]:
        place = _side_of_room(room, side)
        with self._database.read_transaction() as connection:
            by_words = _rank_by_words(connection, place, text)
            if vector is None:
                best = list(by_words)
            else:
                by_vectors = self._rank_by_vectors(connection, place, vector)
                best = fuse_rankings({n: by_words[n] for n in by_words if n in by_vectors}, by_vectors)
            return [_read_message(connection, n) for n in best[:limit]]

    def put(self, messages: Sequence[tuple[StoredMessage, Vector | None]]) -> None:
        with self._database.write_transaction() as connection:
            for one, vector in messages:
                _remove_messages(
                    connection,
                    connection.execute("SELECT n FROM said WHERE id = ?", (one.id,)).fetchall(),
                )
                _insert_message(connection, one, vector)

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        with self._database.write_transaction() as connection:
            for one in messages:
                found = connection.execute("SELECT n FROM said WHERE id = ?", (one.id,)).fetchall()
                _remove_messages(connection, found)
                connection.execute("DELETE FROM filed WHERE id = ?", (one.id,))

    def delete_all(self, scope: str, sender: str = "") -> int:
        with self._database.write_transaction() as connection:
            parameters = {"place": scope, "sender": sender}
            found = connection.execute(f"SELECT n FROM said WHERE {FORGET_SCOPE_SQL}", parameters).fetchall()
            connection.execute(f"DELETE FROM filed WHERE {FORGET_SCOPE_SQL}", parameters)
            _remove_messages(connection, found)
            if found:
                for table in FTS_TABLES:
                    connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
        self._database.checkpoint()
        return len(found)

    def close(self) -> None:
        self._database.close()

    def _rank_by_vectors(
        self, connection: sqlite3.Connection, place: str, vector: Vector
    ) -> dict[int, float]:
        """Returns the messages whose vectors are close, the closest first."""
        query = normalised_bytes(vector)
        rows = connection.execute(
            "SELECT n, vector FROM vectors WHERE place = ? AND length(vector) = ?", (place, len(query))
        ).fetchall()
        return find_closest(query, rows, self._related, MAX_RANKING_CANDIDATES)


def open_messages_database(path: str) -> SqliteDatabase:
    """Returns the file of messages and meetings. A file of an earlier version is migrated when it is
    opened."""
    functions: dict[str, Callable[..., str]] = {
        "side_of_room": _side_of_room,
        "stored_bigrams": _join_stored_bigrams,
    }
    return SqliteDatabase(path, MESSAGES_SCHEMA, deadline.remaining, functions)


def _rank_by_words(connection: sqlite3.Connection, place: str, text: str) -> dict[int, float]:
    """Returns the messages that share a word or a bigram, those with the most and rarest first."""
    scores: Counter[int] = Counter()
    for table, tokens in (("words", extract_search_words(text)), ("bigrams", split_asked_bigrams(text))):
        scores.update(_rank_by_tokens(connection, table, place, tokens))
    return dict(scores.most_common(MAX_RANKING_CANDIDATES))


def _rank_by_tokens(
    connection: sqlite3.Connection, table: str, place: str, tokens: Sequence[str]
) -> dict[int, float]:
    """Returns the messages that share a token in that FTS5 table, those with the most and rarest first."""
    if not tokens:
        return {}
    either = " OR ".join(f'"{token}"' for token in tokens)
    rows = connection.execute(
        f"SELECT rowid, -bm25({table}, 0.0, 1.0) AS score FROM {table} WHERE {table} MATCH ? "
        "ORDER BY score DESC, rowid LIMIT ?",
        (f"place : {place} AND text : ({either})", MAX_RANKING_CANDIDATES),
    )
    return dict(rows.fetchall())


def _insert_message(connection: sqlite3.Connection, message: StoredMessage, vector: Vector | None) -> None:
    n = connection.execute(
        f"INSERT INTO said ({MESSAGE_COLUMNS}) VALUES ({MESSAGE_PLACEHOLDERS})",
        [getattr(message, field) for field in MESSAGE_FIELDS],
    ).lastrowid
    place = _side_of_room(message.room, message.side)
    for table, text in _indexed_texts(message):
        connection.execute(f"INSERT INTO {table} (rowid, place, text) VALUES (?, ?, ?)", (n, place, text))
    if vector is not None:
        connection.execute("INSERT INTO vectors VALUES (?, ?, ?)", (place, n, normalised_bytes(vector)))


def _remove_messages(connection: sqlite3.Connection, row_ids: Sequence[tuple[int]]) -> None:
    for (n,) in row_ids:
        message = _read_message(connection, n)
        place = _side_of_room(message.room, message.side)
        for table, text in _indexed_texts(message):
            connection.execute(
                f"INSERT INTO {table} ({table}, rowid, place, text) VALUES ('delete', ?, ?, ?)",
                (n, place, text),
            )
        connection.execute("DELETE FROM vectors WHERE place = ? AND n = ?", (place, n))
        connection.execute("DELETE FROM said WHERE n = ?", (n,))


def _indexed_texts(message: StoredMessage) -> Iterator[tuple[str, str]]:
    """Yields the FTS5 tables in which the message is found, and what it is found by in each."""
    yield "words", message.text
    bigrams = _join_stored_bigrams(message.text)
    if bigrams:
        yield "bigrams", bigrams


def _join_stored_bigrams(text: str) -> str:
    return " ".join(split_stored_bigrams(text))


def _read_message(connection: sqlite3.Connection, row_id: int) -> StoredMessage:
    return decode_message(
        connection.execute(f"SELECT {MESSAGE_COLUMNS} FROM said WHERE n = ?", (row_id,)).fetchone()
    )


def decode_message(row: Sequence[Any]) -> StoredMessage:
    """Returns the message in a row of `MESSAGE_COLUMNS`."""
    return StoredMessage(**dict(zip(MESSAGE_FIELDS, row, strict=True)))


def _side_of_room(room: str, side: Side) -> str:
    return "x" + hashlib.blake2b(f"{side} {room}".encode(), digest_size=12).hexdigest()
