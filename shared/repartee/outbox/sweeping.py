"""Finds lanes of events that no message of the queue looks after any more."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from repartee.ports.logging import Logger
from repartee.ports.outbox import EventOutbox, EventQueue

IDLE_SECONDS = 120.0
"""Seconds after its time at which a lane counts as forgotten: its message was lost, or its worker died."""

MAX_LANES_PER_SWEEP = 500
"""Lanes that are woken at once. The next minute finds the others."""


class LaneSweep:
    """Wakes lanes that should have gone on."""

    def __init__(
        self, outbox: EventOutbox, queue: EventQueue, clock: Callable[[], float], logger: Logger
    ) -> None:
        self._outbox, self._queue, self._clock, self._logger = outbox, queue, clock, logger

    def wake_idle_lanes(self) -> int:
        """Returns how many were woken."""
        idle = list(islice(self._outbox.list_idle_lanes(self._clock() - IDLE_SECONDS), MAX_LANES_PER_SWEEP))
        for lane in idle:
            self._queue.send(lane)
        if idle:
            self._logger.info("event_lanes_woken", lanes=len(idle))
        return len(idle)
