"""Opening hours: when there are people at a desk, in its own time zone, with holidays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo

import msgspec

from repartee.domain.timezones import find_timezone

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

OPENING_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)
"""The form of one span of a day: `09:00-12:30`, or up to midnight `18:00-24:00`."""

YEARLY_HOLIDAY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
"""The form of a holiday that is on the same day each year: `12-25`."""

MAX_CLOSED_DAYS = 60
"""Days that are looked through for the next opening."""


class OpeningHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When people are there. `days` has the spans of a day by its English abbreviation (`mon`), in the
    `timezone` (`Europe/Berlin`); on `holidays` (`2026-04-06`, or each year `12-25`) it is closed all day.
    Without days people are always there."""

    timezone: str = "UTC"
    days: dict[str, tuple[str, ...]] = {}
    holidays: tuple[str, ...] = ()

    def is_open(self, now: float) -> bool:
        """Returns whether somebody is there at the time (epoch seconds)."""
        if not self.days:
            return True
        local = datetime.fromtimestamp(now, self._zone)
        return any(opens <= now < closes for opens, closes in self._spans(local.date()))

    def next_opening(self, now: float) -> float | None:
        """Returns when it is open again (epoch seconds): now if it is. None if that is not within two
        months."""
        if self.is_open(now):
            return now
        today = datetime.fromtimestamp(now, self._zone).date()
        for number in range(MAX_CLOSED_DAYS):
            for opens, _ in self._spans(today + timedelta(days=number)):
                if opens > now:
                    return opens
        return None

    def list_problems(self) -> Iterator[str]:
        """Yields what is wrong with the hours, each with its place."""
        if find_timezone(self.timezone) is None:
            yield f'hours.timezone: there is no time zone "{self.timezone}"; write one like "Europe/Berlin"'
        for day, spans in self.days.items():
            if day not in WEEKDAYS:
                yield f"hours.days: {day} is no day; there are {', '.join(WEEKDAYS)}"
            yield from (
                f'hours.days.{day}: "{span}" is no span; write "09:00-18:00"'
                for span in spans
                if not _is_span(span)
            )
        yield from (
            f'hours.holidays: "{day}" is no day; write "2026-12-25", or "12-25" for each year'
            for day in self.holidays
            if not _is_holiday(day)
        )

    @property
    def _zone(self) -> tzinfo | None:
        return find_timezone(self.timezone)

    def _spans(self, day: date) -> list[tuple[float, float]]:
        """Returns the times (epoch seconds) between which it is open on the day, in order."""
        if {day.isoformat(), day.strftime("%m-%d")} & set(self.holidays):
            return []
        spans = sorted(self.days.get(WEEKDAYS[day.weekday()], ()))
        return [(self._time_of(day, span[:5]), self._time_of(day, span[6:])) for span in spans]

    def _time_of(self, day: date, clock: str) -> float:
        if clock == "24:00":
            day, clock = day + timedelta(days=1), "00:00"
        return datetime.combine(day, time.fromisoformat(clock), self._zone).timestamp()


def _is_span(span: str) -> bool:
    return bool(OPENING_SPAN.fullmatch(span)) and span[:5] < span[6:]


def _is_holiday(day: str) -> bool:
    try:
        date.fromisoformat(f"2024-{day}" if YEARLY_HOLIDAY.fullmatch(day) else day)
    except ValueError:
        return False
    return True
