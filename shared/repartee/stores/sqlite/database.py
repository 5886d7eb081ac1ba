"""One SQLite file for many threads and processes: connections, transactions, deadlines and errors.

Write-ahead logging lets readers go on while one writer writes. A commit is on the disk before it is
acknowledged, so neither `kill -9` nor a power cut takes it back.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from repartee.errors import BackendError, Late, Rejected, Unreachable

BACKEND = "sqlite"

LONGEST_WAIT = 5.0
"""Seconds that a write waits for another process's write where there is no deadline."""

PAUSES = (0.01, 0.03, 0.1, 0.3)
"""Seconds between attempts to open a file that others are opening for the first time."""

STEPS_BETWEEN_LOOKS = 2000
"""SQLite's virtual machine steps between two looks at the deadline: some tens of microseconds."""

FAILURES: dict[int, tuple[type[BackendError], str]] = {
    sqlite3.SQLITE_INTERRUPT: (Late, "interrupted at the deadline"),
    sqlite3.SQLITE_BUSY: (Late, "another process kept writing"),
    sqlite3.SQLITE_LOCKED: (Late, "another process kept writing"),
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
    """A file and its idle connections. `schema` is its migrations: the file's version is how many it has.

    Connections travel between threads but are used by one at a time. Call `close` when done with it.
    """

    def __init__(self, path: str, schema: Sequence[str], remaining: Remaining) -> None:
        self._path, self._schema, self._remaining = path, schema, remaining
        self._idle: deque[sqlite3.Connection] = deque()
        self._turn_to_write = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the file throughout."""
        with translating(), self._transaction("BEGIN", self._wait()) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection whose writes take place all or not at all, one writer at a time."""
        wait = self._wait()
        if not self._turn_to_write.acquire(timeout=wait):
            raise Late(BACKEND, "other threads kept writing")
        try:
            with translating(), self._transaction("BEGIN IMMEDIATE", wait) as connection:
                yield connection
        finally:
            self._turn_to_write.release()

    def settle(self) -> None:
        """Moves all of the log into the file, so that what was deleted is in neither."""
        connection = self._borrow()
        with translating():
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._idle.append(connection)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _wait(self) -> float:
        """Seconds that a call may wait for others."""
        left = self._remaining()
        if left is not None and left <= 0:
            raise Late(BACKEND, "no time left")
        return LONGEST_WAIT if left is None else min(left, LONGEST_WAIT)

    @contextmanager
    def _transaction(self, begin: str, wait: float) -> Iterator[sqlite3.Connection]:
        connection = self._borrow()
        try:
            connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
            connection.set_progress_handler(self._out_of_time, STEPS_BETWEEN_LOOKS)
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def _out_of_time(self) -> bool:
        return self._remaining() == 0

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=LONGEST_WAIT, isolation_level=None, check_same_thread=False
        )
        try:
            self._set_up(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_up(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA page_size = 16384")
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        if _version(connection) == len(self._schema):
            return
        connection.execute("BEGIN IMMEDIATE")
        self._migrate(connection, _version(connection))
        connection.execute("COMMIT")

    def _migrate(self, connection: sqlite3.Connection, version: int) -> None:
        if version > len(self._schema):
            raise Rejected(BACKEND, f"the file has version {version}, made by a newer Repartee: use that one")
        for migration in self._schema[version:]:
            for statement in migration.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(self._schema)}")


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


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Several that open a new file at once refuse each other here, without waiting: so it is tried again."""
    for pause in PAUSES:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            time.sleep(pause)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")
