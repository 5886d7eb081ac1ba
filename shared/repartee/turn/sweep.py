"""The sweep: what is open and forgotten is woken again, every minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice

from repartee.errors import BackendError
from repartee.ports import Inbox, Wakes
from repartee.ports.logging import Logger

STALE_AFTER_SECONDS = 60.0
"""Seconds that something may be open while nobody holds its chat. A wake that is on its way takes fewer."""

BACKLOG_WAKES = 20
"""Waiting wakes from which on there is a backlog: what is open then waits, and is not lost."""

SECONDS_PER_WAITING_WAKE = 4.0
"""Seconds for which something may be open more, for each wake that waits before it: messages share wakes."""

MAX_STALE_AFTER_SECONDS = 900.0
"""Seconds after which something is taken for forgotten, however many wakes wait."""

REWAKE_SECONDS = 300.0
"""Seconds for which a chat that was woken in a backlog is left alone: its wake is in the queue."""

MAX_WAKES_PER_SWEEP = 1000
"""Chats that are woken at once. The next minute finds the others."""

SWEEP_CORRELATION = "sweep"
"""The correlation id of the sweep's wakes, in logs: nobody asked."""

WAKES_PER_BATCH = 50
"""Chats that are marked and woken together."""


class Sweep:
    """Finds what a lost wake or a dead worker has left behind. `count` is told how much, each time: as
    forgotten, or as waiting in a backlog."""

    def __init__(
        self,
        inbox: Inbox,
        wakes: Wakes,
        clock: Callable[[], float],
        logger: Logger,
        count: Callable[[str, int], None],
        remind_teams: Callable[[], int] | None = None,
        wake_event_lanes: Callable[[], int] | None = None,
    ) -> None:
        self._remind_teams, self._wake_event_lanes = remind_teams, wake_event_lanes
        self._inbox, self._wakes, self._clock = inbox, wakes, clock
        self._logger, self._count = logger, count

    def wake_stale_chats(self) -> int:
        """Wakes every chat in which something is forgotten, and says how many there were."""
        waiting = self._count_waiting()
        stale, woken = islice(self._chats_without_wake(waiting), MAX_WAKES_PER_SWEEP), 0
        while chats := list(islice(stale, WAKES_PER_BATCH)):
            self._wakes.send_all(chats, correlation=SWEEP_CORRELATION)
            woken += len(chats)
        in_backlog = waiting >= BACKLOG_WAKES
        if woken:
            self._logger.warning("chats_woken", chats=woken, waiting_wakes=waiting, backlog=in_backlog)
        self._count("ChatsForgotten", 0 if in_backlog else woken)
        self._count("ChatsInBacklog", woken if in_backlog else 0)
        return woken

    def remind_teams(self) -> int:
        """Reminds the teams of customers who wait, and says how many there were."""
        return self._remind_teams() if self._remind_teams else 0

    def wake_event_lanes(self) -> int:
        """Wakes events that no message of their queue looks after, and says in how many lanes."""
        return self._wake_event_lanes() if self._wake_event_lanes else 0

    def _count_waiting(self) -> int:
        with suppress(BackendError):  # then nothing is known of a backlog
            return self._wakes.count_waiting()
        return 0

    def _chats_without_wake(self, waiting: int) -> Iterator[str]:
        """The stale chats, each of which is marked as woken. `waiting` wakes are before the first of them."""
        now = self._clock()
        age = min(_reach_seconds(waiting), MAX_STALE_AFTER_SECONDS)
        for chat in self._inbox.list_stale_chats(now - age, now):
            if self._inbox.schedule_wake(chat, now + _rewake_seconds(waiting), now):
                self._logger.info("chat_was_forgotten", chat=chat)
                waiting += 1
                yield chat


def _reach_seconds(waiting: int) -> float:
    """Returns the seconds in which a wake reaches a worker before which so many wait."""
    return STALE_AFTER_SECONDS + waiting * SECONDS_PER_WAITING_WAKE


def _rewake_seconds(waiting: int) -> float:
    """Returns the seconds after which a wake is lost that no worker has followed: a worker that takes the
    chat removes the mark. In a backlog nobody can know, and it is not fed."""
    return REWAKE_SECONDS if waiting >= BACKLOG_WAKES else min(_reach_seconds(waiting), REWAKE_SECONDS)
