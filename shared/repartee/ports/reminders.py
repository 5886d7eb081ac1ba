"""Protocols of reminders: who ordered which, and the queue of their wakes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from repartee.domain.reminder import Reminder, ReminderWake


class ReminderStore(Protocol):
    """Reminders. Reads but `list_due` are consistent."""

    def put_reminder(self, reminder: Reminder) -> None:
        """Keeps it in place of one with its person and id."""

    def list_reminders(self, person: str) -> Sequence[Reminder]:
        """Returns the person's reminders, the next one first."""

    def find_reminder(self, person: str, id: str) -> Reminder | None:
        """Returns the reminder. None where there is none."""

    def delete_reminder(self, person: str, id: str) -> bool:
        """Deletes it, and returns whether it was there."""

    def list_due(self, shard: int, before: float) -> Sequence[Reminder]:
        """Returns the shard's reminders that are due before then (epoch seconds)."""

    def advance(self, reminder: Reminder, due_at: float) -> None:
        """Notes when it is said next, 0 for never again. Nothing changes where it was changed meanwhile."""


class ReminderQueue(Protocol):
    """The queue of wakes of reminders."""

    def send_wakes(self, wakes: Sequence[ReminderWake], now: float) -> None:
        """Sends the wakes, each to come when its reminder is due, at most fifteen minutes from now."""
