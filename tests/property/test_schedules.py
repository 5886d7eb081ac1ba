"""Whatever clocks and zones do, a due day has exactly one run."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from repartee.domain.schedule import (
    ALL_WEEKDAYS,
    MAX_INTERVALS,
    WEEKS_OF_MONTH,
    Schedule,
    find_due_day,
    find_next_moment,
    has_day,
)

ZONES = sorted(zone for zone in available_timezones() if zone not in ("localtime", "Factory"))
STEP = timedelta(minutes=5)

zones = st.sampled_from(ZONES)
clocks = st.integers(0, 24 * 12 - 1).map(lambda slot: f"{slot // 12:02}:{slot % 12 * 5:02}")
days = st.dates(date(1992, 1, 1), date(2037, 12, 1))


def runs_of(
    schedule: Schedule, zone: str, begin: datetime, end: datetime, step: timedelta = STEP
) -> list[tuple[str, datetime]]:
    """What a scheduler that looks so often finds: the days of its runs, and when they were found."""
    found: list[tuple[str, datetime]] = []
    now, last = begin, ""
    while now < end:
        due = find_due_day(schedule, ZoneInfo(zone), now, since=begin.timestamp(), last_day=last)
        if due:
            last = due.isoformat()
            found.append((last, now))
        now += step
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_has_one_run_a_day_when_its_clocks_change(zone: str) -> None:
    """In the days around each change of a zone in 2026, at times left out or shown twice."""
    for changed in changes_of(zone, 2026):
        begin = changed - timedelta(hours=26)
        for at in ("00:00", "00:30", "01:30", "02:30", "23:30"):
            found = runs_of(
                Schedule(at=at), zone, begin, changed + timedelta(hours=50), timedelta(minutes=30)
            )
            told = [day for day, _ in found]
            assert told == sorted(set(told))
            first, last = date.fromisoformat(told[0]), date.fromisoformat(told[-1])
            between = (first + timedelta(ahead) for ahead in range((last - first).days + 1))
            assert told == [day.isoformat() for day in between if has_day(day, ZoneInfo(zone))]
            assert 2 <= len(told) <= 4


def changes_of(zone: str, year: int) -> list[datetime]:
    """The hours of a year in which the zone's offset is another than before."""
    known, moment, found = ZoneInfo(zone), datetime(year, 1, 1, tzinfo=UTC), []
    while moment.year == year:
        later = moment + timedelta(hours=12)
        if moment.astimezone(known).utcoffset() != later.astimezone(known).utcoffset():
            found.append(moment)
        moment = later
    return found


@given(zone=zones, at=clocks, day=days)
@example(zone="Pacific/Apia", at="08:00", day=date(2011, 12, 30))
@example(zone="Pacific/Kwajalein", at="08:00", day=date(1993, 8, 21))
@example(zone="America/Nuuk", at="23:30", day=date(2026, 3, 28))
@example(zone="Australia/Lord_Howe", at="02:15", day=date(2026, 10, 4))
@example(zone="Africa/Cairo", at="00:00", day=date(2026, 4, 24))
@settings(max_examples=60, deadline=None)
def test_each_day_has_exactly_one_run(zone: str, at: str, day: date) -> None:
    """It is found within five minutes of its time, and days that the zone leaves out have none."""
    begin = datetime.combine(day, datetime.min.time(), UTC) - timedelta(days=1)
    schedule = Schedule(at=at)

    found = runs_of(schedule, zone, begin, begin + timedelta(days=4))

    told = [one for one, _ in found]
    assert len(set(told)) == len(told)
    whole = [day + timedelta(ahead) for ahead in (0, 1)]
    for one in whole:
        assert told.count(one.isoformat()) == has_day(one, ZoneInfo(zone))
    for found_day, moment in found:
        due = schedule.moment_on(date.fromisoformat(found_day), ZoneInfo(zone))
        assert due is not None
        assert timedelta(0) <= moment - due < STEP


@given(zone=zones, at=clocks, day=days, hours=st.integers(1, 24 * 20))
@settings(max_examples=100, deadline=None)
def test_missed_runs_are_caught_up_once(zone: str, at: str, day: date, hours: int) -> None:
    """After an outage of any length there is one run, the newest, and the next one is the next day's."""
    known, schedule = ZoneInfo(zone), Schedule(at=at)
    begin = datetime.combine(day, datetime.min.time(), UTC)
    back = begin + timedelta(hours=hours)
    last = (begin - timedelta(days=3)).date().isoformat()  # zones west of Greenwich are a day behind

    due = find_due_day(schedule, known, back, last_day=last)

    assert due is not None
    assert find_due_day(schedule, known, back, last_day=due.isoformat()) is None
    coming = find_next_moment(schedule, known, back, last_day=due.isoformat())
    assert coming is not None
    assert coming[0] > due
    assert coming[1] > back


@given(first=zones, second=zones, at=clocks, day=days, moved=st.integers(0, 24 * 60))
@settings(max_examples=100, deadline=None)
def test_a_change_of_zone_gives_no_day_two_runs(
    first: str, second: str, at: str, day: date, moved: int
) -> None:
    """Wherever the person moves, and whenever. A day's run is never more than a day apart from the next."""
    begin = datetime.combine(day, datetime.min.time(), UTC)
    schedule, last, told = Schedule(at=at), "", []
    for minutes in range(0, 4 * 24 * 60, 15):
        now = begin + timedelta(minutes=minutes)
        zone = ZoneInfo(first if minutes < 24 * 60 + moved else second)
        if due := find_due_day(schedule, zone, now, since=begin.timestamp(), last_day=last):
            last = due.isoformat()
            told.append(due)

    assert told == sorted(set(told))
    assert len(told) in (3, 4, 5)


@given(zone=zones, at=clocks, start=st.dates(date(1996, 1, 1), date(2030, 1, 1)))
@settings(max_examples=60, deadline=None)
def test_each_month_has_one_run(zone: str, at: str, start: date) -> None:
    """On the 31st, or on a month's last day; in a year on 29 February, or the day before."""
    schedule = Schedule(period="month", at=at, day=start.replace(month=1, day=31).isoformat())
    leap = Schedule(period="year", at=at, day="1996-02-29")
    due = [start.replace(month=1, day=1) + timedelta(ahead) for ahead in range(366 + 31)]

    months = [day for day in due if schedule.has_run_on(day)]
    assert len({(day.year, day.month) for day in months}) == len(months)
    assert all((day + timedelta(1)).day == 1 for day in months)
    assert sum(leap.has_run_on(day) for day in due[:365]) == 1
    now = datetime.combine(months[-1] + timedelta(2), datetime.min.time(), UTC)
    assert find_due_day(schedule, ZoneInfo(zone), now, last_day=months[0].isoformat()) == months[-1]


@given(unread=st.integers(0, 40))
def test_who_does_not_read_gets_ever_fewer(unread: int) -> None:
    """The gap between two briefs never shrinks while none is read, and in the end there are none."""
    from repartee.domain.engagement import asks_whether_to_stop, gap_days

    gaps = [gap_days(count) or 10_000 for count in (unread, unread + 1)]
    assert gaps == sorted(gaps)
    assert gap_days(0) == 1
    assert gap_days(13) is None
    assert asks_whether_to_stop(unread) == (unread == 12)


@st.composite
def rhythms(draw: st.DrawFn) -> Schedule:
    """Schedules of every so many days, weeks or months, and of weeks of a month."""
    period = draw(st.sampled_from(list(MAX_INTERVALS)))
    week = draw(st.sampled_from([0, *sorted(WEEKS_OF_MONTH)])) if period == "month" else 0
    weekdays = st.frozensets(st.integers(0, 6), min_size=1)
    return Schedule(
        period=period,
        at=draw(clocks),
        weekdays=ALL_WEEKDAYS if period == "day" else draw(weekdays),
        day=f"{draw(days):%Y-%m-%d}",
        interval=draw(st.integers(1, MAX_INTERVALS[period])),
        week_of_month=week,
    )


@given(schedule=rhythms(), zone=zones)
@example(schedule=Schedule(period="month", at="00:00", day="2000-01-31", interval=12), zone="UTC")
@example(
    schedule=Schedule(
        period="month", weekdays=frozenset({6}), day="2000-02-01", interval=12, week_of_month=-1
    ),
    zone="Pacific/Apia",
)
@settings(max_examples=200, deadline=None)
def test_a_rhythm_goes_on_and_keeps_its_steps(schedule: Schedule, zone: str) -> None:
    """There is a next run however long the interval is; none lies between two, and each period that has one
    is so many after the first as the interval says."""
    first = schedule.first_day
    moment = datetime.combine(first, datetime.min.time(), UTC) - timedelta(days=2)
    told: list[date] = []
    for _ in range(3):
        coming = find_next_moment(schedule, ZoneInfo(zone), moment, last_day=f"{told[-1]}" if told else "")
        assert coming is not None
        told.append(coming[0])
        moment = coming[1]

    assert told == sorted(set(told))
    between = {told[0] + timedelta(ahead) for ahead in range(1, (told[-1] - told[0]).days)} - set(told)
    assert [day for day in between if schedule.has_run_on(day) and has_day(day, ZoneInfo(zone))] == []
    for day in told:
        assert day >= first
        assert count_periods(schedule.period, first, day) % schedule.interval == 0


def count_periods(period: str, first: date, day: date) -> int:
    """How many days, weeks or months after the first one the day lies."""
    if period == "month":
        return (day.year * 12 + day.month) - (first.year * 12 + first.month)
    ordinals = [one.toordinal() - 1 for one in (first, day)]  # the first day of all was a Monday
    width = 7 if period == "week" else 1
    return ordinals[1] // width - ordinals[0] // width
