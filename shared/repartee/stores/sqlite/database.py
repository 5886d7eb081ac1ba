"""One SQLite file for many threads and processes: connections, transactions, deadlines and errors.

Write-ahead logging lets readers go on while one writer writes. A commit is on the disk before it is
acknowledged, so neither `kill -9` nor a power cut takes it back.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from repartee.errors import BackendError, DeadlineExceeded, InvalidArgument, Unavailable

BACKEND_NAME = "sqlite"

DEFAULT_LOCK_WAIT_SECONDS = 5.0
"""Seconds that a write waits for another process's write where there is no deadline."""

OPEN_RETRY_DELAYS_SECONDS = (0.01, 0.03, 0.1, 0.3)
"""Seconds between attempts to open a file that others are opening for the first time."""

STEPS_BETWEEN_DEADLINE_CHECKS = 2000
"""SQLite's virtual machine steps between two looks at the deadline: some tens of microseconds."""

PAGE_CACHE_KILOBYTES = 512
"""Kilobytes of pages that a connection keeps (SQLite's own default is 2,000). Each of a turn's searches has
one, and what it does not keep comes from the system's cache, which all processes share."""

ERRORS_BY_RESULT_CODE: dict[int, tuple[type[BackendError], str]] = {
    sqlite3.SQLITE_INTERRUPT: (DeadlineExceeded, "interrupted at the deadline"),
    sqlite3.SQLITE_BUSY: (DeadlineExceeded, "another process kept writing"),
    sqlite3.SQLITE_LOCKED: (DeadlineExceeded, "another process kept writing"),
    sqlite3.SQLITE_FULL: (Unavailable, "the disk is full: make room"),
    sqlite3.SQLITE_IOERR: (Unavailable, "the disk failed"),
    sqlite3.SQLITE_CANTOPEN: (
        Unavailable,
        "the file cannot be opened: is its folder there and writable?",
    ),
    sqlite3.SQLITE_READONLY: (Unavailable, "the file cannot be written"),
    sqlite3.SQLITE_CORRUPT: (
        Unavailable,
        "the file is damaged: restore it from a backup",
    ),
    sqlite3.SQLITE_NOTADB: (Unavailable, "the file is no database"),
}

RemainingSeconds = Callable[[], float | None]


class SqliteDatabase:
    """A file and its idle connections. `schema` is its migrations: the file's version is how many it has.
    `functions` are those of ours that its migrations call in SQL, by name.

    Connections travel between threads but are used by one at a time. Call `close` when done with it.
    """

    def __init__(
        self,
        path: str,
        schema: Sequence[str],
        remaining_seconds: RemainingSeconds,
        functions: Mapping[str, Callable[..., str]] = MappingProxyType({}),
    ) -> None:
        self._path, self._schema, self._remaining = path, schema, remaining_seconds
        self._functions = functions
        self._idle: deque[sqlite3.Connection] = deque()
        self._turn_to_write = threading.Lock()

    @contextmanager
    def read_transaction(self) -> Iterator[sqlite3.Connection]:
        """Yields a connection that sees one state of the file throughout."""
        with translate_errors(), self._transaction("BEGIN", self._lock_wait_seconds()) as connection:
            yield connection

    @contextmanager
    def write_transaction(self) -> Iterator[sqlite3.Connection]:
        """Yields a connection whose writes take place all or not at all, one writer at a time."""
        wait = self._lock_wait_seconds()
        if not self._turn_to_write.acquire(timeout=wait):
            raise DeadlineExceeded(BACKEND_NAME, "other threads kept writing")
        try:
            with translate_errors(), self._transaction("BEGIN IMMEDIATE", wait) as connection:
                yield connection
        finally:
            self._turn_to_write.release()

    def checkpoint(self) -> None:
        """Moves all of the log into the file, so that what was deleted is in neither."""
        connection = self._borrow_connection()
        with translate_errors():
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._idle.append(connection)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _lock_wait_seconds(self) -> float:
        """Seconds that a call may wait for others."""
        left = self._remaining()
        if left is not None and left <= 0:
            raise DeadlineExceeded(BACKEND_NAME, "no time left")
        return DEFAULT_LOCK_WAIT_SECONDS if left is None else min(left, DEFAULT_LOCK_WAIT_SECONDS)

    @contextmanager
    def _transaction(self, begin: str, wait: float) -> Iterator[sqlite3.Connection]:
        connection = self._borrow_connection()
        try:
            connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
            connection.set_progress_handler(self._deadline_has_passed, STEPS_BETWEEN_DEADLINE_CHECKS)
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def _deadline_has_passed(self) -> bool:
        return self._remaining() == 0

    def _borrow_connection(self) -> sqlite3.Connection:
        try:
            return self._idle.pop()
        except IndexError:
            return self._open_connection()

    def _open_connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=DEFAULT_LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            self._configure_connection(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _configure_connection(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA page_size = 16384")
        connection.execute(f"PRAGMA cache_size = -{PAGE_CACHE_KILOBYTES}")
        _enable_write_ahead_log(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        if _schema_version(connection) == len(self._schema):
            return
        connection.execute("BEGIN IMMEDIATE")
        self._migrate_schema(connection, _schema_version(connection))
        connection.execute("COMMIT")

    def _migrate_schema(self, connection: sqlite3.Connection, version: int) -> None:
        if version > len(self._schema):
            raise InvalidArgument(
                BACKEND_NAME, f"the file has version {version}, made by a newer Repartee: use that one"
            )
        for name, function in self._functions.items():
            connection.create_function(name, -1, function, deterministic=True)
        for migration in self._schema[version:]:
            for statement in migration.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(self._schema)}")


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turns SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF
        kind, problem = ERRORS_BY_RESULT_CODE.get(code, (InvalidArgument, str(error)))
        raise kind(BACKEND_NAME, problem) from error


def _schema_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def _enable_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Several that open a new file at once refuse each other here, without waiting: so it is tried again."""
    for pause in OPEN_RETRY_DELAYS_SECONDS:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            time.sleep(pause)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")
