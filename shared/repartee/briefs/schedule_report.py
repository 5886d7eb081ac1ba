"""The report of one schedule: how many briefs were due, and what became of them."""

from __future__ import annotations

import msgspec


class ScheduleReport(msgspec.Struct):
    """Counts of one schedule. `held_back` and `paused` are due runs of people who do not read their briefs;
    `failures` counts, by reason, what the next schedule tries again."""

    subscriptions: int = 0
    pages: int = 0
    due: int = 0
    duplicates: int = 0
    duplicate_reads: int = 0
    held_back: int = 0
    paused: int = 0
    queued: int = 0
    reminders: int = 0
    failures: dict[str, int] = {}
    is_complete: bool = True

    def add_failure(self, reason: str, count: int = 1) -> None:
        """Counts failures of one reason."""
        if count:
            self.failures[reason] = self.failures.get(reason, 0) + count

    @property
    def failed(self) -> int:
        """All failures."""
        return sum(self.failures.values())
