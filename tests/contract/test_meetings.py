"""The contract of `ports.Meetings`, on every store."""

from __future__ import annotations

from repartee.ports import MeetingStore
from tests.support.message_builders import make_stored_message
from tests.support.message_stores import AnyMessagesStore


def test_an_unknown_meeting_is_empty(meetings: MeetingStore, room: str) -> None:
    """Nothing was said in a meeting that nobody knows."""
    assert list(meetings.read_transcript("m1", room, 10)) == []


def test_what_is_filed_is_read_in_order(meetings: MeetingStore, room: str) -> None:
    """All that was said in the meeting, of both sides and in all chats, oldest first, as it was said."""
    filed = [
        make_stored_message("one", chat=f"{room}:1", room=room, sender="ann", sender_name="Ann", sent=1.0),
        make_stored_message("two", chat=room, side="assistant", sender="office", sent=2.0),
        make_stored_message("three", chat=room, sent=3.000001),
    ]
    meetings.put("m1", [filed[2], filed[0]])
    meetings.put("m1", [filed[1]])
    meetings.put("m2", [make_stored_message("another", chat=room)])

    assert list(meetings.read_transcript("m1", room, 10)) == filed
    assert list(meetings.read_transcript("m1", room, 2)) == filed[1:]


def test_filing_again_changes_nothing(meetings: MeetingStore, room: str) -> None:
    """What is filed twice is there once; nothing to file is no error."""
    one = make_stored_message("one", chat=room)
    meetings.put("m1", [one])
    meetings.put("m1", [one])
    meetings.put("m1", [])

    assert list(meetings.read_transcript("m1", room, 10)) == [one]


def test_what_is_forgotten_is_in_no_meeting(messages_store: AnyMessagesStore, room: str) -> None:
    """A person who is forgotten is forgotten in meetings too; what others said there stays."""
    messages, meetings = messages_store.open_store(), messages_store.meetings()
    meetings.put(
        "m1",
        [
            make_stored_message("mine", chat=room, sender="ann"),
            make_stored_message("hers", chat=room, sender="bob"),
        ],
    )

    messages.delete_all(room, "ann")

    assert [one.text for one in meetings.read_transcript("m1", room, 10)] == ["hers"]
    messages.close()
    meetings.close()


def test_a_deleted_message_is_taken_out_of_meetings(messages_store: AnyMessagesStore, room: str) -> None:
    """Whatever meeting it was filed in; what others said in it stays."""
    messages, meetings = messages_store.open_store(), messages_store.meetings()
    mine, hers = (make_stored_message(text, chat=room, sent=86_400.0 * 3) for text in ("mine", "hers"))
    meetings.put("m1", [mine, hers])
    meetings.put("m2", [mine])

    messages.delete([mine])

    assert [one.text for one in meetings.read_transcript("m1", room, 10)] == ["hers"]
    assert list(meetings.read_transcript("m2", room, 10)) == []
    messages.close()
    meetings.close()
