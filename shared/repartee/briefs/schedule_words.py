"""Schedules in words: those that a person orders, as a small model understood them, and as they are
confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from repartee.briefs.notice import ParsedNotice
from repartee.domain.schedule import ALL_WEEKDAYS, Schedule, find_next_moment
from repartee.domain.timezones import find_timezone


def describe_schedule(schedule: Schedule, zone_name: str) -> str:
    """Returns when something comes, in words."""
    days = (
        "every day"
        if schedule.weekdays == ALL_WEEKDAYS
        else "on " + ", ".join(f"{date(2024, 1, 1 + number):%A}" for number in sorted(schedule.weekdays))
    )
    when = {
        "once": f"once, on {schedule.day}",
        "month": f"each month on day {schedule.day[8:]}",
        "year": f"each year on {schedule.day[5:]}",
    }.get(schedule.period, days)
    return f"{when} at {schedule.at} ({zone_name})"


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


def make_schedule(notice: ParsedNotice, before: Schedule, now: datetime) -> Schedule | None:
    """Returns the schedule that is ordered, with what is not said as it was before. None where it makes no
    sense."""
    if notice.minutes and notice.minutes > 0:
        at = now + timedelta(minutes=notice.minutes)
        return Schedule(period="once", at=f"{at:%H:%M}", day=f"{at:%Y-%m-%d}")
    weekdays = frozenset(notice.weekdays) or (before.weekdays if notice.period is None else ALL_WEEKDAYS)
    try:
        at_time = f"{time.fromisoformat(notice.time):%H:%M}" if notice.time else before.at
        period = notice.period or before.period
        day = notice.date or before.day or (f"{now:%Y-%m-%d}" if period in ("once", "month", "year") else "")
        return Schedule(period=period, at=at_time, weekdays=weekdays, day=day)
    except ValueError:
        return None
