"""Reminders are ordered in plain words, and said once where they were asked for, at their time."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from repartee.briefs.notice import ParsedNotice
from repartee.briefs.orders import make_address
from repartee.briefs.reminding import ReminderArmer
from repartee.domain.reminder import Reminder, ReminderWake
from repartee.domain.reply import VisibleState
from repartee.domain.schedule import Schedule
from repartee.errors import PermissionDenied, Unavailable
from tests.support.brief_world import MORNING_SECONDS
from tests.support.inbox_builders import make_message
from tests.support.memory_briefs import ADA, LISBON, MemoryReminders
from tests.support.reminder_world import DIRECT, ORDER, PROFILE, ReminderWorld


@pytest.fixture
def world() -> ReminderWorld:
    return ReminderWorld()


def test_a_reminder_is_confirmed_with_its_time(world: ReminderWorld) -> None:
    """In the person's zone, and kept until then: no wake is sent a day before."""
    told = world.order(ORDER)

    assert 'A reminder is set, as they asked: "call the landlord", Friday, 11 September 2026, 09:00' in told
    assert "(Europe/Lisbon)" in told
    assert world.only.due_at == MORNING_SECONDS + 24 * 3600 + 58 * 60
    assert world.reminders.wakes == []


def test_one_that_is_due_soon_has_its_wake_at_once(world: ReminderWorld) -> None:
    """It does not wait for the schedule, and comes to the second."""
    world.order(ParsedNotice(act="remind", text="tea", minutes=4))

    assert world.reminders.wakes == [(ReminderWake(ADA, world.only.id, world.now + 240), 240.0)]


def test_it_is_said_once_where_it_was_asked(world: ReminderWorld) -> None:
    """In the person's language. The schedule sends its wake ten minutes before, and again; both may come."""
    world.order(ORDER)
    due = world.only.due_at
    for minutes in (20, 10, 5):
        world.now = due - minutes * 60
        world.arm()
    wakes, world.now = list(world.reminders.wakes), due + 1
    assert [(wake.due_at, delay) for wake, delay in wakes] == [(due, 600.0), (due, 300.0)]

    again = [world.say(wake) for wake, _ in wakes]

    assert again == [[], []]
    assert world.chat == ["Erinnerung: call the landlord"]
    assert world.messages[0].room == DIRECT
    assert world.reminders.kept == {}
    assert [metric.value for line in world.lines for metric in line.metrics] == [1000.0]


def test_one_that_repeats_moves_on(world: ReminderWorld) -> None:
    """Every Friday in a channel: said there, and kept for the next one."""
    weekly = msgspec.structs.replace(ORDER, period="week", weekdays=(4,), date=None)
    assert "on Friday at 09:00" in world.order(weekly, room=LISBON)
    first = world.only.due_at
    for week in range(2):
        world.now = first + week * 7 * 24 * 3600 + 2
        world.say(world.wake)

    assert world.chat == ["Erinnerung: call the landlord"] * 2
    assert [message.room for message in world.messages] == [LISBON, LISBON]
    assert world.only.due_at == first + 14 * 24 * 3600


def test_a_missed_one_is_said_once_after_an_outage(world: ReminderWorld) -> None:
    """The schedule finds it however late, and it is not said once for each time that was missed."""
    world.order(msgspec.structs.replace(ORDER, period="day", date=None))
    world.now += 5 * 24 * 3600
    assert world.arm() == (1, 0)
    ((wake, delay),) = world.reminders.wakes

    world.say(wake)

    assert delay == 0.0
    assert len(world.chat) == 1
    assert world.only.due_at > world.now


def test_a_worker_that_died_is_gone_on_for(world: ReminderWorld) -> None:
    """What it had said is not said again."""
    world.order(ORDER)
    world.now = world.only.due_at
    run = world.runs.claim(world.wake.job, world.now, world.now + 60)
    assert run is not None
    shown = VisibleState(intent_at=world.now, message_ids={"0": "shown-0"})
    world.runs.save_visible(run, "Erinnerung: call the landlord", shown)
    held = world.say(world.wake)
    world.now += 61

    again = world.say(world.wake)

    assert (held, again) == (["m1"], [])
    assert world.sent_ids == ["shown-0"]
    assert world.reminders.kept == {}


def test_a_platform_that_is_down_has_the_wake_come_again(world: ReminderWorld) -> None:
    """And one that refuses for good does not."""
    world.order(ORDER)
    wake, world.now = world.wake, world.only.due_at
    world.trouble = Unavailable("slack", "down")
    assert world.say(wake) == ["m1"]
    world.trouble, world.now = PermissionDenied("slack", "is_archived"), world.now + 100

    assert world.say(wake) == []
    assert world.reminders.kept == {}


def test_a_wake_that_is_early_stale_or_of_nothing_says_nothing(world: ReminderWorld) -> None:
    """An early one is sent again; of a reminder that was changed or cancelled nothing is said."""
    world.order(ORDER)
    early = world.wake
    world.say(early)
    world.order(ParsedNotice(act="change_reminder", time="10:00"))
    world.now = early.due_at
    world.say(early)
    moved = world.wake
    world.order(ParsedNotice(act="cancel_reminder"))
    world.now = moved.due_at
    world.say(moved)

    assert moved.due_at == early.due_at + 3600
    assert world.reminders.wakes[:1] == [(early, 24 * 3600.0 + 58 * 60)]
    assert world.chat == []


def test_reminders_are_listed_where_they_may_be_told(world: ReminderWorld) -> None:
    """In a room where others read, those of this room alone."""
    world.order(ORDER)
    world.order(msgspec.structs.replace(ORDER, text="water the plants"), room=LISBON)
    listing = ParsedNotice(act="list_reminders")

    assert "call the landlord" in world.order(listing)
    assert "water the plants" in world.order(listing)
    assert "call the landlord" not in world.order(listing, room=LISBON)
    assert "not clear which" in world.order(ParsedNotice(act="cancel_reminder"))
    assert "water the plants" in world.order(ParsedNotice(act="cancel_reminder"), room=LISBON)


@pytest.mark.parametrize(
    "change, told",
    [
        ({"text": ""}, "not of what is clear"),
        ({"time": "25:00"}, "time is not clear"),
        ({"date": "2026-09-09"}, "time is not clear, or over"),
        ({"date": "soon"}, "time is not clear"),
    ],
)
def test_what_is_not_clear_is_asked(world: ReminderWorld, change: dict[str, Any], told: str) -> None:
    """Nothing is kept."""
    assert told in world.order(msgspec.structs.replace(ORDER, **change))
    assert world.reminders.kept == {}


def test_a_time_without_a_zone_is_said_to_be_utc(world: ReminderWorld) -> None:
    """In ten minutes is in ten minutes everywhere."""
    assert "it is UTC: say so" in world.order(ORDER, profile={})
    assert "UTC: say so" not in world.order(ParsedNotice(act="remind", text="tea", minutes=10), profile={})


def test_one_shard_that_fails_costs_no_other_reminder(world: ReminderWorld) -> None:
    """The next schedule finds those."""

    class Faulty(MemoryReminders):
        def list_due(self, shard: int, before: float) -> Any:
            if shard == 0:
                raise Unavailable("dynamodb", "down")
            return super().list_due(shard, before)

    store = Faulty()
    people = [f"slack:T1:U{number}" for number in range(40)]
    for person in people:
        made = Reminder(
            id="r",
            person=person,
            address=make_address(make_message("x")),
            schedule=Schedule(),
            timezone="UTC",
            text="x",
            created_at=1.0,
            due_at=world.now,
        )
        store.put_reminder(made)

    armed, failed = ReminderArmer(store, store, world.pool, lambda: world.now).arm_due()

    assert failed == 1
    assert armed == len(store.wakes) == sum(made.shard != 0 for made in store.kept.values()) < 40


def test_a_channel_is_reminded(world: ReminderWorld) -> None:
    """Ordered elsewhere, it is said at the top of the channel, with who asked for it."""
    weekly = msgspec.structs.replace(
        ORDER, text="fill in the timesheets", period="week", weekdays=(4,), date=None, room="#lisbon"
    )
    told = world.order(weekly, profile=PROFILE | {"name": "Ada"})
    world.now = world.only.due_at
    world.say(world.wake)

    assert "on Friday at 09:00" in told
    assert "in #lisbon" in told
    assert world.chat == ["Erinnerung von Ada: fill in the timesheets"]
    assert world.messages[0].room == LISBON
    assert world.messages[0].platform == {"channel": "CLISBON", "thread": ""}
    assert "timesheets" in world.order(ParsedNotice(act="list_reminders"))
    assert "timesheets" in world.order(ParsedNotice(act="cancel_reminder"), room=LISBON)


def test_a_channel_that_the_person_is_not_in_is_not_reminded(world: ReminderWorld) -> None:
    """They are told so, and asked where it is to be said."""
    told = world.order(msgspec.structs.replace(ORDER, room="#board"))

    assert "in #board, which you do not know, or they are not in it" in told
    assert world.reminders.kept == {}
