"""Orders in plain words: what is carried out, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest

from repartee.assistants.office.commands import (
    COMMAND_NOT_UNDERSTOOD_PROMPT,
    ParsedCommand,
    build_command_input,
    execute_command,
)
from repartee.assistants.office.profile import MAX_NOTES_PER_PERSON
from repartee.domain.command import UNLIMITED_MUTE_SECONDS
from repartee.domain.control import Control
from repartee.domain.meeting import Meeting
from repartee.ports import ChatState
from tests.support.inbox_builders import CHAT_ID, ROOM_ID, make_message
from tests.support.memory_stores import MemoryRecords

NOON = 1_789_041_600.0
"""Thursday, 10 September 2026, 12:00 UTC."""

SAID = make_message(id="1", sent=NOON)
LISBON = {"timezone": "Europe/Lisbon"}


def wish(act: str, **more: Any) -> ParsedCommand:
    empty: dict[str, Any] = dict.fromkeys(("minutes", "until", "name", "language", "timezone", "note"))
    return ParsedCommand(act=act, **{**empty, "forget": (), **more})  # type: ignore[arg-type]


def carried_out(
    asked: ParsedCommand | None, profile: dict[str, str] | None = None, meeting: Meeting | None = None
) -> tuple[str, MemoryRecords]:
    records = MemoryRecords(lambda: NOON)
    records.profiles[SAID.sender] = dict(profile or {})
    standing = ChatState(profile=profile or {}, control=Control(meeting=meeting))
    return execute_command(asked, SAID, standing, records), records


@pytest.mark.parametrize(
    "asked, until, told",
    [
        (wish("mute", minutes=120.0), NOON + 7200, "until Thursday, 10 September, 15:00 (WEST)"),
        (wish("mute", until="2026-09-11T08:30"), NOON + 19.5 * 3600, "Friday, 11 September, 08:30"),
        (wish("mute"), NOON + UNLIMITED_MUTE_SECONDS, "from now on"),
        (wish("mute", until="tomorrow"), NOON + UNLIMITED_MUTE_SECONDS, "from now on"),
        (wish("mute", minutes=1e12), NOON + UNLIMITED_MUTE_SECONDS, "until"),
        (wish("mute", until="2026-09-10T12:00"), 0.0, "is over. Nothing was done"),
    ],
)
def test_a_mute_holds_as_long_as_they_say(asked: ParsedCommand, until: float, told: str) -> None:
    """For so long, or until then on their clock, or until they unmute; a time that is over mutes nobody."""
    words, records = carried_out(asked, LISBON)

    control = records.read_control(ROOM_ID, CHAT_ID)
    assert told in words
    assert control.muted_until == until
    assert not control.mute_suppresses([SAID], NOON + 1)
    assert control.mute_suppresses([make_message(id="2", sent=NOON + 1)], NOON + 2) is (until > 0)


def test_a_mute_in_a_thread_is_about_the_thread() -> None:
    """As with plain commands."""
    records = MemoryRecords(lambda: NOON)
    execute_command(wish("mute"), make_message(sent=NOON, threaded=True), ChatState(), records)

    assert records.read_control(ROOM_ID, CHAT_ID).is_muted(NOON)
    assert not records.read_control(ROOM_ID, "another").is_muted(NOON)


def test_an_unmute_ends_it() -> None:
    """Given after the mute."""
    records = MemoryRecords(lambda: NOON)
    records.mute(ROOM_ID, NOON + 3600, NOON - 60)

    words = execute_command(wish("unmute"), SAID, ChatState(), records)

    assert "may speak" in words
    assert not records.read_control(ROOM_ID, CHAT_ID).is_muted(NOON)


def test_a_meeting_begins_once_and_ends() -> None:
    """Beginning it again goes on with it; an end without a beginning is told."""
    begun, records = carried_out(wish("start_meeting"))
    meeting = records.read_control(ROOM_ID, CHAT_ID).meeting
    assert meeting == Meeting.start(ROOM_ID, NOON)

    again, later = carried_out(wish("start_meeting"), meeting=Meeting.start(ROOM_ID, NOON - 60))
    ended, over = carried_out(wish("end_meeting"), meeting=Meeting.start(ROOM_ID, NOON - 60))
    none, _ = carried_out(wish("end_meeting"))

    assert begun == again
    assert later.read_control(ROOM_ID, CHAT_ID).meeting is None
    assert over.read_control(ROOM_ID, CHAT_ID).meeting == Meeting.start(ROOM_ID, NOON - 60).end(NOON)
    assert "over" in ended
    assert "none had begun" in none


def test_an_order_that_is_carried_out_again_tells_the_same() -> None:
    """A turn whose worker died is taken again, and finds the meeting over already."""
    ended, over = carried_out(wish("end_meeting"), meeting=Meeting.start(ROOM_ID, NOON - 60))

    again, _ = carried_out(wish("end_meeting"), meeting=over.read_control(ROOM_ID, CHAT_ID).meeting)

    assert again == ended


def test_what_they_want_remembered_is_kept() -> None:
    """Name, language and time zone in their places; anything else as a note, and the same note once."""
    asked = wish("learn", name="Alex", language="German", timezone="Europe/Berlin", note="likes  tea")

    words, records = carried_out(asked)
    execute_command(wish("learn", note="Likes tea"), SAID, ChatState(), records)

    profile = records.profiles[SAID.sender]
    assert "name: Alex" in words
    assert {name: profile[name] for name in ("name", "language", "timezone")} == {
        "name": "Alex",
        "language": "German",
        "timezone": "Europe/Berlin",
    }
    assert [value for name, value in profile.items() if name.startswith("note:")] == ["Likes tea"]


def test_a_time_zone_that_nobody_knows_is_asked_for() -> None:
    """What is not known is not kept."""
    words, records = carried_out(wish("learn", timezone="Middle/Earth"))

    assert "ask for a city" in words
    assert records.profiles[SAID.sender] == {}


def test_what_is_kept_can_be_forgotten_by_its_number() -> None:
    """In the order in which the small model saw the notes; a number that is none changes nothing."""
    profile = {"name": "Ada", "note:b": "second", "note:a": "first"}
    assert "1. first\n2. second" in build_command_input(SAID, profile, "forget it")

    words, records = carried_out(wish("forget", forget=(2, 9)), profile)

    assert "Forgotten, as they asked: 1." in words
    assert records.profiles[SAID.sender] == {"name": "Ada", "note:a": "first"}


def test_there_is_an_end_to_what_is_remembered() -> None:
    """All notes are in every prompt: when there are too many, that is said."""
    profile = {f"note:{number}": "x" for number in range(MAX_NOTES_PER_PERSON)}

    words, records = carried_out(wish("learn", note="one more"), profile)

    assert "nothing more has room" in words
    assert records.profiles[SAID.sender] == profile


def test_what_is_no_order_does_nothing() -> None:
    """And what could not be understood is told."""
    words, records = carried_out(wish("none"))

    assert words == ""
    assert records.read_control(ROOM_ID, CHAT_ID) == Control()
    assert carried_out(None)[0] == COMMAND_NOT_UNDERSTOOD_PROMPT


def test_the_small_model_is_told_what_time_it_is_for_them() -> None:
    """So that "until three" can be understood."""
    told = build_command_input(SAID, LISBON, "be quiet until three")

    assert told.startswith("Their local time: Thursday, 2026-09-10T13:00")
    assert told.endswith("be quiet until three")
