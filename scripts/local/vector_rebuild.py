"""Makes the vectors of local files anew where another model made them: two models' may be of one length, and
would be compared without an error.

Each SQLite file keeps the name of the model in its table `embedded_by`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from repartee.domain.redactor import RedactorFactory
from repartee.knowledge.library import embedded_text
from repartee.language.person_names import remove_names
from repartee.plan import deadline
from repartee.ports import Embedder, Passage
from repartee.stores.sqlite.database import SqliteDatabase
from repartee.stores.sqlite.knowledge import KNOWLEDGE_SCHEMA
from repartee.stores.sqlite.memories import MEMORIES_SCHEMA
from repartee.stores.sqlite.messages import open_messages_database
from repartee.stores.sqlite.vectors import normalised_bytes

FIRST_MODEL = "all-minilm-l6-v2"
"""The model of the local stack before the files kept its name."""

FIRST_MODEL_VECTOR_BYTES = 384 * 4

BATCH_TEXTS = 64


class EmbeddedText(NamedTuple):
    """The row whose vector it is, and what is embedded of it."""

    row_key: tuple[str | int, ...]
    text: str


class VectorRebuild:
    """Makes the vectors in the files at `path` those of `model`, which `embedder` asks."""

    def __init__(self, path: str, model: str, embedder: Embedder, redactor_for: RedactorFactory) -> None:
        self._path, self._model, self._embedder = path, model, embedder
        self._redactor_for = redactor_for

    def run(self) -> int:
        """Returns how many vectors were made anew. What is interrupted is done by the next run."""
        return (
            self._rebuild(self._path, open_messages_database, "vectors", self._message_texts)
            + self._rebuild(f"{self._path}-memories", _open_memories, "memories", self._memory_texts)
            + self._rebuild(f"{self._path}-knowledge", _open_knowledge, "passages", _passage_texts)
        )

    def _rebuild(
        self,
        path: str,
        open_file: Callable[[str], SqliteDatabase],
        table: str,
        list_texts: Callable[[sqlite3.Connection], Iterator[EmbeddedText]],
    ) -> int:
        if not Path(path).exists() and table != "vectors":
            return 0
        database = open_file(path)
        try:
            with database.read_transaction() as connection:
                stale = _read_model(connection, table) not in ("", self._model)
                texts = list(list_texts(connection)) if stale else []
            vectors = [vector for some in _batches(texts) for vector in self._embed(some)]
            with database.write_transaction() as connection:
                _write_vectors(connection, table, texts, vectors)
                _write_model(connection, self._model)
        finally:
            database.close()
        return len(texts)

    def _embed(self, some: Sequence[EmbeddedText]) -> list[bytes]:
        return [normalised_bytes(vector) for vector in self._embedder.embed([one.text for one in some])]

    def _message_texts(self, connection: sqlite3.Connection) -> Iterator[EmbeddedText]:
        """Yields the messages as they are embedded: redacted, and without the names of the room's people."""
        rows = connection.execute(
            "SELECT room, place, n, text, sender_name FROM vectors JOIN said USING (n) ORDER BY room, n"
        ).fetchall()
        for room, of_room in groupby(rows, key=lambda row: row[0]):
            said = list(of_room)
            names = sorted({name for *_, name in said if name})
            redacted = self._redactor_for(room).redact_all([text for _, _, _, text, _ in said])
            for (_, place, n, _, _), text in zip(said, redacted, strict=True):
                yield EmbeddedText((place, n), remove_names(text, names))

    def _memory_texts(self, connection: sqlite3.Connection) -> Iterator[EmbeddedText]:
        rows = connection.execute("SELECT rowid, room, text FROM memories").fetchall()
        for n, room, text in rows:
            yield EmbeddedText((n,), self._redactor_for(room).redact(text))


def _passage_texts(connection: sqlite3.Connection) -> Iterator[EmbeddedText]:
    rows = connection.execute("SELECT rowid, id, document, text, heading, topic FROM passages").fetchall()
    for n, id, document, text, heading, topic in rows:
        passage = Passage(id=id, document=document, text=text, heading=heading, topic=topic)
        yield EmbeddedText((n,), embedded_text(passage))


def _read_model(connection: sqlite3.Connection, table: str) -> str:
    """Returns the name of the model that made the vectors; empty where there are none, or none that may be
    of another."""
    named = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'embedded_by'").fetchone()
    if named:
        return str(connection.execute("SELECT model FROM embedded_by").fetchone()[0])
    row = connection.execute(f"SELECT length(vector) FROM {table} LIMIT 1").fetchone()
    return FIRST_MODEL if row and row[0] == FIRST_MODEL_VECTOR_BYTES else ""


def _write_model(connection: sqlite3.Connection, model: str) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS embedded_by (model TEXT NOT NULL)")
    connection.execute("DELETE FROM embedded_by")
    connection.execute("INSERT INTO embedded_by VALUES (?)", (model,))


def _write_vectors(
    connection: sqlite3.Connection, table: str, texts: Sequence[EmbeddedText], vectors: Sequence[bytes]
) -> None:
    condition = "place = ? AND n = ?" if table == "vectors" else "rowid = ?"
    rows = [(vector, *one.row_key) for one, vector in zip(texts, vectors, strict=True)]
    connection.executemany(f"UPDATE {table} SET vector = ? WHERE {condition}", rows)


def _open_memories(path: str) -> SqliteDatabase:
    return SqliteDatabase(path, MEMORIES_SCHEMA, deadline.remaining)


def _open_knowledge(path: str) -> SqliteDatabase:
    return SqliteDatabase(path, KNOWLEDGE_SCHEMA, deadline.remaining)


def _batches(texts: Sequence[EmbeddedText]) -> Iterator[Sequence[EmbeddedText]]:
    return (texts[at : at + BATCH_TEXTS] for at in range(0, len(texts), BATCH_TEXTS))
