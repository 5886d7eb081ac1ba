"""Extracts workouts from a message by simple rules, in English, German and Spanish. No intelligence in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

EXERCISES = {
    "front squat": r"front ?squats?|frontkniebeugen?|sentadillas? frontal(?:es)?",
    "squat": r"squats?|squatted|kniebeugen?|sentadillas?",
    "bench press": r"bench(?: ?press(?:es)?)?|benched|bankdr[uü]cken|press (?:de )?banca",
    "deadlift": r"deadlift(?:s|ed)?|kreuzheben|peso muerto",
    "overhead press": r"overhead press|ohp|military press|schulterdr[uü]cken|press militar",
    "pull-up": r"pull[- ]?ups?|klimmz[uü]ge|dominadas",
    "push-up": r"push[- ]?ups?|liegest[uü]tze?n?|flexiones",
    "lunge": r"lunges?|ausfallschritte?|zancadas",
    "plank": r"planks?|unterarmst[uü]tz|plancha",
    "biceps curl": r"(?:biceps |dumbbell )?curls?",
    "row": r"rows?|rowed|rowing|gerudert|rudern|remo|rem[eé]",
    "run": r"ran|run(?:ning)?|jog(?:ged|ging)?|gelaufen|gejoggt|lauf|corr[ií](?:do)?|half[- ]marathon"
    r"|parkrun",
    "cycling": r"rode|ride|cycled|cycling|bike|biked|rad(?:tour)?|geradelt|bici(?:cleta)?|pedale[eé]",
    "swim": r"swam|swim(?:ming)?|geschwommen|nad[eé]|nataci[oó]n",
    "walk": r"walk(?:ed)?|hiked?|spaziert|gewandert|camin[eé]",
}
EXERCISE_PATTERN = re.compile(
    "|".join(rf"(?P<e{n}>\b(?:{words})\b)" for n, words in enumerate(EXERCISES.values())), re.IGNORECASE
)
NUMBER = r"(\d+(?:[.,]\d+)?)"
SETS_PATTERN = re.compile(
    r"(\d+)\s*(?:x|×|\*|sets? (?:of|x)|s[aä]tze (?:[aà]|zu|mit|x)|series de)\s*(\d+)",  # noqa: RUF001
    re.IGNORECASE,
)
REPS_PATTERN = re.compile(r"(\d+)\s*(?:reps?|repetitions|wdh|wiederholungen|repeticiones)\b", re.IGNORECASE)
LOAD_PATTERN = re.compile(rf"{NUMBER}\s*(kgs?|kilos?|lbs?|pounds?|libras?|pfund|st|stone)\b", re.IGNORECASE)
BARE_LOAD_PATTERN = re.compile(
    rf"(?:\bat|@|\bwith|\bmit|\bbei|\bcon)\s*{NUMBER}(?!\s*(?:[a-z%:/]|\d))", re.IGNORECASE
)
DISTANCE_PATTERN = re.compile(
    rf"{NUMBER}\s*(km|k|kilomet\w+|mi|miles?|meilen|millas?|m|met(?:re|er)s?|metros?|yd|yards?)\b",
    re.IGNORECASE,
)
CLOCK_PATTERN = re.compile(r"\b(?:(\d{1,2}):)?(\d{1,2}):(\d\d)\b")
HOURS_PATTERN = re.compile(
    rf"{NUMBER}\s*(?:h|hrs?|hours?|stunden?|horas?)\b(?:\s*(?:(\d+)\s*min\w*)?)", re.IGNORECASE
)
MINUTES_PATTERN = re.compile(rf"{NUMBER}\s*(?:min|mins|minutes?|minuten|minutos?)\b", re.IGNORECASE)
SECONDS_PATTERN = re.compile(rf"{NUMBER}\s*(?:s|secs?|seconds?|sekunden?|segundos?)\b", re.IGNORECASE)
EFFORT_PATTERN = re.compile(rf"\brpe\s*(?:of\s*|von\s*)?{NUMBER}", re.IGNORECASE)
COUNTED_PATTERN = re.compile(
    r"\b(\d{1,3})\s+(?:pull|push|klimm|liege|domin|flexion|lunges|zancadas|squats)", re.IGNORECASE
)
CLAUSE_BREAK = re.compile(
    r"[.;!\n](?!\d)|,\s*(?=then|dann|luego|and|und|y )|\b(?:then|and|dann|und|luego|y)\b(?=.*\d)",
    re.IGNORECASE,
)
PLANNED_PATTERN = re.compile(
    r"\b(?:will|going to|plan(?:ning)?|tomorrow|want to|would like|should|could|can i|morgen|will ich"
    r"|m[oö]chte"
    r"|soll|ma[nñ]ana|voy a|quiero|debo|could not|couldn't|skipped|signed up|my (?:friend|brother|wife)"
    r"|mein freund|mi amigo)\b",
    re.IGNORECASE,
)
CORRECTION_PATTERN = re.compile(
    rf"{NUMBER}\s*([a-z]+)?,?\s*(?:and |und |y )?(?:not|nicht|no)\s+{NUMBER}"
    rf"|(?:not|nicht|no)\s+{NUMBER}\s*[a-z]*,?\s*(?:but|sondern|sino)\s+{NUMBER}\s*([a-z]+)?",
    re.IGNORECASE,
)
DELETE_PATTERN = re.compile(r"\b(?:delete|remove|scratch|undo|l[oö]sch\w*|borra|elimina)\b", re.IGNORECASE)
UNITS_BY_FIELD = {
    "load": {"kg": "kg", "ki": "kg", "lb": "lb", "po": "lb", "li": "lb", "pf": "lb", "st": "st"},
    "distance": {"km": "km", "k": "km", "ki": "km", "mi": "mi", "me": "m", "m": "m", "yd": "yd", "ya": "yd"},
}
WEEKDAYS = (
    r"monday|montag|lunes",
    r"tuesday|dienstag|martes",
    r"wednesday|mittwoch|mi[eé]rcoles",
    r"thursday|donnerstag|jueves",
    r"friday|freitag|viernes",
    r"saturday|samstag|s[aá]bado",
    r"sunday|sonntag|domingo",
)


def extract_workouts(text: str, today: date) -> dict[str, Any]:
    """Returns the fields of `WorkoutExtraction`."""
    if DELETE_PATTERN.search(text) and not re.search(r"\d+\s*(?:x|kg|km)", text):
        return {"done": [], "corrections": [_build_correction(text, None, {}, remove=True)]}
    if found := CORRECTION_PATTERN.search(text):
        return {"done": [], "corrections": [_parse_correction(text, found)]}
    return {"done": list(_parse_done_exercises(text, today)), "corrections": []}


def _parse_correction(text: str, found: re.Match[str]) -> dict[str, Any]:
    now, unit, was, was2, now2, unit2 = found.groups()
    number, named = _parse_number(now or now2), (unit or unit2 or "").lower()
    return _build_correction(
        text, _parse_number(was or was2), _field_of_number(number, named, text), remove=False
    )


def _field_of_number(number: float, unit: str, text: str) -> dict[str, Any]:
    """Which field a number is, by the unit that was said, else by what the text speaks of."""
    if unit[:2] in UNITS_BY_FIELD["load"]:
        return {"load": number, "load_unit": UNITS_BY_FIELD["load"][unit[:2]]}
    if unit.startswith("min"):
        return {"duration": number, "duration_unit": "min"}
    if unit.startswith("set") or re.search(r"\bsets?\b|s[aä]tze|series", text, re.IGNORECASE):
        return {"sets": int(number)}
    if unit.startswith(("rep", "wdh")) or re.search(r"\breps?\b", text, re.IGNORECASE):
        return {"reps": int(number)}
    if unit[:2] in UNITS_BY_FIELD["distance"]:
        return {"distance": number, "distance_unit": UNITS_BY_FIELD["distance"][unit[:2]]}
    return {"load": number, "load_unit": None}


def _build_correction(text: str, was: float | None, now: dict[str, Any], *, remove: bool) -> dict[str, Any]:
    exercise = _find_exercise(text)
    return {"exercise": exercise, "was": was, "now": _exercise_values("", **now), "remove": remove}


def _parse_done_exercises(text: str, today: date) -> Iterator[dict[str, Any]]:
    exercise = ""
    on = _parse_day(text, today)
    for part in CLAUSE_BREAK.split(text):
        if part is None or PLANNED_PATTERN.search(part) or part.rstrip().endswith("?"):
            continue
        exercise = _find_exercise(part) or exercise
        numbers = dict(_parse_numbers(part, exercise))
        if exercise and numbers:
            yield _exercise_values(exercise, day=on, **numbers)


def _parse_numbers(part: str, exercise: str) -> Iterator[tuple[str, Any]]:
    if sets := SETS_PATTERN.search(part):
        yield from (("sets", int(sets[1])), ("reps", int(sets[2])))
    elif reps := REPS_PATTERN.search(part) or COUNTED_PATTERN.search(part):
        yield "reps", int(reps[1])
    if load := LOAD_PATTERN.search(part):
        yield from (
            ("load", _parse_number(load[1])),
            ("load_unit", UNITS_BY_FIELD["load"][load[2].lower()[:2]]),
        )
    elif (sets or REPS_PATTERN.search(part)) and (bare := BARE_LOAD_PATTERN.search(part)):
        yield "load", _parse_number(bare[1])
    if (effort := EFFORT_PATTERN.search(part)) is not None:
        yield "effort", _parse_number(effort[1])
    if "half" in part.lower() and "marathon" in part.lower():
        yield from (("distance", 21.1), ("distance_unit", "km"))
    elif distance := DISTANCE_PATTERN.search(part):
        named = distance[2].lower()
        yield from (
            ("distance", _parse_number(distance[1])),
            ("distance_unit", UNITS_BY_FIELD["distance"][named[:2]]),
        )
    yield from _parse_duration(part)


def _parse_duration(part: str) -> Iterator[tuple[str, Any]]:
    if clock := CLOCK_PATTERN.search(part):
        hours, minutes, seconds = (int(one or 0) for one in clock.groups())
        yield from (("duration", hours * 3600 + minutes * 60 + seconds), ("duration_unit", "s"))
    elif hours_ := HOURS_PATTERN.search(part):
        yield from (
            ("duration", _parse_number(hours_[1]) * 60 + int(hours_[2] or 0)),
            ("duration_unit", "min"),
        )
    elif minutes_ := MINUTES_PATTERN.search(part):
        yield from (("duration", _parse_number(minutes_[1])), ("duration_unit", "min"))
    elif seconds_ := SECONDS_PATTERN.search(part):
        yield from (("duration", _parse_number(seconds_[1])), ("duration_unit", "s"))


def _exercise_values(exercise: str, **numbers: Any) -> dict[str, Any]:
    names = ("sets", "reps", "load", "load_unit", "distance", "distance_unit", "duration", "duration_unit")
    return {"exercise": exercise, **dict.fromkeys((*names, "effort", "day")), **numbers}


def _find_exercise(part: str) -> str:
    found = EXERCISE_PATTERN.search(part)
    return list(EXERCISES)[int(str(found.lastgroup)[1:])] if found else ""


def _parse_day(text: str, today: date) -> str | None:
    if re.search(r"\byesterday|\bgestern|\bayer", text, re.IGNORECASE):
        return (today - timedelta(days=1)).isoformat()
    for weekday, names in enumerate(WEEKDAYS):
        if re.search(rf"\b(?:{names})\b", text, re.IGNORECASE):
            return (today - timedelta(days=(today.weekday() - weekday) % 7 or 7)).isoformat()
    return None


def _parse_number(said: str) -> float:
    return float(said.replace(",", "."))
