"""Which words are orders, and what orders do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.domain.command import UNLIMITED_MUTE_SECONDS, Command
from repartee.domain.control import Control
from repartee.domain.meeting import Meeting
from repartee.intake.command_parsing import parse_command
from tests.support.inbox_builders import make_message

HOUR = 3600.0

ORDERS = {
    "mute": Command("mute", UNLIMITED_MUTE_SECONDS),
    "Mute!": Command("mute", UNLIMITED_MUTE_SECONDS),
    "  mute.\n": Command("mute", UNLIMITED_MUTE_SECONDS),
    "mute 10m": Command("mute", 600),
    "mute 1 min": Command("mute", 60),
    "mute for 5 mins": Command("mute", 300),
    "mute for 1 minute": Command("mute", 60),
    "mute for 45 minutes": Command("mute", 2700),
    "mute 2h": Command("mute", 2 * HOUR),
    "mute for 2 hrs": Command("mute", 2 * HOUR),
    "mute for 1 hour": Command("mute", HOUR),
    "MUTE FOR 2 HOURS": Command("mute", 2 * HOUR),
    "mute 3d": Command("mute", 72 * HOUR),
    "mute for 1 day": Command("mute", 24 * HOUR),
    "mute for 3 days": Command("mute", 72 * HOUR),
    "mute for 1 week": Command("mute", 168 * HOUR),
    "mute for 2 weeks.": Command("mute", 336 * HOUR),
    "unmute": Command("unmute"),
    "Unmute !": Command("unmute"),
    "stop": Command("stop"),
    "STOP!!": Command("stop"),
}

WORDS = {
    "",
    "!",
    "muted",
    "mute the television",
    "mute for",
    "mute for -1 hours",
    "mute for 99999 days",
    "stop it",
    "don't stop",
    "how do I stop the dishwasher?",
    "stop\nmute",
}


@pytest.mark.parametrize("text", ORDERS)
def test_an_order_is_one_of_a_few_plain_commands(text: str) -> None:
    """In any case, with or without a time, with or without an exclamation mark."""
    assert parse_command(text) == ORDERS[text]


@pytest.mark.parametrize("text", sorted(WORDS))
def test_what_only_speaks_of_orders_is_none(text: str) -> None:
    """An order is the whole message: whoever talks about muting wants an answer."""
    assert parse_command(text) is None


@given(st.one_of(st.text(), st.from_regex(r"(un)?mute.{0,20}|stop.{0,5}", fullmatch=True)))
def test_any_text_is_an_order_or_not(text: str) -> None:
    """Whatever people write, reading it never fails, and a time is never negative."""
    order = parse_command(text)

    assert order is None or order.duration_seconds >= 0


def test_a_mute_ends_by_itself() -> None:
    """It holds until its time, and not at it."""
    control = Control(muted_until=100.0)

    assert [control.is_muted(now) for now in (99.0, 100.0, 101.0)] == [True, False, False]


@pytest.mark.parametrize(
    "more, silenced",
    [
        ({}, True),
        ({"mentioned": True}, False),
        ({"mentioned": True, "sent": 50.0}, True),
        ({"id": "99"}, False),
    ],
)
def test_a_mute_silences_all_but_who_calls_by_name(more: dict[str, Any], silenced: bool) -> None:
    """Muted, the assistant answers who calls it by its name since then, and confirms the mute itself."""
    one = make_message(**{"sent": 70.0, **more})
    control = Control(muted_until=100.0, muted_at=50.0, muted_by=make_message(id="99").to_stored().id)

    assert control.mute_suppresses([make_message(id="98"), one], 99.0) is silenced
    assert not control.mute_suppresses([one], 100.0)


def test_what_is_said_in_a_meeting_or_a_time_of_quiet_is_filed_under_it() -> None:
    """The meeting that somebody began comes first; without any, the time of quiet is one."""
    meeting = Meeting.start("room", 10.0)
    quiet = Control(muted_until=100.0, muted_at=50.0)

    assert Control().active_meeting("room", 60.0) is None
    assert Control(meeting=meeting).active_meeting("room", 60.0) == meeting
    assert Control(meeting=meeting.end(20.0)).active_meeting("room", 60.0) is None
    assert Control(meeting=meeting.end(80.0)).active_meeting("room", 60.0) == meeting.end(80.0)
    assert quiet.active_meeting("room", 60.0) == Meeting.from_mute("room", 50.0, 100.0)
    assert quiet.merged_with(Control(meeting=meeting)).active_meeting("room", 60.0) == meeting
    assert Control(meeting=Meeting.from_mute("room", 50.0, 100.0)).active_meeting("room", 60.0) is None


def test_a_stop_is_about_what_was_said_until_then() -> None:
    """The message that was said last before it, and the stop itself; not what comes after."""
    control = Control(stopped_at=100.0)

    assert [control.is_stopped(make_message(sent=sent)) for sent in (99.0, 100.0, 101.0)] == [
        True,
        True,
        False,
    ]
    assert control.all_stopped([make_message(sent=99.0), make_message(sent=100.0)])
    assert not control.all_stopped([make_message(sent=99.0), make_message(sent=101.0)])
    assert control.all_stopped([make_message(sent=99.0), make_message(sent=101.0, overheard=True)])


@given(*[st.builds(Control, muted_until=st.floats(0, 1e10), stopped_at=st.floats(0, 1e10))] * 2)
def test_orders_of_room_and_thread_hold_together(room: Control, thread: Control) -> None:
    """Whichever is stricter holds, in whichever order they are read."""
    assert room.merged_with(thread) == thread.merged_with(room)
    assert all(
        room.merged_with(thread).is_muted(now) == (room.is_muted(now) or thread.is_muted(now))
        for now in (room.muted_until, thread.muted_until, 0.0)
    )
