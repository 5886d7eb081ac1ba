"""The limits of what can be right: a value beyond them is asked about instead of kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from repartee.assistants.coach.training import units
from repartee.ports import Workout

MAX_PLAUSIBLE_VALUES = {
    "sets": 50,
    "reps": 1000,
    "load": 520.0,
    "distance": 400_000.0,
    "duration": 24 * 3600.0,
    "effort": 10,
}
"""Beyond what almost anybody has done: the heaviest deadlift is 510 kg, and who says that they rode more than
400 km has mostly left out a comma. Kilograms, metres, seconds."""

MAX_SPEEDS_METRES_PER_SECOND = {"run": 7.0, "walk": 4.2, "row": 7.0, "swim": 2.4, "cycling": 19.0}
"""Metres a second over a kilometre or more: a little above the records. For a part of the exercise's name."""

MAX_LOAD_INCREASE_FACTOR = 1.6
"""A load of so many times the best ever is asked about, once a few are known."""

MIN_WORKOUTS_FOR_BEST = 3
"""Workouts of an exercise from which a person's own best says something."""

MAX_WORKOUT_AGE = timedelta(days=366)


def find_doubts(workout: Workout, local_date: date, earlier_workouts: Sequence[Workout]) -> tuple[str, ...]:
    """Returns the doubts about a workout, given those of this exercise before; none if it is likely."""
    return (
        *_implausible_values(workout),
        *_implausible_speed(workout),
        *_implausible_day(workout, local_date),
        *_implausible_increase(workout, earlier_workouts),
    )


def _implausible_values(workout: Workout) -> Iterator[str]:
    for name, most in MAX_PLAUSIBLE_VALUES.items():
        value = getattr(workout, name)
        if value > most or value < 0:
            yield f"{_format_value(workout, name)} is not possible"
    if 0 < workout.effort < 1:
        yield "the effort (RPE) goes from 1 to 10"


def _implausible_speed(workout: Workout) -> Iterator[str]:
    if workout.distance < 1000 or not workout.duration:
        return
    speed = workout.distance / workout.duration
    if any(
        kind in workout.exercise and speed > fastest for kind, fastest in MAX_SPEEDS_METRES_PER_SECOND.items()
    ):
        took = units.format_pace(workout.distance, workout.duration, workout.distance_unit)
        yield f"{took} is faster than anybody has done it"


def _implausible_day(workout: Workout, local_date: date) -> Iterator[str]:
    day = date.fromisoformat(workout.day)
    if day > local_date + timedelta(days=1):  # it may be tomorrow where they are
        yield f"{workout.day} is yet to come"
    elif day < local_date - MAX_WORKOUT_AGE:
        yield f"{workout.day} is long ago"


def _implausible_increase(workout: Workout, earlier_workouts: Sequence[Workout]) -> Iterator[str]:
    loads = [one.load for one in earlier_workouts if one.load]
    if len(loads) >= MIN_WORKOUTS_FOR_BEST and workout.load > MAX_LOAD_INCREASE_FACTOR * max(loads):
        best = units.format_load(max(loads), workout.load_unit)
        yield f"{_format_value(workout, 'load')} is far above the best so far, {best}"


def _format_value(workout: Workout, name: str) -> str:
    value = getattr(workout, name)
    if name == "load":
        return units.format_load(value, workout.load_unit)
    if name == "distance":
        return units.format_distance(value, workout.distance_unit)
    return units.format_duration(value) if name == "duration" else f"{value:g} {name}"
