"""What is kept of an exchange after the reply: the summary, and what was said in a meeting."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.assistants.office.summarising import (
    MESSAGES_PER_SUMMARY,
    UNSUMMARISED_MESSAGES,
    OfficeExchangeRecorder,
)
from repartee.domain.meeting import Meeting
from repartee.domain.message import Exchange, Side, StoredMessage
from repartee.errors import InvalidArgument, Unavailable
from repartee.ports import Summary
from tests.support.inbox_builders import CHAT_ID, ROOM_ID, make_exchange, make_message
from tests.support.memory_stores import MemoryMeetings, MemoryRecords
from tests.support.message_builders import make_stored_message


class Summing:
    """`ports.SmallModel` that counts what it is given. `fails` as often as it is told to."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails = 0

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        if self.fails:
            self.fails -= 1
            raise InvalidArgument("model", "nonsense")
        self.told.append(text)
        return f"summary {len(self.told)}"

    def extract(self, instructions: str, text: str, answer_type: object) -> object:
        raise NotImplementedError


class Chat:
    """A chat, whose messages come one a second, and what is remembered of it."""

    def __init__(self) -> None:
        self.records, self.meetings, self.small = MemoryRecords(lambda: 1e6), MemoryMeetings(), Summing()
        self.said: list[StoredMessage] = []
        self.remembering = OfficeExchangeRecorder(self.records, self, self.meetings, self.small)  # type: ignore[arg-type]

    def list_newest(self, place: str, side: Side, limit: int) -> list[StoredMessage]:
        return [one for one in self.said if one.side == side][-limit:]

    def goes_on(self, upto: int) -> None:
        """Both sides speak until then, and each exchange is remembered."""
        for number in range(len(self.said) + 1, upto + 1, 2):
            one = make_exchange(f"t{number}", make_message(f"line {number}", id=str(number)), at=number + 1.0)
            self.said += one.to_stored()
            self.remembering.record_exchange(one)

    @property
    def summary(self) -> Summary:
        return self.records.read_chat_state(ROOM_ID, CHAT_ID, "").summary


def test_what_is_too_long_ago_is_summed_up() -> None:
    """As soon as so much was said; the newest stays out of it, to be given in full."""
    chat = Chat()
    chat.goes_on(MESSAGES_PER_SUMMARY - 2)
    assert chat.summary == Summary()

    chat.goes_on(MESSAGES_PER_SUMMARY)

    assert chat.summary == Summary(
        "summary 1", covers_until=float(MESSAGES_PER_SUMMARY - UNSUMMARISED_MESSAGES)
    )
    (told,) = chat.small.told
    assert "U1, 00:00: line 1\n" in told
    assert f"line {MESSAGES_PER_SUMMARY - UNSUMMARISED_MESSAGES - 1}" in told
    assert f"line {MESSAGES_PER_SUMMARY - UNSUMMARISED_MESSAGES + 1}" not in told


def test_the_summary_rolls_on_from_the_one_before() -> None:
    """The next is written from the last and what was said since then; nothing is summed up twice."""
    chat = Chat()
    chat.goes_on(2 * MESSAGES_PER_SUMMARY)

    assert chat.summary.text == "summary 2"
    assert "Summary so far:\nsummary 1" in chat.small.told[1]
    assert not set(chat.small.told[0].splitlines()[4:]) & set(chat.small.told[1].splitlines()[4:]) - {
        "assistant: hi"
    }


def test_remembering_again_changes_nothing() -> None:
    """An exchange that is remembered twice is summed up once, and filed once."""
    chat = Chat()
    chat.records.mute(ROOM_ID, 1e6, 0.0)
    chat.goes_on(MESSAGES_PER_SUMMARY)
    last = make_exchange("t29", make_message("line 29", id="29"), at=30.0)

    chat.remembering.record_exchange(last)

    assert len(chat.small.told) == 1
    assert len(chat.meetings.read_transcript(f"{ROOM_ID}#0.000000", ROOM_ID, 100)) == MESSAGES_PER_SUMMARY


@pytest.mark.parametrize("deletion", [{"revises": "3", "is_deletion": True}, {}])
def test_a_summary_is_dropped_when_an_author_deletes_a_message(deletion: dict[str, Any]) -> None:
    """It may hold the words. The next is written anew of what is there, and not from the last."""
    chat = Chat()
    chat.goes_on(MESSAGES_PER_SUMMARY)
    chat.said = [one for one in chat.said if one.text != "line 3"][-4:]
    deleted = make_exchange("t50", make_message("", id="50", **deletion), at=51.0)

    chat.remembering.record_exchange(deleted)
    dropped = chat.summary.text
    for number in range(61, 61 + 2 * MESSAGES_PER_SUMMARY, 2):
        one = make_exchange(f"t{number}", make_message(f"line {number}", id=str(number)), at=number + 1.0)
        chat.said += one.to_stored()
        chat.remembering.record_exchange(one)

    assert dropped == ""
    assert chat.summary.text
    assert "summary 1" not in chat.small.told[1]
    assert "line 3\n" not in chat.small.told[1]


def test_a_summary_that_fails_is_left_to_the_next_exchange() -> None:
    """The small model's nonsense holds up nothing."""
    chat = Chat()
    chat.small.fails = 1
    chat.goes_on(MESSAGES_PER_SUMMARY + 2)

    assert chat.summary.text == "summary 1"


def test_what_is_said_in_a_meeting_is_filed_under_it() -> None:
    """From its beginning to its end, of both sides; a time of quiet is kept as the room's newest meeting."""
    chat = Chat()
    chat.records.mute(ROOM_ID, 200.0, 100.0)

    for number in (99, 101, 199, 201):
        chat.remembering.record_exchange(silent(number))

    meeting = chat.records.read_control(ROOM_ID, CHAT_ID).meeting
    assert meeting is not None
    assert meeting.by_mute
    assert [one.text for one in chat.meetings.read_transcript(meeting.id, ROOM_ID, 10)] == [
        "line 101",
        "line 199",
    ]


def test_what_was_said_in_a_meeting_is_filed_although_it_is_over_by_now() -> None:
    """What could not be remembered at once is remembered after the meeting's end."""
    chat = Chat()
    meeting = Meeting.start(ROOM_ID, 100.0).end(200.0)
    chat.records.save_meeting(ROOM_ID, meeting)

    for number in (99, 101, 201):
        chat.remembering.record_exchange(silent(number))

    assert [one.text for one in chat.meetings.read_transcript(meeting.id, ROOM_ID, 10)] == ["line 101"]


def test_a_store_that_is_down_is_told() -> None:
    """What was not filed is remembered again."""
    chat = Chat()
    chat.records.mute(ROOM_ID, 200.0, 100.0)

    def down(meeting: str, messages: object) -> None:
        raise Unavailable("weaviate", "down")

    chat.meetings.put = down  # type: ignore[method-assign]

    with pytest.raises(Unavailable):
        chat.remembering.record_exchange(silent(150))


def test_it_is_kept_as_the_stores_keep_it() -> None:
    """Where they keep no personal details, a meeting has none either."""
    chat = Chat()
    chat.records.mute(ROOM_ID, 200.0, 100.0)
    masked = [make_stored_message("[EMAIL_x]", chat=CHAT_ID, room=ROOM_ID, sent=150.0)]
    hiding = OfficeExchangeRecorder(chat.records, chat, chat.meetings, chat.small, lambda said: masked)  # type: ignore[arg-type]

    hiding.record_exchange(silent(150))

    assert [one.text for one in chat.meetings.read_transcript(f"{ROOM_ID}#100.000000", ROOM_ID, 10)] == [
        "[EMAIL_x]"
    ]


def silent(number: int) -> Exchange:
    return make_exchange(
        f"t{number}", make_message(f"line {number}", id=str(number)), reply="", at=number + 0.5
    )
