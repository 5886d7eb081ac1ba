"""One SQLite file for many threads and processes: connections, transactions, deadlines and errors.

Write-ahead logging lets readers go on while one writer writes. A commit is on the disk before it is
acknowledged, so neither `kill -9` nor a power cut takes it back.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from repartee.errors import BackendError, Late, Rejected, Throttled, Unreachable

BACKEND = "sqlite"

LONGEST_WAIT = 5.0
"""Seconds that a write waits for another process's write where there is no deadline."""

STEPS_BETWEEN_LOOKS = 2000
"""SQLite's virtual machine steps between two looks at the deadline: some tens of microseconds."""

FAILURES: dict[int, tuple[type[BackendError], str]] = {
    sqlite3.SQLITE_INTERRUPT: (Late, "interrupted at the deadline"),
    sqlite3.SQLITE_BUSY: (Throttled, "another process keeps writing"),
    sqlite3.SQLITE_LOCKED: (Throttled, "another process keeps writing"),
    sqlite3.SQLITE_FULL: (Unreachable, "the disk is full: make room"),
    sqlite3.SQLITE_IOERR: (Unreachable, "the disk failed"),
    sqlite3.SQLITE_CANTOPEN: (
        Unreachable,
        "the file cannot be opened: is its folder there and writable?",
    ),
    sqlite3.SQLITE_READONLY: (Unreachable, "the file cannot be written"),
    sqlite3.SQLITE_CORRUPT: (
        Unreachable,
        "the file is damaged: restore it from a backup",
    ),
    sqlite3.SQLITE_NOTADB: (Unreachable, "the file is no database"),
}

Remaining = Callable[[], float | None]


class Database:
    """A file and its idle connections. `schema` is a list of migrations: the file's version is how many it has.

    Connections travel between threads but are used by one at a time. Call `close` when done with it.
    """

    def __init__(self, path: str, schema: Sequence[str], remaining: Remaining) -> None:
        self._path, self._schema, self._remaining = path, schema, remaining
        self._idle: deque[sqlite3.Connection] = deque()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the file throughout."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection whose writes take place all or not at all, one writer at a time."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with translating():
            connection = self._borrow()
            try:
                self._bound(connection)
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
            self._idle.append(connection)

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path,
            timeout=LONGEST_WAIT,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA page_size = 16384")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if _version(connection) == len(self._schema):
            return
        connection.execute("BEGIN IMMEDIATE")
        version = _version(connection)
        if version > len(self._schema):
            raise Rejected(
                BACKEND,
                f"the file has version {version}, made by a newer Repartee: use that one",
            )
        for migration in self._schema[version:]:
            for statement in migration.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(self._schema)}")
        connection.execute("COMMIT")

    def _bound(self, connection: sqlite3.Connection) -> None:
        """Hands the deadline to SQLite: to its waiting for a lock, and to a statement that computes."""
        left = self._remaining()
        if left is not None and left <= 0:
            raise Late(BACKEND, "no time left")
        wait = LONGEST_WAIT if left is None else min(left, LONGEST_WAIT)
        connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
        connection.set_progress_handler(
            None if left is None else self._out_of_time, STEPS_BETWEEN_LOOKS
        )

    def _out_of_time(self) -> bool:
        left = self._remaining()
        return left is not None and left <= 0


@contextmanager
def translating() -> Iterator[None]:
    """Turns SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
        kind, problem = FAILURES.get(code, (Rejected, str(error)))
        raise kind(BACKEND, problem) from error


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version
