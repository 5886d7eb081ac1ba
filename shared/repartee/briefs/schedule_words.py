"""Schedules in words, as they are confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, tzinfo

from repartee.briefs.notice import ParsedNotice
from repartee.domain.schedule import ALL_WEEKDAYS, LAST_WEEK_NUMBER, Schedule, find_next_moment
from repartee.domain.timezones import find_timezone

LONGEST_COMMON_MONTH_DAYS = 28
"""Days that every month has."""

WEEK_WORDS = {1: "first", 2: "second", 3: "third", 4: "fourth", LAST_WEEK_NUMBER: "last"}


def describe_schedule(schedule: Schedule, zone_name: str) -> str:
    """Returns when something comes, in words."""
    return f"{_describe_days(schedule)} at {schedule.at} ({zone_name})"


def _describe_days(schedule: Schedule) -> str:
    if schedule.period == "once":
        return f"once, on {schedule.day}"
    if schedule.period == "year":
        return f"each year on {schedule.day[5:]}"
    if schedule.period == "month":
        return _describe_months(schedule)
    named = _name_weekdays(schedule.weekdays)
    if schedule.interval == 1:
        return "every day" if schedule.weekdays == ALL_WEEKDAYS else f"on {named}"
    return f"every {schedule.interval} {schedule.period}s" + (
        "" if schedule.weekdays == ALL_WEEKDAYS else f" on {named}"
    )


def _describe_months(schedule: Schedule) -> str:
    months = "each month" if schedule.interval == 1 else f"every {schedule.interval} months"
    if schedule.week_of_month:
        return f"{months} on the {WEEK_WORDS[schedule.week_of_month]} {_name_weekdays(schedule.weekdays)}"
    day = schedule.first_day.day
    shorter = ", in shorter months on their last day" if day > LONGEST_COMMON_MONTH_DAYS else ""
    return f"{months} on day {day}{shorter}"


def _name_weekdays(weekdays: Iterable[int]) -> str:
    return ", ".join(f"{date(2024, 1, 1 + number):%A}" for number in sorted(weekdays))


def describe_next(schedule: Schedule, zone: tzinfo, now: float, last_day: str) -> str:
    """Returns when it comes next, in words that go on after others."""
    coming = find_next_moment(schedule, zone, datetime.fromtimestamp(now, UTC), last_day=last_day)
    return f"; next {coming[1].astimezone(zone):%A, %d %B %Y, %H:%M}" if coming else ""


def choose_zone(notice: ParsedNotice, profile: Mapping[str, str]) -> tuple[str, bool]:
    """Returns the time zone, and whether it is only assumed."""
    for name in (notice.timezone or "", profile.get("timezone", "")):
        if name and find_timezone(name):
            return name, False
    return "UTC", True
