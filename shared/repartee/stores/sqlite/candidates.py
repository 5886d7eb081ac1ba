"""The candidates for a question in one SQLite file: by vectors, by words, and what was said beside them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence

from repartee.domain.message import Side, StoredMessage
from repartee.ports import Vector
from repartee.stores.relevance import MIN_CANDIDATE_SIMILARITY, Candidate, Neighbours
from repartee.stores.search_tokens import AskedTokens
from repartee.stores.sqlite.message_rows import MESSAGE_COLUMNS, decode_message, read_messages, side_of_room
from repartee.stores.sqlite.vectors import find_closest, normalised_bytes


class SqliteCandidates:
    """`CandidateSource` of one side of one room, within one transaction."""

    def __init__(self, connection: sqlite3.Connection, room: str, side: Side) -> None:
        self._connection, self._place = connection, side_of_room(room, side)

    def find_closest(self, vector: Vector, limit: int) -> Sequence[Candidate]:
        query = normalised_bytes(vector)
        rows = self._connection.execute(
            "SELECT n, vector FROM vectors WHERE place = ? AND length(vector) = ?", (self._place, len(query))
        )
        return self._read_candidates(find_closest(query, rows, MIN_CANDIDATE_SIMILARITY, limit))

    def find_matching(self, asked: AskedTokens, limit: int) -> Sequence[Candidate]:
        scores: Counter[int] = Counter()
        for table, tokens in (("words", asked.words), ("bigrams", asked.tokens)):
            scores.update(self._match_tokens(table, tokens, limit))
        return self._read_candidates(dict(scores.most_common(limit)))

    def find_neighbours(self, hits: Sequence[StoredMessage]) -> Mapping[str, Neighbours]:
        return {
            hit.id: Neighbours(self._find_beside(hit, "<", "DESC"), self._find_beside(hit, ">", "ASC"))
            for hit in hits
        }

    def _find_beside(self, hit: StoredMessage, comparison: str, order: str) -> StoredMessage | None:
        """Returns the message of the chat that comes first on one side of the hit, in the order of time."""
        row = self._connection.execute(
            f"SELECT {MESSAGE_COLUMNS} FROM said WHERE chat = ? AND side = ? "
            f"AND (sent, n) {comparison} (?, (SELECT n FROM said WHERE id = ?)) "
            f"ORDER BY sent {order}, n {order} LIMIT 1",
            (hit.chat, hit.side, hit.sent, hit.id),
        ).fetchone()
        return None if row is None else decode_message(row)

    def _match_tokens(self, table: str, tokens: Sequence[str], limit: int) -> dict[int, float]:
        """Returns the messages that share a token in that FTS5 table, the most and rarest first."""
        if not tokens:
            return {}
        either = " OR ".join(f'"{token}"' for token in tokens)
        rows = self._connection.execute(
            f"SELECT rowid, -bm25({table}, 0.0, 1.0) AS score FROM {table} WHERE {table} MATCH ? "
            "ORDER BY score DESC, rowid LIMIT ?",
            (f"place : {self._place} AND text : ({either})", limit),
        )
        return dict(rows.fetchall())

    def _read_candidates(self, scores: Mapping[int, float]) -> list[Candidate]:
        messages = read_messages(self._connection, scores)
        return [Candidate(messages[n], score) for n, score in scores.items()]
