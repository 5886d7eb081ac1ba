"""How an exercise is going, computed from what is kept: nothing here is guessed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import msgspec

from repartee.assistants.coach.training import units
from repartee.assistants.coach.training.exercises import canonical_name, is_same_exercise
from repartee.ports import Workout

MAX_ESTIMATE_REPS = 12
"""Repetitions up to which an estimate of the one that could be lifted once means something."""

DURATION_MEASURE, REPETITIONS_MEASURE, DISTANCE_MEASURE, ONE_REP_MAX_MEASURE = MEASURES = (
    "duration",
    "repetitions",
    "distance",
    "estimated one-repetition maximum",
)
"""The measures of an exercise: of all that its workouts tell, the last in this list is used."""

TREND_PERIOD = timedelta(weeks=8)
MAX_EXERCISES_REPORTED = 3
"""Exercises whose progress is told at once."""

MIN_TREND_DAYS = 3
"""Days with a value from which a trend is told."""


class ExerciseProgress(msgspec.Struct, frozen=True, kw_only=True):
    """An exercise over time, in one `unit`. `values` are the best of each day by its `measure`; `weekly` is
    the volume of each week by its Monday (of lifts: sets x repetitions x load); `trend` is by how much the
    value changes in a week, None while too little is known."""

    exercise: str
    workout_count: int
    first_day: str
    last_day: str
    best_workout: Workout
    measure: str
    unit: str
    daily_best: tuple[tuple[date, float], ...]
    weekly_volume: tuple[tuple[date, float], ...]
    weekly_trend: float | None


def compute_progress(workouts: Sequence[Workout]) -> ExerciseProgress | None:
    """The progress of one exercise, whose workouts these are, oldest first. None if there are none."""
    if not workouts:
        return None
    measure = max((_measure_of(one)[0] for one in workouts), key=MEASURES.index)
    told = [one for one in workouts if _measure_of(one)[0] == measure]
    unit, worth = _unit_of(measure, told[-1])
    values = _best_by_day([(one.day, _measure_of(one)[1] / worth) for one in told])
    return ExerciseProgress(
        exercise=told[-1].exercise,
        workout_count=len({one.day for one in workouts}),
        first_day=workouts[0].day,
        last_day=workouts[-1].day,
        best_workout=max(told, key=lambda one: _measure_of(one)[1]),
        measure=measure,
        unit=unit,
        daily_best=values,
        weekly_volume=_volume_by_week([(one.day, _workout_volume(one, measure) / worth) for one in workouts]),
        weekly_trend=_weekly_slope(values),
    )


def estimate_one_rep_max(load: float, reps: int) -> float:
    """Returns the load that could be lifted once, by Epley's formula (Poundage Chart, 1985): load x (1 + reps
    / 30). A single is what it is. Beyond 12 repetitions it is not estimated, and 0."""
    if not 1 <= reps <= MAX_ESTIMATE_REPS:
        return 0.0
    return load if reps == 1 else load * (1 + reps / 30)


def format_progress(progress: ExerciseProgress) -> Iterator[str]:
    """The figures as sentences, for a prompt."""
    period = f"between {progress.first_day} and {progress.last_day}"
    yield f"{progress.exercise}: {progress.workout_count} days {period}"
    yield f"best: {format_workout(progress.best_workout)} ({progress.best_workout.day})"
    if progress.measure == ONE_REP_MAX_MEASURE:
        top = max(value for _, value in progress.daily_best)
        yield f"best {ONE_REP_MAX_MEASURE}: {top:.1f} {progress.unit} (Epley: load x (1 + reps / 30))"
    if progress.weekly_trend is not None:
        change = f"{progress.weekly_trend:+.2f} {progress.unit} a week"
        yield f"trend of the {progress.measure} over eight weeks: {change}"
    weeks = ", ".join(f"{monday} {volume:g}" for monday, volume in progress.weekly_volume[-4:])
    yield f"volume a week ({progress.unit}, week of): {weeks}"


def format_workout(workout: Workout) -> str:
    """A workout as it is confirmed: `squat 5 x 5 at 100 kg, RPE 8`."""
    parts = [workout.exercise]
    if workout.reps:
        parts.append(f"{workout.sets or 1} x {workout.reps}")
    elif workout.sets:
        parts.append(f"{workout.sets} sets")
    if workout.load:
        parts.append(f"at {units.format_load(workout.load, workout.load_unit)}")
    if workout.distance:
        parts.append(units.format_distance(workout.distance, workout.distance_unit))
    if workout.duration:
        parts.append(f"in {units.format_duration(workout.duration)}")
    effort = f", RPE {workout.effort:g}" if workout.effort else ""
    return " ".join(parts) + effort


def _measure_of(workout: Workout) -> tuple[str, float]:
    """Returns the measure of a workout, and the value in the unit in which it is kept."""
    if estimate := estimate_one_rep_max(workout.load, workout.reps):
        return ONE_REP_MAX_MEASURE, estimate
    if workout.distance:
        return DISTANCE_MEASURE, workout.distance
    return (REPETITIONS_MEASURE, workout.reps) if workout.reps else (DURATION_MEASURE, workout.duration)


def _unit_of(measure: str, workout: Workout) -> tuple[str, float]:
    """The unit in which a measure is told, as in that workout, and what it is worth."""
    if measure == ONE_REP_MAX_MEASURE:
        return workout.load_unit, units.KILOGRAMS_PER_UNIT[workout.load_unit]
    if measure == DISTANCE_MEASURE:
        return workout.distance_unit, units.METRES_PER_UNIT[workout.distance_unit]
    return ("repetitions", 1.0) if measure == REPETITIONS_MEASURE else ("min", 60.0)


def _workout_volume(workout: Workout, measure: str) -> float:
    sets = workout.sets or 1
    if measure == ONE_REP_MAX_MEASURE:
        return sets * workout.reps * workout.load
    if measure == DISTANCE_MEASURE:
        return workout.distance
    return sets * workout.reps if measure == REPETITIONS_MEASURE else workout.duration


def _best_by_day(values: Iterable[tuple[str, float]]) -> tuple[tuple[date, float], ...]:
    best: dict[date, float] = defaultdict(float)
    for day, value in values:
        on = date.fromisoformat(day)
        best[on] = max(value, best[on])
    return tuple((day, round(value, 2)) for day, value in sorted(best.items()))


def _volume_by_week(volumes: Iterable[tuple[str, float]]) -> tuple[tuple[date, float], ...]:
    weeks: dict[date, float] = defaultdict(float)
    for day, volume in volumes:
        on = date.fromisoformat(day)
        weeks[on - timedelta(days=on.weekday())] += volume
    return tuple((monday, round(volume, 1)) for monday, volume in sorted(weeks.items()))


def _weekly_slope(values: Sequence[tuple[date, float]]) -> float | None:
    """The slope of the straight line through the last weeks' values (least squares), per week."""
    late = [(day.toordinal() / 7, value) for day, value in values if day > values[-1][0] - TREND_PERIOD]
    if len(late) < MIN_TREND_DAYS:
        return None
    middle = sum(week for week, _ in late) / len(late)
    height = sum(value for _, value in late) / len(late)
    rise = sum((week - middle) * (value - height) for week, value in late)
    return round(rise / sum((week - middle) ** 2 for week, _ in late), 2)


def select_progress(
    workout_log: Sequence[Workout], exercise: str, incoming_text: str
) -> tuple[ExerciseProgress, ...]:
    """The progress that is asked about: of the exercise, else of those that the question names, else of those
    that are done most. Nothing if it is not in the log, which is oldest first."""
    names = Counter(one.exercise for one in workout_log)
    wanted = (
        [name for name in names if is_same_exercise(name, exercise)]
        if exercise
        else _mentioned_exercises(names, incoming_text)
    )
    if not wanted and not exercise:
        wanted = [name for name, _ in names.most_common(MAX_EXERCISES_REPORTED)]
    exact = [name for name in wanted if name == canonical_name(exercise)]
    found = (
        compute_progress([one for one in workout_log if one.exercise == name])
        for name in exact or wanted[:MAX_EXERCISES_REPORTED]
    )
    return tuple(one for one in found if one)


def _mentioned_exercises(names: Iterable[str], incoming_text: str) -> list[str]:
    said = set(re.findall(r"\w+", incoming_text.lower()))
    return [name for name in names if set(name.split()) <= said | {word.removesuffix("s") for word in said}]
