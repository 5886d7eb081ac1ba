"""Reads for how long or until when the assistant is to be quiet: "for half an hour", "until Monday at 9"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from functools import cache

import msgspec

from repartee.language import time_words as words
from repartee.language.folding import fold, fold_line

NUMBER = re.compile(r"(\d{1,4}(?:[.,]\d{1,2})?)\s*(.+)")
CLOCK = re.compile(r"(\d{1,2})(?:(?:[:.h]|時|点|时)(\d{2})分?)?\s*(.*)")


class MuteEnd(msgspec.Struct, frozen=True):
    """When a mute ends; `is_local_time` if that depends on the person's time zone."""

    moment: datetime
    is_local_time: bool = False


def parse_mute_end(text: str, now: datetime) -> MuteEnd | None:
    """Returns when the folded text says that a mute ends, on the clock of `now`. None for no such time."""
    if seconds := _parse_duration(text):
        return MuteEnd(datetime.fromtimestamp(now.timestamp() + seconds, now.tzinfo))
    moment = _parse_moment(_inside_until(text), now)
    return MuteEnd(moment, is_local_time=True) if moment and _is_after(moment, now) else None


def _parse_duration(text: str) -> float:
    """Seconds; 0 for a text that is no duration."""
    text = _without_prefix(_without_suffix(text, words.FOR_SUFFIXES), words.FOR_PREFIXES)
    if text in _keys(words.DURATIONS):
        return _keys(words.DURATIONS)[text]
    if digits := NUMBER.fullmatch(text):
        return float(digits[1].replace(",", ".")) * _keys(words.UNITS).get(digits[2], 0)
    for number in sorted(_keys(words.NUMBERS), key=len, reverse=True):
        if text.startswith(number) and (seconds := _keys(words.UNITS).get(text[len(number) :].strip())):
            return _keys(words.NUMBERS)[number] * seconds
    return 0.0


def _inside_until(text: str) -> str:
    """Returns the time behind "until", or before it where a language says so; empty without one."""
    inside = _without_suffix(_without_prefix(text, words.UNTIL_PREFIXES), words.UNTIL_SUFFIXES)
    return inside if inside != text else ""


def _parse_moment(text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    for day, ahead in _days(now.weekday()):
        if text == day and ahead != 0:
            return _at(now, ahead, time())
        for rest in _beside(text, day):
            clock = _parse_clock(rest)
            if clock and clock.on_day is not None:
                return _on_named_day(now, ahead, clock.on_day)
    clock = _parse_clock(text)
    return _next_time(now, clock) if clock else None


class _Clock(msgspec.Struct, frozen=True):
    """A time of day. `either_half`: it may be meant on a dial of 12 hours, if no day is named."""

    on_day: time
    either_half: bool = False


def _parse_clock(text: str) -> _Clock | None:
    text = _without_prefix(text, words.AT_WORDS)
    if text in _keys(words.NAMED_HOURS):
        return _Clock(time(int(_keys(words.NAMED_HOURS)[text])))
    text, half = _take_half(text)
    found = CLOCK.fullmatch(text)
    if not found:
        return None
    hour, minute, mark = int(found[1]), int(found[2] or 0), found[3]
    if (mark and mark not in _set(words.CLOCK_MARKS)) or minute > 59:
        return None
    if half:
        return _Clock(time(hour % 12 + half, minute)) if 1 <= hour <= 12 else None
    if hour > 23:
        return None
    return _Clock(time(hour, minute), either_half=not mark and 1 <= hour <= 12 and found[1][0] != "0")


def _take_half(text: str) -> tuple[str, int]:
    """The text without "am" or "pm", and 12 for the afternoon. An hour of the morning is given as of 24."""
    for marks, hours in ((words.MORNING_MARKS, 0), (words.AFTERNOON_MARKS, 12)):
        for mark in _set(marks):
            if text.endswith(mark) or text.startswith(mark):
                bare = text.removesuffix(mark).removeprefix(mark).strip()
                return (bare, 12) if hours else (_morning(bare), 0)
    return text, 0


def _morning(text: str) -> str:
    """An hour of the morning on a clock of 24 hours, so that nothing is left to guess."""
    hour = CLOCK.fullmatch(text)
    if not hour or not 1 <= int(hour[1]) <= 12:
        return ""
    return f"{int(hour[1]) % 12:02d}:{hour[2] or '00'}"


def _next_time(now: datetime, clock: _Clock) -> datetime:
    """When the clock shows that next, on a dial of 12 hours where that may be meant."""
    hours = {clock.on_day.hour, (clock.on_day.hour + 12) % 24} if clock.either_half else {clock.on_day.hour}
    moments = [_at(now, ahead, clock.on_day.replace(hour=hour)) for ahead in (0, 1) for hour in hours]
    return min(moment for moment in moments if _is_after(moment, now))


def _on_named_day(now: datetime, ahead: int, clock: time) -> datetime:
    """That time on that day; a weekday that is today is today while the time is still to come."""
    today = _at(now, 0, clock)
    return today if ahead == 7 and _is_after(today, now) else _at(now, ahead, clock)


def _at(now: datetime, days: int, clock: time) -> datetime:
    """That time of a later day on the same clock, whatever summer time does in between. Of an hour that the
    clock shows twice it is the one that is still to come."""
    moment = datetime.combine(now.date() + timedelta(days), clock, now.tzinfo)
    return moment if _is_after(moment, now) else moment.replace(fold=1)


def _is_after(moment: datetime, now: datetime) -> bool:
    """Whether it is later in time, which the clock alone does not tell."""
    return moment.timestamp() > now.timestamp()


def _days(weekday: int) -> Iterable[tuple[str, int]]:
    """The words for days, the longest first, with how many days ahead they are."""
    ahead = dict.fromkeys(_set(words.TODAY), 0) | {day: int(n) for day, n in _keys(words.DAYS_AHEAD).items()}
    for number, names in enumerate(words.WEEKDAYS):
        ahead |= dict.fromkeys(_set(names), (number - weekday - 1) % 7 + 1)
    return sorted(ahead.items(), key=lambda one: -len(one[0]))


def _beside(text: str, word: str) -> list[str]:
    """Returns the rests of a text that begins or ends with the word."""
    found = [text.removeprefix(word)] if text.startswith(word) else []
    found += [text.removesuffix(word)] if text.endswith(word) else []
    return [rest.strip() for rest in found if rest.strip()]


def _without_prefix(text: str, prefixes: str) -> str:
    for prefix in sorted(_set(prefixes), key=len, reverse=True):
        rest = text.removeprefix(prefix)
        if rest != text and (rest[:1] in " '" or not prefix.isascii() or rest[:1].isdigit()):
            return rest.strip()
    return text


def _without_suffix(text: str, suffixes: str) -> str:
    for suffix in sorted(_set(suffixes), key=len, reverse=True):
        rest = text.removesuffix(suffix)
        if rest != text and rest.strip() and (rest[-1] == " " or not suffix.isascii()):
            return rest.strip()
    return text


@cache
def _set(phrases: str) -> frozenset[str]:
    return frozenset(fold_line(phrase) if phrase[0] != "'" else fold(phrase) for phrase in phrases.split("|"))


_indexes: dict[int, dict[str, float]] = {}


def _keys(table: Mapping[int, str] | Mapping[float, str]) -> dict[str, float]:
    """The table by its phrases."""
    index = _indexes.get(id(table))
    if index is None:
        index = {phrase: key for key, phrases in table.items() for phrase in _set(phrases)}
        _indexes[id(table)] = index
    return index
