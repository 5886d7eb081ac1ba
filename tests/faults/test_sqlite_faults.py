"""The embedded store when its process is killed, its disk is full, or its file is not as it was."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from repartee.errors import DeadlineExceeded, InvalidArgument, Unavailable
from repartee.plan import deadline
from repartee.stores.sqlite import SqliteMessages
from tests.support.message_builders import make_stored_message, make_vector

ROOM = "slack:T1:C1"
WRITER = """
import itertools, sys
from repartee.stores.sqlite import SqliteMessages
from tests.support.message_builders import make_stored_message, make_vector
messages = SqliteMessages(sys.argv[1])
for n in itertools.count():
    messages.put([(make_stored_message(f"number {n}", chat="slack:T1:C1", sent=float(n)), make_vector(n))])
    print(n, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "messages.db")


@pytest.fixture
def messages(path: str) -> Iterator[SqliteMessages]:
    store = SqliteMessages(path)
    yield store
    store.close()


@pytest.mark.parametrize("after", [1, 7, 30])
def test_what_was_acknowledged_outlives_a_kill(path: str, after: int) -> None:
    """A process is killed in the middle of writing: what it was told is kept is there, whole and searchable,
    and besides at most the write that was under way."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, path],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert writer.stdout is not None
    for line in writer.stdout:
        if int(line) == after:
            break
    writer.send_signal(signal.SIGKILL)
    acknowledged = after + 1 + len(writer.stdout.readlines())
    writer.wait()
    writer.stdout.close()

    messages = SqliteMessages(path)
    kept = messages.list_newest(ROOM, "user", 1000)

    assert len(kept) in (acknowledged, acknowledged + 1)
    assert [one.text for one in kept] == [f"number {n}" for n in range(len(kept))]
    assert {one.text for one in messages.search(ROOM, "user", "number", None, 1000)} == {
        one.text for one in kept
    }
    messages.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_a_write_that_another_process_holds_up_is_late(messages: SqliteMessages, path: str) -> None:
    """While another process writes for too long a write of ours is late, writes nothing, and reads go on."""
    messages.put([(make_stored_message("before", chat=ROOM), make_vector(1))])
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with deadline.limited_to(0.1), pytest.raises(DeadlineExceeded):
        messages.put([(make_stored_message("meanwhile", chat=ROOM), make_vector(1))])

    assert [one.text for one in messages.list_newest(ROOM, "user", 9)] == ["before"]
    other.execute("COMMIT")
    other.close()
    messages.put([(make_stored_message("after", chat=ROOM, sent=2.0), make_vector(1))])
    assert [one.text for one in messages.list_newest(ROOM, "user", 9)] == ["before", "after"]


def test_a_full_disk_says_so_and_takes_nothing(messages: SqliteMessages, path: str) -> None:
    """When the file cannot grow a write fails as a whole and says why; what was kept is still read."""
    messages.put([(make_stored_message("before", chat=ROOM), make_vector(1))])
    with messages._database.write_transaction() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(Unavailable, match="disk is full"):
        messages.put(
            [(make_stored_message(f"{n} " + "x" * 10_000, chat=ROOM), make_vector(1)) for n in range(100)]
        )

    assert [one.text for one in messages.list_newest(ROOM, "user", 999)] == ["before"]


def test_a_file_that_is_no_database_is_left_alone(path: str) -> None:
    """A file that is something else is not overwritten."""
    Path(path).write_text("my diary" * 1000)

    with pytest.raises(Unavailable, match="no database"):
        SqliteMessages(path).list_newest(ROOM, "user", 1)

    assert Path(path).read_text() == "my diary" * 1000


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    """A path that cannot be opened says what to look at."""
    with pytest.raises(Unavailable, match="folder"):
        SqliteMessages(str(tmp_path / "none" / "messages.db")).list_newest(ROOM, "user", 1)


def test_a_newer_file_is_refused(messages: SqliteMessages, path: str) -> None:
    """A file that a newer Repartee made is not touched."""
    messages.put([(make_stored_message("before", chat=ROOM), make_vector(1))])
    messages.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(InvalidArgument, match="newer"):
        messages.list_newest(ROOM, "user", 1)


def test_messages_of_an_earlier_version_are_found_by_bigrams(messages: SqliteMessages, path: str) -> None:
    """A file of the version before has its messages indexed by bigrams when it is opened, once."""
    messages.put([(make_stored_message(text, chat=ROOM), None) for text in ("咖啡机坏了", "tea")])
    messages.close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE bigrams")
        connection.execute("ALTER TABLE said DROP COLUMN tokens")
        connection.execute("PRAGMA user_version = 3")
    connection.close()

    for _ in range(2):
        assert messages.search(ROOM, "user", "咖啡", None, 10)[0].text == "咖啡机坏了"
        messages.close()
    assert messages.delete_all(ROOM) == 2
    assert [*messages.search(ROOM, "user", "咖啡", None, 10)] == []


def test_what_is_forgotten_is_not_in_the_file(messages: SqliteMessages, path: str) -> None:
    """The words of what is forgotten are nowhere in the file, nor in its log."""
    messages.put(
        [
            (make_stored_message("Xanthippe", chat=ROOM), make_vector(1)),
            (make_stored_message("other", chat=ROOM), make_vector(1)),
        ]
    )
    assert b"xanthippe" in _bytes(path).lower()

    messages.delete_all(ROOM)

    assert b"xanthippe" not in _bytes(path).lower()


def test_what_is_forgotten_leaves_no_bigram_in_the_file(messages: SqliteMessages, path: str) -> None:
    """The same for text of a language without spaces."""
    messages.put([(make_stored_message(text, chat=ROOM), None) for text in ("鸳鸯锅", "other")])
    assert "鸳鸯".encode() in _bytes(path)

    messages.delete_all(ROOM)

    assert "鸳鸯".encode() not in _bytes(path)


def _bytes(path: str) -> bytes:
    return b"".join(file.read_bytes() for file in Path(path).parent.iterdir())
