"""What is kept of an exchange after the reply: the summary, and what was said in a meeting."""

from __future__ import annotations

import pytest

from repartee.assistants.office.remembering import KEPT, NEW, Remembering
from repartee.conversation.meeting import Meeting
from repartee.conversation.message import Exchange, Said, Side
from repartee.errors import Rejected, Unreachable
from repartee.ports import Summary
from tests.support.memory import MemoryMeetings, MemoryRecords
from tests.support.messages import CHAT, ROOM, exchange, message
from tests.support.said import said


class Summing:
    """`ports.SmallModel` that counts what it is given. `fails` as often as it is told to."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails = 0

    def write(self, instructions: str, text: str, limit: int = 120) -> str:
        if self.fails:
            self.fails -= 1
            raise Rejected("model", "nonsense")
        self.told.append(text)
        return f"summary {len(self.told)}"

    def analyse(self, instructions: str, text: str, answer: object) -> object:
        raise NotImplementedError


class Chat:
    """A chat, whose messages come one a second, and what is remembered of it."""

    def __init__(self) -> None:
        self.records, self.meetings, self.small = MemoryRecords(lambda: 1e6), MemoryMeetings(), Summing()
        self.said: list[Said] = []
        self.remembering = Remembering(self.records, self, self.meetings, self.small)  # type: ignore[arg-type]

    def newest(self, place: str, side: Side, limit: int) -> list[Said]:
        return [one for one in self.said if one.side == side][-limit:]

    def goes_on(self, upto: int) -> None:
        """Both sides speak until then, and each exchange is remembered."""
        for number in range(len(self.said) + 1, upto + 1, 2):
            one = exchange(f"t{number}", message(f"line {number}", id=str(number)), at=number + 1.0)
            self.said += one.said()
            self.remembering.remember(one)

    @property
    def summary(self) -> Summary:
        return self.records.standing(ROOM, CHAT, "").summary


def test_what_is_too_long_ago_is_summed_up() -> None:
    """As soon as so much was said; the newest stays out of it, to be given in full."""
    chat = Chat()
    chat.goes_on(NEW - 2)
    assert chat.summary == Summary()

    chat.goes_on(NEW)

    assert chat.summary == Summary("summary 1", upto=float(NEW - KEPT))
    (told,) = chat.small.told
    assert "U1: line 1\n" in told
    assert f"line {NEW - KEPT - 1}" in told
    assert f"line {NEW - KEPT + 1}" not in told


def test_the_summary_rolls_on_from_the_one_before() -> None:
    """The next is written from the last and what was said since then; nothing is summed up twice."""
    chat = Chat()
    chat.goes_on(2 * NEW)

    assert chat.summary.text == "summary 2"
    assert "Summary so far:\nsummary 1" in chat.small.told[1]
    assert not set(chat.small.told[0].splitlines()[4:]) & set(chat.small.told[1].splitlines()[4:]) - {
        "assistant: hi"
    }


def test_remembering_again_changes_nothing() -> None:
    """An exchange that is remembered twice is summed up once, and filed once."""
    chat = Chat()
    chat.records.mute(ROOM, 1e6, 0.0)
    chat.goes_on(NEW)
    last = exchange("t29", message("line 29", id="29"), at=30.0)

    chat.remembering.remember(last)

    assert len(chat.small.told) == 1
    assert len(chat.meetings.of(f"{ROOM}#0.000000", ROOM, 100)) == NEW


def test_a_summary_that_fails_is_left_to_the_next_exchange() -> None:
    """The small model's nonsense holds up nothing."""
    chat = Chat()
    chat.small.fails = 1
    chat.goes_on(NEW + 2)

    assert chat.summary.text == "summary 1"


def test_what_is_said_in_a_meeting_is_filed_under_it() -> None:
    """From its beginning to its end, of both sides; a time of quiet is kept as the room's newest meeting."""
    chat = Chat()
    chat.records.mute(ROOM, 200.0, 100.0)

    for number in (99, 101, 199, 201):
        chat.remembering.remember(silent(number))

    meeting = chat.records.control(ROOM, CHAT).meeting
    assert meeting is not None
    assert meeting.by_mute
    assert [one.text for one in chat.meetings.of(meeting.id, ROOM, 10)] == ["line 101", "line 199"]


def test_what_was_said_in_a_meeting_is_filed_although_it_is_over_by_now() -> None:
    """What could not be remembered at once is remembered after the meeting's end."""
    chat = Chat()
    meeting = Meeting.begins(ROOM, 100.0).ends(200.0)
    chat.records.convene(ROOM, meeting)

    for number in (99, 101, 201):
        chat.remembering.remember(silent(number))

    assert [one.text for one in chat.meetings.of(meeting.id, ROOM, 10)] == ["line 101"]


def test_a_store_that_is_down_is_told() -> None:
    """What was not filed is remembered again."""
    chat = Chat()
    chat.records.mute(ROOM, 200.0, 100.0)

    def down(meeting: str, said: object) -> None:
        raise Unreachable("weaviate", "down")

    chat.meetings.file = down  # type: ignore[method-assign]

    with pytest.raises(Unreachable):
        chat.remembering.remember(silent(150))


def test_it_is_kept_as_the_stores_keep_it() -> None:
    """Where they keep no personal details, a meeting has none either."""
    chat = Chat()
    chat.records.mute(ROOM, 200.0, 100.0)
    masked = [said("[EMAIL_x]", chat=CHAT, room=ROOM, sent=150.0)]
    hiding = Remembering(chat.records, chat, chat.meetings, chat.small, lambda said: masked)  # type: ignore[arg-type]

    hiding.remember(silent(150))

    assert [one.text for one in chat.meetings.of(f"{ROOM}#100.000000", ROOM, 10)] == ["[EMAIL_x]"]


def silent(number: int) -> Exchange:
    return exchange(f"t{number}", message(f"line {number}", id=str(number)), reply="", at=number + 0.5)
