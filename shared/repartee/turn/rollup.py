"""Sums up the records of turns, outside the turns: every minute, what was closed since the minute before."""

from __future__ import annotations

from collections.abc import Callable

from repartee.domain.turn_record import TurnRecord
from repartee.errors import BackendError, log_fields
from repartee.ports import TurnRecords
from repartee.ports.logging import Logger
from repartee.ports.operations import TurnStatistics

HOUR_SECONDS = 3600
SETTLE_SECONDS = 30.0
"""Seconds after which the record of a turn is surely written: closing it takes fewer."""

MAX_SPAN_SECONDS = 1800.0
"""Seconds of turns that are counted at once. After an outage the next minutes count the rest."""

FIRST_SPAN_SECONDS = 1800.0
"""Seconds before now at which the counting begins where nothing was counted yet."""


class TurnRollup:
    """Counts turns."""

    def __init__(
        self,
        records: TurnRecords,
        statistics: TurnStatistics,
        clock: Callable[[], float],
        logger: Logger,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self._records, self._statistics = records, statistics
        self._clock, self._logger, self._settle_seconds = clock, logger, settle_seconds

    def count_new_turns(self) -> int:
        """Counts the turns that were closed since the last time. Returns how many there were.

        What cannot be counted now is counted the next time: nothing waits for it.
        """
        try:
            return self._count()
        except BackendError as failure:
            self._logger.warning("turns_not_counted", **log_fields(failure))
            return 0

    def _count(self) -> int:
        newest = self._clock() - self._settle_seconds
        since = self._statistics.read_watermark() or newest - FIRST_SPAN_SECONDS
        until = min(newest, since + MAX_SPAN_SECONDS)
        if until <= since:
            return 0
        by_hour: dict[int, list[TurnRecord]] = {}
        for record in self._records.list_newest(until, since):
            by_hour.setdefault(int(record.closed_at // HOUR_SECONDS), []).append(record)

        def read_hour(hour: int) -> list[TurnRecord]:
            began = float(hour * HOUR_SECONDS)
            return list(self._records.list_newest(min(until, began + HOUR_SECONDS), began))

        self._statistics.count_until(until, by_hour, read_hour)
        return sum(map(len, by_hour.values()))
