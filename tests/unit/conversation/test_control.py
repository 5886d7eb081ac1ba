"""Which words are orders, and what orders do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.conversation.control import UNTIL_UNMUTED, Control, Order, order_in
from repartee.conversation.meeting import Meeting
from tests.support.messages import message

HOUR = 3600.0

ORDERS = {
    "mute": Order("mute", UNTIL_UNMUTED),
    "Mute!": Order("mute", UNTIL_UNMUTED),
    "  mute.\n": Order("mute", UNTIL_UNMUTED),
    "mute 10m": Order("mute", 600),
    "mute 1 min": Order("mute", 60),
    "mute for 5 mins": Order("mute", 300),
    "mute for 1 minute": Order("mute", 60),
    "mute for 45 minutes": Order("mute", 2700),
    "mute 2h": Order("mute", 2 * HOUR),
    "mute for 2 hrs": Order("mute", 2 * HOUR),
    "mute for 1 hour": Order("mute", HOUR),
    "MUTE FOR 2 HOURS": Order("mute", 2 * HOUR),
    "mute 3d": Order("mute", 72 * HOUR),
    "mute for 1 day": Order("mute", 24 * HOUR),
    "mute for 3 days": Order("mute", 72 * HOUR),
    "mute for 1 week": Order("mute", 168 * HOUR),
    "mute for 2 weeks.": Order("mute", 336 * HOUR),
    "unmute": Order("unmute"),
    "Unmute !": Order("unmute"),
    "stop": Order("stop"),
    "STOP!!": Order("stop"),
}

WORDS = {
    "",
    "!",
    "muted",
    "mute the television",
    "mute for",
    "mute for two hours",
    "mute for -1 hours",
    "mute for 1.5 hours",
    "mute for 99999 days",
    "please mute",
    "unmute yourself",
    "stop it",
    "don't stop",
    "how do I stop the dishwasher?",
    "stop\nmute",
}


@pytest.mark.parametrize("text", ORDERS)
def test_an_order_is_one_of_a_few_plain_commands(text: str) -> None:
    """In any case, with or without a time, with or without an exclamation mark."""
    assert order_in(text) == ORDERS[text]


@pytest.mark.parametrize("text", sorted(WORDS))
def test_what_only_speaks_of_orders_is_none(text: str) -> None:
    """An order is the whole message: whoever talks about muting wants an answer."""
    assert order_in(text) is None


@given(st.one_of(st.text(), st.from_regex(r"(un)?mute.{0,20}|stop.{0,5}", fullmatch=True)))
def test_any_text_is_an_order_or_not(text: str) -> None:
    """Whatever people write, reading it never fails, and a time is never negative."""
    order = order_in(text)

    assert order is None or order.seconds >= 0


def test_a_mute_ends_by_itself() -> None:
    """It holds until its time, and not at it."""
    control = Control(muted_until=100.0)

    assert [control.muted(now) for now in (99.0, 100.0, 101.0)] == [True, False, False]


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
    one = message(**{"sent": 70.0, **more})
    control = Control(muted_until=100.0, muted_at=50.0, muted_by=message(id="99").said().id)

    assert control.silences([message(id="98"), one], 99.0) is silenced
    assert not control.silences([one], 100.0)


def test_what_is_said_in_a_meeting_or_a_time_of_quiet_is_filed_under_it() -> None:
    """The meeting that somebody began comes first; without any, the time of quiet is one."""
    meeting = Meeting.begins("room", 10.0)
    quiet = Control(muted_until=100.0, muted_at=50.0)

    assert Control().listens("room", 60.0) is None
    assert Control(meeting=meeting).listens("room", 60.0) == meeting
    assert Control(meeting=meeting.ends(20.0)).listens("room", 60.0) is None
    assert Control(meeting=meeting.ends(80.0)).listens("room", 60.0) == meeting.ends(80.0)
    assert quiet.listens("room", 60.0) == Meeting.quiet("room", 50.0, 100.0)
    assert quiet.over(Control(meeting=meeting)).listens("room", 60.0) == meeting
    assert Control(meeting=Meeting.quiet("room", 50.0, 100.0)).listens("room", 60.0) is None


def test_a_stop_is_about_what_was_said_until_then() -> None:
    """The message that was said last before it, and the stop itself; not what comes after."""
    control = Control(stopped_at=100.0)

    assert [control.stops(message(sent=sent)) for sent in (99.0, 100.0, 101.0)] == [True, True, False]
    assert control.stopped([message(sent=99.0), message(sent=100.0)])
    assert not control.stopped([message(sent=99.0), message(sent=101.0)])
    assert control.stopped([message(sent=99.0), message(sent=101.0, overheard=True)])


@given(*[st.builds(Control, muted_until=st.floats(0, 1e10), stopped_at=st.floats(0, 1e10))] * 2)
def test_orders_of_room_and_thread_hold_together(room: Control, thread: Control) -> None:
    """Whichever is stricter holds, in whichever order they are read."""
    assert room.over(thread) == thread.over(room)
    assert all(
        room.over(thread).muted(now) == (room.muted(now) or thread.muted(now))
        for now in (room.muted_until, thread.muted_until, 0.0)
    )
