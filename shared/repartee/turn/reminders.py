"""Reminders to the team of customers who wait: found by the sweep, so that any delay is possible."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from repartee.domain.handover import Handover
from repartee.ports import Wakes
from repartee.ports.handovers import Handovers, Team, TeamDirectory
from repartee.ports.logging import Logger

MINUTE_SECONDS = 60.0

MAX_REMINDERS_PER_SWEEP = 200
"""Conversations whose team is reminded at once. The next minute finds the others."""

MAX_DOUBLINGS_NUMBER = 6
"""How often the time to the next reminder doubles: then the team is reminded at ever the same distance."""

UNKNOWN_OPENING_SECONDS = 12 * 3600.0
"""Seconds until it is looked again where nobody knows when the team will be there."""


class HandoverReminders:
    """Reminds teams. `count_metric` is told how many customers wait for longer than they should, and for how
    long."""

    def __init__(
        self,
        handovers: Handovers,
        teams: TeamDirectory,
        wakes: Wakes,
        clock: Callable[[], float],
        logger: Logger,
        count_metric: Callable[[str, int], None],
    ) -> None:
        self._handovers, self._teams, self._wakes = handovers, teams, wakes
        self._clock, self._logger, self._count_metric = clock, logger, count_metric

    def remind_due(self) -> int:
        """Leaves a reminder in each chat whose team is due for one, and wakes it. Returns their number."""
        now = self._clock()
        due = list(islice(self._handovers.list_due(now), MAX_REMINDERS_PER_SWEEP))
        reminded = sum(self._remind(chat, now) for chat in due)
        if due:
            self._logger.info("teams_reminded", chats=len(due), reminded=reminded)
            self._count_metric("CustomersWaiting", reminded)
        self._count_waiting_minutes(now)
        return reminded

    def _count_waiting_minutes(self, now: float) -> None:
        """Counts for how long a customer waits at the most, of those whose team is there: since they were
        given up to it, or since it came."""
        waits = [
            now - since
            for one in self._handovers.list_waiting()
            if self._teams.next_opening(one.room, now) == now
            and (since := self._teams.next_opening(one.room, one.since)) is not None
        ]
        if waits:
            self._count_metric("MinutesWaitingForPerson", round(max(waits) / MINUTE_SECONDS))

    def _remind(self, chat: str, now: float) -> bool:
        found = self._handovers.read(chat)
        team = self._teams.find_team(found.customer.room)
        if found.state != "waiting" or team is None:
            return False
        opening = self._teams.next_opening(found.customer.room, now)
        is_away = opening is None or opening > now
        due_at = self._next_due(found, team, now, opening)
        change = self._handovers.note_reminder(chat, found.id, due_at, now, is_away=is_away)
        self._wakes.send(chat)
        return change.applied and not is_away

    def _next_due(self, found: Handover, team: Team, now: float, opening: float | None) -> float:
        """Returns when the team is reminded next: when it is there again, or later than the last time."""
        if opening is None:
            return now + UNKNOWN_OPENING_SECONDS
        if opening > now:
            return opening + team.remind_after_seconds
        return now + team.remind_after_seconds * 2.0 ** min(found.reminders, MAX_DOUBLINGS_NUMBER)
