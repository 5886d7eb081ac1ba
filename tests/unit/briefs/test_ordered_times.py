"""When something comes that people order in unusual words: what the small model makes of them, as its prompt
asks for it, and the times and words that follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from repartee.briefs.notice import ParsedNotice
from repartee.briefs.ordered_schedules import make_schedule
from repartee.briefs.schedule_words import describe_schedule
from repartee.domain.schedule import Schedule, find_next_moment
from repartee.language.notice_words import NOTICE_HINTS

LISBON = ZoneInfo("Europe/Lisbon")
THURSDAY = datetime(2026, 9, 10, 8, 2, tzinfo=LISBON)
"""A Thursday, two minutes past eight."""

NEW = Schedule(period="once", at="09:00", day="2026-09-10")
"""What a new reminder begins with."""


def list_next(schedule: Schedule, now: datetime, count: int) -> list[str]:
    """The next times, on the clock of Lisbon."""
    found: list[str] = []
    moment = now.astimezone(UTC)
    while len(found) < count and (coming := find_next_moment(schedule, LISBON, moment)):
        moment = coming[1]
        found.append(f"{moment.astimezone(LISBON):%a %Y-%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    "words, understood, told, comes",
    [
        (
            "Remind me every other Tuesday at 10 to water the plants",
            {"period": "week", "every": 2, "weekdays": (1,), "time": "10:00"},
            "every 2 weeks on Tuesday at 10:00",
            ["Tue 2026-09-15 10:00", "Tue 2026-09-29 10:00", "Tue 2026-10-13 10:00"],
        ),
        (
            "remind me in half an hour to take the pizza out",
            {"minutes": 30.0},
            "once, on 2026-09-10 at 08:32",
            ["Thu 2026-09-10 08:32"],
        ),
        (
            "next Monday at noon remind us of the board meeting",
            {"period": "once", "weekdays": (0,), "time": "12:00"},
            "once, on 2026-09-14 at 12:00",
            ["Mon 2026-09-14 12:00"],
        ),
        (
            "remind me on the 31st of each month of the finances",
            {"period": "month", "date": "2026-09-31", "time": "09:00"},
            "each month on day 31, in shorter months on their last day at 09:00",
            ["Wed 2026-09-30 09:00", "Sat 2026-10-31 09:00", "Mon 2026-11-30 09:00"],
        ),
        (
            "Erinnere mich morgen um halb neun an den Zahnarzt",
            {"period": "once", "date": "2026-09-11", "time": "08:30"},
            "once, on 2026-09-11 at 08:30",
            ["Fri 2026-09-11 08:30"],
        ),
        (
            "Erinnere mich in anderthalb Stunden ans Telefonat",
            {"period": "once", "minutes": 90.0},
            "once, on 2026-09-10 at 09:32",
            ["Thu 2026-09-10 09:32"],
        ),
        (
            "Erinnere mich jede Woche an den Bericht",
            {"period": "week", "time": "07:00"},
            "on Friday at 07:00",
            ["Fri 2026-09-11 07:00", "Fri 2026-09-18 07:00"],
        ),
        (
            "Erinnere uns ab November alle drei Monate am Ersten an die Steuer",
            {"period": "month", "every": 3, "date": "2026-11-01", "time": "09:00"},
            "every 3 months on day 1 at 09:00",
            ["Sun 2026-11-01 09:00", "Mon 2027-02-01 09:00"],
        ),
        (
            "Recuérdanos cada dos viernes enviar las horas",
            {"period": "week", "every": 2, "weekdays": (4,), "time": "16:00"},
            "every 2 weeks on Friday at 16:00",
            ["Fri 2026-09-11 16:00", "Fri 2026-09-25 16:00"],
        ),
        (
            "Recuérdame a las ocho llamar al casero",
            {"period": "once", "time": "08:00"},
            "once, on 2026-09-11 at 08:00",
            ["Fri 2026-09-11 08:00"],
        ),
        (
            "Recuérdame hoy a las nueve y media la reunión",
            {"period": "once", "time": "09:30"},
            "once, on 2026-09-10 at 09:30",
            ["Thu 2026-09-10 09:30"],
        ),
        (
            "remind me on the last Friday of the month to send invoices",
            {"period": "month", "week_of_month": -1, "weekdays": (4,), "time": "15:00"},
            "each month on the last Friday at 15:00",
            ["Fri 2026-09-25 15:00", "Fri 2026-10-30 15:00", "Fri 2026-11-27 15:00"],
        ),
        (
            "remind us on the second Tuesday of each month of the retro",
            {"period": "month", "week_of_month": 2, "weekdays": (1,), "time": "10:00"},
            "each month on the second Tuesday at 10:00",
            ["Tue 2026-10-13 10:00", "Tue 2026-11-10 10:00"],
        ),
        (
            "remind me every three days at 8 to water the cactus",
            {"period": "day", "every": 3, "time": "08:00"},
            "every 3 days at 08:00",
            ["Fri 2026-09-11 08:00", "Mon 2026-09-14 08:00"],
        ),
        (
            "remind me each year on February 29 of the anniversary",
            {"period": "year", "date": "2028-02-29", "time": "08:00"},
            "each year on 02-29 at 08:00",
            ["Tue 2028-02-29 08:00", "Wed 2029-02-28 08:00"],
        ),
        (
            "remind me each year on February 29 of the party",
            {"period": "year", "date": "2027-02-29", "time": "08:00"},
            "each year on 02-29 at 08:00",
            ["Sun 2027-02-28 08:00", "Tue 2028-02-29 08:00"],
        ),
        (
            "remind me at 1:30 on 28 March to check the backups",
            {"period": "once", "date": "2027-03-28", "time": "01:30"},
            "once, on 2027-03-28 at 01:30",
            ["Sun 2027-03-28 02:30"],
        ),
        (
            "brief me on weekdays at 7:45",
            {"period": "week", "weekdays": (0, 1, 2, 3, 4), "time": "07:45"},
            "on Monday, Tuesday, Wednesday, Thursday, Friday at 07:45",
            ["Fri 2026-09-11 07:45", "Mon 2026-09-14 07:45"],
        ),
    ],
)
def test_an_order_comes_when_it_was_meant(
    words: str, understood: dict[str, Any], told: str, comes: list[str]
) -> None:
    """It has a hint, is kept as it was said, confirmed in words, and comes at these times."""
    assert NOTICE_HINTS.search(words)
    schedule = make_schedule(ParsedNotice(act="remind", **understood), NEW, THURSDAY)

    assert schedule is not None
    assert describe_schedule(schedule, "Europe/Lisbon") == f"{told} (Europe/Lisbon)"
    assert list_next(schedule, THURSDAY, len(comes)) == comes


@pytest.mark.parametrize(
    "understood",
    [
        {"period": "other"},
        {"period": "once", "date": "2027-02-29", "time": "08:00"},
        {"period": "month", "date": "2026-13-01"},
        {"period": "month", "date": "the 31st"},
        {"period": "month", "date": "2026-11-32"},
        {"period": "month", "week_of_month": 5, "weekdays": (4,)},
        {"period": "week", "every": 60},
        {"period": "week", "every": -1},
        {"period": "year", "every": 2, "date": "2026-10-01"},
        {"period": "week", "weekdays": (9,)},
        {"minutes": 1e12},
        {"time": "25:00"},
    ],
)
def test_what_makes_no_sense_is_no_schedule(understood: dict[str, Any]) -> None:
    """Nothing is kept in its place, so that the person is asked."""
    assert make_schedule(ParsedNotice(act="remind", **understood), NEW, THURSDAY) is None


BIWEEKLY = Schedule(period="week", at="10:00", weekdays=frozenset({1}), day="2026-09-15", interval=2)


@pytest.mark.parametrize(
    "before, change, comes",
    [
        (BIWEEKLY, {"time": "11:00"}, ["Tue 2026-09-15 11:00", "Tue 2026-09-29 11:00"]),
        (BIWEEKLY, {"weekdays": (2,)}, ["Wed 2026-09-16 10:00", "Wed 2026-09-30 10:00"]),
        (BIWEEKLY, {"period": "week", "weekdays": (1,)}, ["Tue 2026-09-15 10:00", "Tue 2026-09-22 10:00"]),
        (BIWEEKLY, {"shift_minutes": 60}, ["Tue 2026-09-15 11:00", "Tue 2026-09-29 11:00"]),
        (NEW, {"shift_minutes": 24 * 60}, ["Fri 2026-09-11 09:00"]),
        (NEW, {"shift_minutes": -30}, ["Thu 2026-09-10 08:30"]),
        (NEW, {"weekdays": (5,)}, ["Sat 2026-09-12 09:00"]),
        (NEW, {"time": "08:00"}, ["Fri 2026-09-11 08:00"]),
        (Schedule(period="once", at="09:00", day="2026-10-01"), {"time": "10:00"}, ["Thu 2026-10-01 10:00"]),
        (
            Schedule(period="month", at="09:00", day="2026-08-31"),
            {"time": "10:00"},
            ["Wed 2026-09-30 10:00", "Sat 2026-10-31 10:00"],
        ),
    ],
)
def test_what_is_not_changed_stays(before: Schedule, change: dict[str, Any], comes: list[str]) -> None:
    """The rhythm with another time, the time with another day."""
    schedule = make_schedule(ParsedNotice(act="change_reminder", **change), before, THURSDAY)

    assert schedule is not None
    assert list_next(schedule, THURSDAY, len(comes)) == comes


@pytest.mark.parametrize("change", [{"minutes": 10.0}, {"shift_minutes": 15 * 60}])
def test_a_rhythm_is_not_lost_by_a_change_of_one_time(change: dict[str, Any]) -> None:
    """One that repeats is neither turned into a single one nor moved to another day: the person is asked."""
    assert make_schedule(ParsedNotice(act="change_reminder", **change), BIWEEKLY, THURSDAY) is None
