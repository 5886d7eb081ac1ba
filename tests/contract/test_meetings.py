"""The contract of `ports.Meetings`, on every store."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.ports import Meetings
from tests.support.message_stores import SqliteFile, WeaviateServer
from tests.support.said import said


def test_an_unknown_meeting_is_empty(meetings: Meetings, room: str) -> None:
    """Nothing was said in a meeting that nobody knows."""
    assert list(meetings.of("m1", room, 10)) == []


def test_what_is_filed_is_read_in_order(meetings: Meetings, room: str) -> None:
    """All that was said in the meeting, of both sides and in all chats, oldest first, as it was said."""
    filed = [
        said("one", chat=f"{room}:1", room=room, sender="ann", sent=1.0),
        said("two", chat=room, side="assistant", sender="office", sent=2.0),
        said("three", chat=room, sent=3.000001),
    ]
    meetings.file("m1", [filed[2], filed[0]])
    meetings.file("m1", [filed[1]])
    meetings.file("m2", [said("another", chat=room)])

    assert list(meetings.of("m1", room, 10)) == filed
    assert list(meetings.of("m1", room, 2)) == filed[1:]


def test_filing_again_changes_nothing(meetings: Meetings, room: str) -> None:
    """What is filed twice is there once; nothing to file is no error."""
    one = said("one", chat=room)
    meetings.file("m1", [one])
    meetings.file("m1", [one])
    meetings.file("m1", [])

    assert list(meetings.of("m1", room, 10)) == [one]


@pytest.mark.parametrize("name", ["sqlite", "weaviate"])
def test_what_is_forgotten_is_in_no_meeting(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, room: str
) -> None:
    """A person who is forgotten is forgotten in meetings too; what others said there stays."""
    store: SqliteFile | WeaviateServer = SqliteFile(str(tmp_path / "messages.db"))
    if name == "weaviate":
        store = request.getfixturevalue("weaviate")
    messages, meetings = store.open(), store.meetings()
    meetings.file("m1", [said("mine", chat=room, sender="ann"), said("hers", chat=room, sender="bob")])

    messages.forget(room, "ann")

    assert [one.text for one in meetings.of("m1", room, 10)] == ["hers"]
    messages.close()
    meetings.close()
