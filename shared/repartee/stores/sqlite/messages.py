"""The messages store in one SQLite file."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from typing import Any

from repartee.conversation.message import Said, Side
from repartee.plan import deadline
from repartee.ports import Vector
from repartee.stores.ranking import RELATED, fused, words_of
from repartee.stores.sqlite.database import Database
from repartee.stores.sqlite.vectors import closest, normal

SCHEMA = (
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
)
"""`place` is one side of one room, as a single word: so words are searched for in that place alone."""

FIELDS = ("id", "side", "chat", "room", "sender", "text", "sent")
COLUMNS = ", ".join(FIELDS)

LATEST = "ORDER BY sent DESC, id DESC LIMIT :limit"

NEWEST = " UNION ".join(
    f"SELECT * FROM (SELECT {COLUMNS} FROM said WHERE {place} = :place AND side = :side {LATEST})"
    for place in ("chat", "room")
)
"""Of a chat or a room, each along an index of its own."""

WITHIN = (
    "(chat = :place OR room = :place OR substr(room, 1, length(:place) + 1) = :place || ':') "
    "AND :sender IN ('', sender)"
)
"""What was said in a workspace, room or chat, by one or by all."""

CANDIDATES = 100
"""How many messages each of the two rankings gives to their fusion: as many as Weaviate's do."""


class SqliteMessages:
    """`ports.Messages` in the file at `path`. `related` is the least similarity of vectors that counts."""

    def __init__(self, path: str, related: float = RELATED) -> None:
        self._database = Database(path, SCHEMA, deadline.remaining)
        self._related = related

    def newest(self, place: str, side: Side, limit: int) -> Sequence[Said]:
        asked = {"place": place, "side": side, "limit": limit}
        with self._database.reading() as connection:
            rows = connection.execute(f"{NEWEST} {LATEST}", asked).fetchall()
        return [said_in(row) for row in reversed(rows)]

    def relevant(self, room: str, side: Side, text: str, vector: Vector | None, limit: int) -> Sequence[Said]:
        place = _place(room, side)
        with self._database.reading() as connection:
            by_words = _by_words(connection, place, text)
            if vector is None:
                best = list(by_words)
            else:
                by_vectors = self._by_vectors(connection, place, vector)
                best = fused({n: by_words[n] for n in by_words if n in by_vectors}, by_vectors)
            return [_kept(connection, n) for n in best[:limit]]

    def put(self, said: Sequence[tuple[Said, Vector | None]]) -> None:
        with self._database.writing() as connection:
            for one, vector in said:
                _remove(
                    connection,
                    connection.execute("SELECT n FROM said WHERE id = ?", (one.id,)).fetchall(),
                )
                _insert(connection, one, vector)

    def forget(self, place: str, sender: str = "") -> int:
        with self._database.writing() as connection:
            asked = {"place": place, "sender": sender}
            found = connection.execute(f"SELECT n FROM said WHERE {WITHIN}", asked).fetchall()
            connection.execute(f"DELETE FROM filed WHERE {WITHIN}", asked)
            _remove(connection, found)
            if found:
                connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._database.settle()
        return len(found)

    def close(self) -> None:
        self._database.close()

    def _by_vectors(self, connection: sqlite3.Connection, place: str, vector: Vector) -> dict[int, float]:
        """The messages whose vectors are close, the closest first."""
        asked = normal(vector)
        rows = connection.execute(
            "SELECT n, vector FROM vectors WHERE place = ? AND length(vector) = ?", (place, len(asked))
        ).fetchall()
        return closest(asked, rows, self._related, CANDIDATES)


def _by_words(connection: sqlite3.Connection, place: str, text: str) -> dict[int, float]:
    """The messages that share a word, those with the most and rarest first."""
    words = words_of(text)
    if not words:
        return {}
    either = " OR ".join(f'"{word}"' for word in words)
    rows = connection.execute(
        "SELECT rowid, -bm25(words, 0.0, 1.0) AS score FROM words WHERE words MATCH ? "
        "ORDER BY score DESC, rowid LIMIT ?",
        (f"place : {place} AND text : ({either})", CANDIDATES),
    )
    return dict(rows.fetchall())


def _insert(connection: sqlite3.Connection, one: Said, vector: Vector | None) -> None:
    n = connection.execute(
        f"INSERT INTO said ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [getattr(one, field) for field in FIELDS],
    ).lastrowid
    place = _place(one.room, one.side)
    connection.execute("INSERT INTO words (rowid, place, text) VALUES (?, ?, ?)", (n, place, one.text))
    if vector is not None:
        connection.execute("INSERT INTO vectors VALUES (?, ?, ?)", (place, n, normal(vector)))


def _remove(connection: sqlite3.Connection, found: Sequence[tuple[int]]) -> None:
    for (n,) in found:
        said = _kept(connection, n)
        place = _place(said.room, said.side)
        connection.execute(
            "INSERT INTO words (words, rowid, place, text) VALUES ('delete', ?, ?, ?)",
            (n, place, said.text),
        )
        connection.execute("DELETE FROM vectors WHERE place = ? AND n = ?", (place, n))
        connection.execute("DELETE FROM said WHERE n = ?", (n,))


def _kept(connection: sqlite3.Connection, n: int) -> Said:
    return said_in(connection.execute(f"SELECT {COLUMNS} FROM said WHERE n = ?", (n,)).fetchone())


def said_in(row: Sequence[Any]) -> Said:
    """A row of `COLUMNS` as what was said."""
    return Said(**dict(zip(FIELDS, row, strict=True)))


def _place(room: str, side: Side) -> str:
    return "x" + hashlib.blake2b(f"{side} {room}".encode(), digest_size=12).hexdigest()
