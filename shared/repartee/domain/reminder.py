"""Reminders: one thing that is said at a time, in the place where it was asked for."""

from __future__ import annotations

import msgspec

from repartee.domain.brief import Address, BriefJob, shard_of
from repartee.domain.schedule import Schedule

MAX_REMINDERS_PER_PERSON = 50
MAX_REMINDER_CHARS = 500

ARMED_AHEAD_SECONDS = 660.0
"""Seconds before its time from which on a reminder's wake is on its way: more than two schedules lie
apart, and less than the fifteen minutes that SQS can delay a message."""


class Reminder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's order for a reminder. `due_at` is when it is said next (epoch seconds). Where it is
    said in another room than it was ordered in, `room_name` is what the person calls that room, and
    `asked_by` their own name, if it is known."""

    id: str
    person: str
    address: Address
    schedule: Schedule
    timezone: str
    text: str
    created_at: float
    due_at: float
    room_name: str = ""
    asked_by: str = ""

    @property
    def shard(self) -> int:
        """Its partition."""
        return shard_of(self.person)


class ReminderWake(msgspec.Struct, frozen=True):
    """A wake of one reminder, which may be lost, doubled, late or early."""

    person: str
    reminder_id: str
    due_at: float

    @property
    def job(self) -> BriefJob:
        """The run in which it is said: one for each time."""
        return BriefJob(self.person, f"reminder-{self.reminder_id}", f"{self.due_at:.0f}")
