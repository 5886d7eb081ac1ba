"""How an exercise is going, computed from what is kept: nothing here is guessed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import msgspec

from repartee.assistants.coach.training import units
from repartee.assistants.coach.training.exercises import named, same
from repartee.ports import Workout

MOST_REPS = 12
"""Repetitions up to which an estimate of the one that could be lifted once means something."""

MINUTES, REPS, DISTANCE, ONE_REP = MEASURES = (
    "duration",
    "repetitions",
    "distance",
    "estimated one-repetition maximum",
)
"""What an exercise is measured by: of all that its workouts tell, the last in this list."""

TREND_OVER = timedelta(weeks=8)
MOST_TOLD = 3
"""Exercises whose progress is told at once."""

TREND_NEEDS = 3
"""Days with a value from which a trend is told."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """An exercise over time, in one `unit`. `values` are the best of each day by its `measure`; `weekly` is
    the volume of each week by its Monday (of lifts: sets x repetitions x load); `trend` is by how much the
    value changes in a week, None while too little is known."""

    exercise: str
    workouts: int
    first: str
    last: str
    best: Workout
    measure: str
    unit: str
    values: tuple[tuple[date, float], ...]
    weekly: tuple[tuple[date, float], ...]
    trend: float | None


def progress(workouts: Sequence[Workout]) -> Progress | None:
    """The progress of one exercise, whose workouts these are, oldest first. None if there are none."""
    if not workouts:
        return None
    measure = max((_measured(one)[0] for one in workouts), key=MEASURES.index)
    told = [one for one in workouts if _measured(one)[0] == measure]
    unit, worth = _unit(measure, told[-1])
    values = _best_of_days([(one.day, _measured(one)[1] / worth) for one in told])
    return Progress(
        exercise=told[-1].exercise,
        workouts=len({one.day for one in workouts}),
        first=workouts[0].day,
        last=workouts[-1].day,
        best=max(told, key=lambda one: _measured(one)[1]),
        measure=measure,
        unit=unit,
        values=values,
        weekly=_weekly([(one.day, _volume(one, measure) / worth) for one in workouts]),
        trend=_trend(values),
    )


def one_repetition(load: float, reps: int) -> float:
    """What could be lifted once, by Epley's formula (Poundage Chart, 1985): load x (1 + reps / 30). A single
    is what it is. Beyond 12 repetitions it is not estimated, and 0."""
    if not 1 <= reps <= MOST_REPS:
        return 0.0
    return load if reps == 1 else load * (1 + reps / 30)


def told(progress: Progress) -> Iterator[str]:
    """The figures as sentences, for a prompt."""
    yield f"{progress.exercise}: {progress.workouts} days between {progress.first} and {progress.last}"
    yield f"best: {described(progress.best)} ({progress.best.day})"
    if progress.measure == ONE_REP:
        top = max(value for _, value in progress.values)
        yield f"best {ONE_REP}: {top:.1f} {progress.unit} (Epley: load x (1 + reps / 30))"
    if progress.trend is not None:
        change = f"{progress.trend:+.2f} {progress.unit} a week"
        yield f"trend of the {progress.measure} over eight weeks: {change}"
    weeks = ", ".join(f"{monday} {volume:g}" for monday, volume in progress.weekly[-4:])
    yield f"volume a week ({progress.unit}, week of): {weeks}"


def described(workout: Workout) -> str:
    """A workout as it is confirmed: `squat 5 x 5 at 100 kg, RPE 8`."""
    parts = [workout.exercise]
    if workout.reps:
        parts.append(f"{workout.sets or 1} x {workout.reps}")
    elif workout.sets:
        parts.append(f"{workout.sets} sets")
    if workout.load:
        parts.append(f"at {units.load(workout.load, workout.load_unit)}")
    if workout.distance:
        parts.append(units.distance(workout.distance, workout.distance_unit))
    if workout.duration:
        parts.append(f"in {units.duration(workout.duration)}")
    effort = f", RPE {workout.effort:g}" if workout.effort else ""
    return " ".join(parts) + effort


def _measured(workout: Workout) -> tuple[str, float]:
    """What a workout is measured by, and the value in the unit in which it is kept."""
    if estimate := one_repetition(workout.load, workout.reps):
        return ONE_REP, estimate
    if workout.distance:
        return DISTANCE, workout.distance
    return (REPS, workout.reps) if workout.reps else (MINUTES, workout.duration)


def _unit(measure: str, workout: Workout) -> tuple[str, float]:
    """The unit in which a measure is told, as in that workout, and what it is worth."""
    if measure == ONE_REP:
        return workout.load_unit, units.IN_KILOGRAMS[workout.load_unit]
    if measure == DISTANCE:
        return workout.distance_unit, units.IN_METRES[workout.distance_unit]
    return ("repetitions", 1.0) if measure == REPS else ("min", 60.0)


def _volume(workout: Workout, measure: str) -> float:
    sets = workout.sets or 1
    if measure == ONE_REP:
        return sets * workout.reps * workout.load
    if measure == DISTANCE:
        return workout.distance
    return sets * workout.reps if measure == REPS else workout.duration


def _best_of_days(values: Iterable[tuple[str, float]]) -> tuple[tuple[date, float], ...]:
    best: dict[date, float] = defaultdict(float)
    for day, value in values:
        on = date.fromisoformat(day)
        best[on] = max(value, best[on])
    return tuple((day, round(value, 2)) for day, value in sorted(best.items()))


def _weekly(volumes: Iterable[tuple[str, float]]) -> tuple[tuple[date, float], ...]:
    weeks: dict[date, float] = defaultdict(float)
    for day, volume in volumes:
        on = date.fromisoformat(day)
        weeks[on - timedelta(days=on.weekday())] += volume
    return tuple((monday, round(volume, 1)) for monday, volume in sorted(weeks.items()))


def _trend(values: Sequence[tuple[date, float]]) -> float | None:
    """The slope of the straight line through the last weeks' values (least squares), per week."""
    late = [(day.toordinal() / 7, value) for day, value in values if day > values[-1][0] - TREND_OVER]
    if len(late) < TREND_NEEDS:
        return None
    middle = sum(week for week, _ in late) / len(late)
    height = sum(value for _, value in late) / len(late)
    rise = sum((week - middle) * (value - height) for week, value in late)
    return round(rise / sum((week - middle) ** 2 for week, _ in late), 2)


def asked_about(log: Sequence[Workout], exercise: str, question: str) -> tuple[Progress, ...]:
    """The progress that is asked about: of the exercise, else of those that the question names, else of those
    that are done most. Nothing if it is not in the log, which is oldest first."""
    names = Counter(one.exercise for one in log)
    wanted = [name for name in names if same(name, exercise)] if exercise else _mentioned(names, question)
    if not wanted and not exercise:
        wanted = [name for name, _ in names.most_common(MOST_TOLD)]
    exact = [name for name in wanted if name == named(exercise)]
    found = (progress([one for one in log if one.exercise == name]) for name in exact or wanted[:MOST_TOLD])
    return tuple(one for one in found if one)


def _mentioned(names: Iterable[str], question: str) -> list[str]:
    said = set(re.findall(r"\w+", question.lower()))
    return [name for name in names if set(name.split()) <= said | {word.removesuffix("s") for word in said}]
