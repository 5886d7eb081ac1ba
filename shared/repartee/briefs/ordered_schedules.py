"""Makes the schedule that a person orders, from what a small model understood and from how it was before.

What they leave open is what people mean by it: a time that is over today is tomorrow's, a weekday is the next
one, and "weekly" is on the weekday of the first time.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from repartee.briefs.notice import ParsedNotice
from repartee.domain.schedule import ALL_WEEKDAYS, Period, Schedule, find_next_moment

MONTHS_OF_YEAR_NUMBER = 12

MAX_EARLIER_MONTHS = 8
"""Months, or Februaries, that are looked through for one that has the day: a leap year comes within eight
years."""


def make_schedule(notice: ParsedNotice, before: Schedule, now: datetime) -> Schedule | None:
    """Returns the schedule that is ordered, with what is not said as it was before. None where it makes no
    sense. `now` is on the clock of the schedule."""
    try:
        if notice.minutes and notice.minutes > 0:
            return _after_minutes(notice.minutes, before, now)
        if notice.shift_minutes:
            return _shift(before, notice.shift_minutes, now)
        return _make_named(notice, before, now)
    except (ValueError, OverflowError):
        return None


def _after_minutes(minutes: float, before: Schedule, now: datetime) -> Schedule | None:
    """Returns the schedule of one time from now. What repeats is not turned into that."""
    if before.period != "once":
        return None
    at = (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(now.tzinfo)
    return Schedule(period="once", at=f"{at:%H:%M}", day=f"{at:%Y-%m-%d}")


def _shift(before: Schedule, minutes: float, now: datetime) -> Schedule | None:
    """Returns the schedule that comes so much later, or earlier. None where one that repeats would come on
    other days."""
    first = before.first_day if before.period == "once" else now.date()
    shifted = datetime.combine(first, time.fromisoformat(before.at)) + timedelta(minutes=minutes)
    if before.period == "once":
        return Schedule(period="once", at=f"{shifted:%H:%M}", day=f"{shifted:%Y-%m-%d}")
    return msgspec.structs.replace(before, at=f"{shifted:%H:%M}") if shifted.date() == first else None


def _make_named(notice: ParsedNotice, before: Schedule, now: datetime) -> Schedule | None:
    if notice.period == "other":
        return None
    period: Period = notice.period or before.period
    is_new = notice.period is not None
    at = f"{time.fromisoformat(notice.time):%H:%M}" if notice.time else before.at
    if period == "once":
        return Schedule(period=period, at=at, day=f"{_choose_once(notice, before, at, now):%Y-%m-%d}")
    asked = Schedule(
        period=period,
        at=at,
        weekdays=frozenset(notice.weekdays) or (ALL_WEEKDAYS if is_new else before.weekdays),
        day=f"{now:%Y-%m-%d}",
        interval=notice.every or (1 if is_new else before.interval),
        week_of_month=notice.week_of_month or (0 if is_new else before.week_of_month),
    )
    if period in ("day", "week"):
        return _repeat_on_weekdays(asked, notice, before, now)
    day = _choose_month_day(notice, before, asked, now)
    return msgspec.structs.replace(asked, day=f"{day:%Y-%m-%d}")


def _repeat_on_weekdays(
    asked: Schedule, notice: ParsedNotice, before: Schedule, now: datetime
) -> Schedule | None:
    is_new = notice.period is not None
    if asked.period == "week" and is_new and not notice.weekdays:
        first = _first_day(notice, ALL_WEEKDAYS, asked.at, now)
        asked = msgspec.structs.replace(asked, weekdays=frozenset({first.weekday()}))
    day = notice.date or ("" if is_new else before.day)
    if asked.interval > 1 and not day:
        day = f"{_first_day(notice, asked.weekdays, asked.at, now):%Y-%m-%d}"
    return msgspec.structs.replace(asked, day=day)


def _choose_once(notice: ParsedNotice, before: Schedule, at: str, now: datetime) -> date:
    """Returns the day of what comes once: the one that is named, the next such weekday, or the next day on
    which the time is still to come."""
    if notice.date:
        return date.fromisoformat(notice.date)
    if before.period == "once" and before.day and not notice.weekdays:
        kept = Schedule(period="once", at=at, day=before.day)
        if _is_to_come(kept, now):
            return kept.first_day
    return _first_day(notice, frozenset(notice.weekdays) or ALL_WEEKDAYS, at, now)


def _is_to_come(schedule: Schedule, now: datetime) -> bool:
    return find_next_moment(schedule, now.tzinfo or UTC, now.astimezone(UTC)) is not None


def _first_day(notice: ParsedNotice, weekdays: frozenset[int], at: str, now: datetime) -> date:
    """Returns the day that is named, or the next of these weekdays on which the time is still to come."""
    if notice.date:
        return date.fromisoformat(notice.date)
    daily = Schedule(at=at, weekdays=weekdays)
    coming = find_next_moment(daily, now.tzinfo or UTC, now.astimezone(UTC))
    return coming[0] if coming else now.date()


def _choose_month_day(notice: ParsedNotice, before: Schedule, asked: Schedule, now: datetime) -> date:
    """Returns the first day that counts, whose number is the day of the month."""
    if notice.date:
        step = MONTHS_OF_YEAR_NUMBER if asked.period == "year" else asked.interval
        return _find_day_of_month(notice.date, step)
    return now.date() if asked.week_of_month or not before.day else before.first_day


def _find_day_of_month(named: str, step_months: int) -> date:
    """Returns the day that is named. Of a day that its month does not have ("the 31st", said in November) it
    is the one of an earlier month that has it, so that the number of the day is kept."""
    year, month, day = (int(part) for part in named.split("-"))
    months = year * MONTHS_OF_YEAR_NUMBER + month - 1
    if not 1 <= month <= MONTHS_OF_YEAR_NUMBER:
        raise ValueError("there is no such month")
    for _ in range(MAX_EARLIER_MONTHS):
        year, month = divmod(months, MONTHS_OF_YEAR_NUMBER)
        if day <= monthrange(year, month + 1)[1]:
            break
        months -= step_months
    return date(year, month + 1, day)
