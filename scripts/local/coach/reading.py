"""What simple rules read of exercise in a message, in English, German and Spanish. No intelligence in it."""

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
NAMED = re.compile(
    "|".join(rf"(?P<e{n}>\b(?:{words})\b)" for n, words in enumerate(EXERCISES.values())), re.IGNORECASE
)
NUMBER = r"(\d+(?:[.,]\d+)?)"
SETS = re.compile(
    r"(\d+)\s*(?:x|×|\*|sets? (?:of|x)|s[aä]tze (?:[aà]|zu|mit|x)|series de)\s*(\d+)",  # noqa: RUF001
    re.IGNORECASE,
)
REPS = re.compile(r"(\d+)\s*(?:reps?|repetitions|wdh|wiederholungen|repeticiones)\b", re.IGNORECASE)
LOAD = re.compile(rf"{NUMBER}\s*(kgs?|kilos?|lbs?|pounds?|libras?|pfund|st|stone)\b", re.IGNORECASE)
BARE_LOAD = re.compile(
    rf"(?:\bat|@|\bwith|\bmit|\bbei|\bcon)\s*{NUMBER}(?!\s*(?:[a-z%:/]|\d))", re.IGNORECASE
)
DISTANCE = re.compile(
    rf"{NUMBER}\s*(km|k|kilomet\w+|mi|miles?|meilen|millas?|m|met(?:re|er)s?|metros?|yd|yards?)\b",
    re.IGNORECASE,
)
CLOCK = re.compile(r"\b(?:(\d{1,2}):)?(\d{1,2}):(\d\d)\b")
HOURS = re.compile(
    rf"{NUMBER}\s*(?:h|hrs?|hours?|stunden?|horas?)\b(?:\s*(?:(\d+)\s*min\w*)?)", re.IGNORECASE
)
MINUTES = re.compile(rf"{NUMBER}\s*(?:min|mins|minutes?|minuten|minutos?)\b", re.IGNORECASE)
SECONDS = re.compile(rf"{NUMBER}\s*(?:s|secs?|seconds?|sekunden?|segundos?)\b", re.IGNORECASE)
EFFORT = re.compile(rf"\brpe\s*(?:of\s*|von\s*)?{NUMBER}", re.IGNORECASE)
COUNTED = re.compile(
    r"\b(\d{1,3})\s+(?:pull|push|klimm|liege|domin|flexion|lunges|zancadas|squats)", re.IGNORECASE
)
APART = re.compile(
    r"[.;!\n](?!\d)|,\s*(?=then|dann|luego|and|und|y )|\b(?:then|and|dann|und|luego|y)\b(?=.*\d)",
    re.IGNORECASE,
)
PLANNED = re.compile(
    r"\b(?:will|going to|plan(?:ning)?|tomorrow|want to|would like|should|could|can i|morgen|will ich"
    r"|m[oö]chte"
    r"|soll|ma[nñ]ana|voy a|quiero|debo|could not|couldn't|skipped|signed up|my (?:friend|brother|wife)"
    r"|mein freund|mi amigo)\b",
    re.IGNORECASE,
)
PUT_RIGHT = re.compile(
    rf"{NUMBER}\s*([a-z]+)?,?\s*(?:and |und |y )?(?:not|nicht|no)\s+{NUMBER}"
    rf"|(?:not|nicht|no)\s+{NUMBER}\s*[a-z]*,?\s*(?:but|sondern|sino)\s+{NUMBER}\s*([a-z]+)?",
    re.IGNORECASE,
)
DELETE = re.compile(r"\b(?:delete|remove|scratch|undo|l[oö]sch\w*|borra|elimina)\b", re.IGNORECASE)
UNITS = {
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


def extraction(text: str, today: date) -> dict[str, Any]:
    """What `Extraction` is to hold."""
    if DELETE.search(text) and not re.search(r"\d+\s*(?:x|kg|km)", text):
        return {"done": [], "corrections": [_correction(text, None, {}, remove=True)]}
    if found := PUT_RIGHT.search(text):
        return {"done": [], "corrections": [_put_right(text, found)]}
    return {"done": list(_done(text, today)), "corrections": []}


def _put_right(text: str, found: re.Match[str]) -> dict[str, Any]:
    now, unit, was, was2, now2, unit2 = found.groups()
    number, named = _number(now or now2), (unit or unit2 or "").lower()
    return _correction(text, _number(was or was2), _valued(number, named, text), remove=False)


def _valued(number: float, unit: str, text: str) -> dict[str, Any]:
    """Which field a number is, by the unit that was said, else by what the text speaks of."""
    if unit[:2] in UNITS["load"]:
        return {"load": number, "load_unit": UNITS["load"][unit[:2]]}
    if unit.startswith("min"):
        return {"duration": number, "duration_unit": "min"}
    if unit.startswith("set") or re.search(r"\bsets?\b|s[aä]tze|series", text, re.IGNORECASE):
        return {"sets": int(number)}
    if unit.startswith(("rep", "wdh")) or re.search(r"\breps?\b", text, re.IGNORECASE):
        return {"reps": int(number)}
    if unit[:2] in UNITS["distance"]:
        return {"distance": number, "distance_unit": UNITS["distance"][unit[:2]]}
    return {"load": number, "load_unit": None}


def _correction(text: str, was: float | None, now: dict[str, Any], *, remove: bool) -> dict[str, Any]:
    exercise = _exercise(text)
    return {"exercise": exercise, "was": was, "now": _told("", **now), "remove": remove}


def _done(text: str, today: date) -> Iterator[dict[str, Any]]:
    exercise = ""
    on = _day(text, today)
    for part in APART.split(text):
        if part is None or PLANNED.search(part) or part.rstrip().endswith("?"):
            continue
        exercise = _exercise(part) or exercise
        numbers = dict(_numbers(part, exercise))
        if exercise and numbers:
            yield _told(exercise, day=on, **numbers)


def _numbers(part: str, exercise: str) -> Iterator[tuple[str, Any]]:
    if sets := SETS.search(part):
        yield from (("sets", int(sets[1])), ("reps", int(sets[2])))
    elif reps := REPS.search(part) or COUNTED.search(part):
        yield "reps", int(reps[1])
    if load := LOAD.search(part):
        yield from (("load", _number(load[1])), ("load_unit", UNITS["load"][load[2].lower()[:2]]))
    elif (sets or REPS.search(part)) and (bare := BARE_LOAD.search(part)):
        yield "load", _number(bare[1])
    if (effort := EFFORT.search(part)) is not None:
        yield "effort", _number(effort[1])
    if "half" in part.lower() and "marathon" in part.lower():
        yield from (("distance", 21.1), ("distance_unit", "km"))
    elif distance := DISTANCE.search(part):
        named = distance[2].lower()
        yield from (("distance", _number(distance[1])), ("distance_unit", UNITS["distance"][named[:2]]))
    yield from _duration(part)


def _duration(part: str) -> Iterator[tuple[str, Any]]:
    if clock := CLOCK.search(part):
        hours, minutes, seconds = (int(one or 0) for one in clock.groups())
        yield from (("duration", hours * 3600 + minutes * 60 + seconds), ("duration_unit", "s"))
    elif hours_ := HOURS.search(part):
        yield from (("duration", _number(hours_[1]) * 60 + int(hours_[2] or 0)), ("duration_unit", "min"))
    elif minutes_ := MINUTES.search(part):
        yield from (("duration", _number(minutes_[1])), ("duration_unit", "min"))
    elif seconds_ := SECONDS.search(part):
        yield from (("duration", _number(seconds_[1])), ("duration_unit", "s"))


def _told(exercise: str, **numbers: Any) -> dict[str, Any]:
    names = ("sets", "reps", "load", "load_unit", "distance", "distance_unit", "duration", "duration_unit")
    return {"exercise": exercise, **dict.fromkeys((*names, "effort", "day")), **numbers}


def _exercise(part: str) -> str:
    found = NAMED.search(part)
    return list(EXERCISES)[int(str(found.lastgroup)[1:])] if found else ""


def _day(text: str, today: date) -> str | None:
    if re.search(r"\byesterday|\bgestern|\bayer", text, re.IGNORECASE):
        return (today - timedelta(days=1)).isoformat()
    for weekday, names in enumerate(WEEKDAYS):
        if re.search(rf"\b(?:{names})\b", text, re.IGNORECASE):
            return (today - timedelta(days=(today.weekday() - weekday) % 7 or 7)).isoformat()
    return None


def _number(said: str) -> float:
    return float(said.replace(",", "."))
