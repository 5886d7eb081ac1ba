"""The sweep: what is open and forgotten is woken again, every minute."""

from __future__ import annotations

from collections.abc import Callable

from repartee.ports import Inbox, Wakes
from repartee.ports.logging import Logger

STALE_AFTER_SECONDS = 60.0
"""Seconds that something may be open while nobody holds its chat. A wake that is on its way takes fewer."""


class Sweep:
    """Finds what a lost wake or a dead worker has left behind. `count` is told how much, each time."""

    def __init__(
        self,
        inbox: Inbox,
        wakes: Wakes,
        clock: Callable[[], float],
        logger: Logger,
        count: Callable[[str, int], None],
    ) -> None:
        self._inbox, self._wakes, self._clock = inbox, wakes, clock
        self._logger, self._count = logger, count

    def wake_stale_chats(self) -> int:
        """Wakes every chat in which something is forgotten, and says how many there were."""
        now = self._clock()
        woken = 0
        for chat in self._inbox.list_stale_chats(now - STALE_AFTER_SECONDS, now):
            self._wakes.send(chat, correlation="sweep")
            self._logger.warning("chat_was_forgotten", chat=chat)
            woken += 1
        self._count("ChatsForgotten", woken)
        return woken
