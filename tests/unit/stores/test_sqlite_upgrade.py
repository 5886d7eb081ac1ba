"""A messages file of an earlier version is opened and goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from repartee.stores.sqlite import SqliteMeetings, SqliteMessages
from repartee.stores.sqlite.database import SqliteDatabase
from repartee.stores.sqlite.message_rows import side_of_room
from repartee.stores.sqlite.messages import MESSAGES_SCHEMA
from tests.support.message_builders import make_stored_message

VERSION_BEFORE_NAMES = 2


def test_a_file_from_before_names_is_read_and_written(tmp_path: Path) -> None:
    """What is in it has no names; what is added has."""
    path = str(tmp_path / "messages.db")
    earlier = SqliteDatabase(path, MESSAGES_SCHEMA[:VERSION_BEFORE_NAMES], lambda: None)
    with earlier.write_transaction() as connection:
        row = ("c#1", "user", "c", "r", "ben", "the keys", 1.0)
        connection.execute(
            "INSERT INTO said (id, side, chat, room, sender, text, sent) VALUES (?, ?, ?, ?, ?, ?, ?)", row
        )
        connection.execute("INSERT INTO filed VALUES ('m', ?, ?, ?, ?, ?, ?, ?)", row)
    earlier.close()

    messages, meetings = SqliteMessages(path), SqliteMeetings(path)
    old = make_stored_message("the keys", id="1", chat="c", room="r", sender="ben")
    new = make_stored_message("where?", chat="c", room="r", sender="ben", sender_name="Ben", sent=2.0)
    messages.put([(new, None)])
    meetings.put("m", [new])

    assert list(messages.list_newest("c", "user", 9)) == [old, new]
    assert list(meetings.read_transcript("m", "r", 9)) == [old, new]
    messages.close()
    meetings.close()


VERSION_BEFORE_STEMS = 4


def test_a_file_from_before_stems_is_searched_by_them(tmp_path: Path) -> None:
    """What was stored is found by other forms of its words and by its sender, and can be deleted."""
    path = str(tmp_path / "messages.db")
    functions: dict[str, Callable[..., str]] = {
        "side_of_room": side_of_room,
        "stored_bigrams": lambda text: "",
    }
    earlier = SqliteDatabase(path, MESSAGES_SCHEMA[:VERSION_BEFORE_STEMS], lambda: None, functions)
    with earlier.write_transaction() as connection:
        row = ("c#1", "user", "c", "r", "ben", "we went camping", 1.0, "Ben")
        connection.execute(
            "INSERT INTO said (id, side, chat, room, sender, text, sent, sender_name) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        place = side_of_room("r", "user")
        connection.execute("INSERT INTO words (rowid, place, text) VALUES (1, ?, ?)", (place, row[5]))
    earlier.close()

    messages = SqliteMessages(path)

    assert [one.id for one in messages.search("r", "user", "who camped?", None, 9)] == ["c#1"]
    assert [one.id for one in messages.search("r", "user", "Ben?", None, 9)] == ["c#1"]
    assert messages.delete_all("r") == 1
    assert messages.search("r", "user", "who camped?", None, 9) == []
    messages.close()
