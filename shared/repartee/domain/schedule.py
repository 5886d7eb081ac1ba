"""On which days and at what time something is due, on a person's own clock.

A schedule speaks of days and of a time on the clock; a time zone says which moment that is. A run is told by
its day, so that one day has one run, whatever the clocks do:

- A time that the clock leaves out in spring comes as much later as the clock is put forward.
- A time that the clock shows twice in autumn counts when it is shown first.
- A day that a zone leaves out (Samoa, 30 December 2011) has no run.
- After a move to another zone, a day that had its run in the former one has no other.
- Of runs that were missed only the newest is caught up.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

import msgspec

Period = Literal["once", "day", "week", "month", "year"]

ALL_WEEKDAYS = frozenset(range(7))

MAX_LOOK_DAYS = 375
"""Days between two runs of a schedule at the most: those of a leap year, a week for a weekday of a month that
is later in the next year, and one for the zone."""

MAX_INTERVALS: Mapping[Period, int] = {"day": 366, "week": 52, "month": 12}
"""By period, of how many of them there is a run in one at the most: a run comes within a year."""

LAST_WEEK_NUMBER = -1
WEEKS_OF_MONTH = frozenset((LAST_WEEK_NUMBER, 1, 2, 3, 4))


class Schedule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When something is due. `at` is the time on the clock (HH:MM).

    `weekdays` (0 is Monday) count for `day` and `week`. `day` is the first day that counts (YYYY-MM-DD): the
    day itself for `once`, the day of the month for `month`, the day of the year for `year`. In a month that
    is shorter its last day counts. With `week_of_month` (1 to 4, or -1 for the last) a month has its run on
    these weekdays of that week instead. With an `interval` only one in so many days, weeks or months has
    runs, from that of `day` on.
    """

    period: Period = "day"
    at: str = "08:00"
    weekdays: frozenset[int] = ALL_WEEKDAYS
    day: str = ""
    interval: int = 1
    week_of_month: int = 0

    def __post_init__(self) -> None:
        time.fromisoformat(self.at)
        if self.day or self.period in ("once", "month", "year") or self.interval > 1:
            date.fromisoformat(self.day)
        counts_weekdays = self.period in ("day", "week") or self.week_of_month
        if counts_weekdays and not (self.weekdays and self.weekdays <= ALL_WEEKDAYS):
            raise ValueError("weekdays are numbers from 0 to 6, and at least one")
        if self.week_of_month and (self.period != "month" or self.week_of_month not in WEEKS_OF_MONTH):
            raise ValueError("a week of a month is from 1 to 4, or -1")
        if not 1 <= self.interval <= MAX_INTERVALS.get(self.period, 1):
            raise ValueError("the interval is too long, or none")

    @property
    def first_day(self) -> date:
        """The first day that counts."""
        return date.fromisoformat(self.day) if self.day else date.min

    def has_run_on(self, day: date) -> bool:
        """Returns whether the day has a run, where the zone has that day."""
        first = self.first_day
        if day < first:
            return False
        if self.period == "once":
            return day == first
        if self.interval > 1 and self._count_periods(first, day) % self.interval:
            return False
        if self.period in ("day", "week"):
            return day.weekday() in self.weekdays
        if self.week_of_month:
            return day.weekday() in self.weekdays and is_in_week_of_month(day, self.week_of_month)
        in_month = day.day == min(first.day, monthrange(day.year, day.month)[1])
        return in_month and (self.period == "month" or day.month == first.month)

    def _count_periods(self, first: date, day: date) -> int:
        """Returns how many days, weeks (from Monday on) or months lie between the days."""
        if self.period == "month":
            return (day.year - first.year) * 12 + day.month - first.month
        if self.period == "week":
            return (day - timedelta(day.weekday()) - first + timedelta(first.weekday())).days // 7
        return (day - first).days

    def moment_on(self, day: date, zone: tzinfo) -> datetime | None:
        """Returns when the run of this day is due, in UTC. None where the zone leaves the day out."""
        if not has_day(day, zone):
            return None
        return datetime.combine(day, time.fromisoformat(self.at), zone).astimezone(UTC)


def is_in_week_of_month(day: date, week: int) -> bool:
    """Returns whether the day's weekday comes for this time in its month: 1 for the first time, -1 for the
    last."""
    if week == LAST_WEEK_NUMBER:
        return day.day > monthrange(day.year, day.month)[1] - 7
    return (day.day - 1) // 7 + 1 == week


def find_day_start(day: str) -> float:
    """Returns when a day (YYYY-MM-DD) begins in UTC (epoch seconds)."""
    return datetime.combine(date.fromisoformat(day), time(), UTC).timestamp()


def has_day(day: date, zone: tzinfo) -> bool:
    """Returns whether the zone has the day: those that were moved across the date line lack one."""
    noon = datetime.combine(day, time(12), zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


def find_due_day(
    schedule: Schedule,
    zone: tzinfo,
    now: datetime,
    *,
    since: float = 0.0,
    last_day: str = "",
    gap_days: int = 1,
) -> date | None:
    """Returns the day whose run is due now, or None.

    Only the newest run counts, so that missed ones are caught up once. It must be due after `since` (epoch
    seconds: when the schedule was made), and at least `gap_days` after the day that had the last run.
    """
    earliest = date.fromisoformat(last_day) + timedelta(gap_days) if last_day else date.min
    today = now.astimezone(zone).date()
    for day in _days_back(today, max(earliest, schedule.first_day)):
        moment = schedule.moment_on(day, zone) if schedule.has_run_on(day) else None
        if moment is not None and moment <= now:
            return day if moment.timestamp() > since else None
    return None


def find_next_moment(
    schedule: Schedule, zone: tzinfo, now: datetime, *, last_day: str = ""
) -> tuple[date, datetime] | None:
    """Returns the next run that is still to come: its day, and when that is in UTC. None where there is
    none."""
    today = now.astimezone(zone).date()
    start = max(today, schedule.first_day)
    for ahead in range(-1, MAX_LOOK_DAYS):
        day = start + timedelta(ahead)
        if schedule.has_run_on(day) and day.isoformat() > last_day:
            moment = schedule.moment_on(day, zone)
            if moment is not None and moment > now:
                return day, moment
    return None


def _days_back(newest: date, oldest: date) -> Iterator[date]:
    for back in range(MAX_LOOK_DAYS):
        day = newest - timedelta(back)
        if day < oldest:
            return
        yield day
