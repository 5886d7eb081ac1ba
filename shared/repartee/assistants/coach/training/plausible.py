"""What cannot be right, so that it is asked about instead of kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from repartee.assistants.coach.training import units
from repartee.ports import Workout

MOST = {"sets": 50, "reps": 1000, "load": 520.0, "distance": 400_000.0, "duration": 24 * 3600.0, "effort": 10}
"""Beyond what almost anybody has done: the heaviest deadlift is 510 kg, and who says that they rode more than
400 km has mostly left out a comma. Kilograms, metres, seconds."""

FASTEST = {"run": 7.0, "walk": 4.2, "row": 7.0, "swim": 2.4, "cycling": 19.0}
"""Metres a second over a kilometre or more: a little above the records. For a part of the exercise's name."""

LEAP = 1.6
"""A load of so many times the best ever is asked about, once a few are known."""

ENOUGH = 3
"""Workouts of an exercise from which a person's own best says something."""

LONG_AGO = timedelta(days=366)


def doubts(workout: Workout, today: date, before: Sequence[Workout]) -> tuple[str, ...]:
    """What is to be asked about a workout, given those of this exercise before; nothing if it is likely."""
    return (*_beyond(workout), *_too_fast(workout), *_out_of_time(workout, today), *_leap(workout, before))


def _beyond(workout: Workout) -> Iterator[str]:
    for name, most in MOST.items():
        value = getattr(workout, name)
        if value > most or value < 0:
            yield f"{_said(workout, name)} is not possible"
    if 0 < workout.effort < 1:
        yield "the effort (RPE) goes from 1 to 10"


def _too_fast(workout: Workout) -> Iterator[str]:
    if workout.distance < 1000 or not workout.duration:
        return
    speed = workout.distance / workout.duration
    if any(kind in workout.exercise and speed > fastest for kind, fastest in FASTEST.items()):
        took = units.pace(workout.distance, workout.duration, workout.distance_unit)
        yield f"{took} is faster than anybody has done it"


def _out_of_time(workout: Workout, today: date) -> Iterator[str]:
    day = date.fromisoformat(workout.day)
    if day > today + timedelta(days=1):  # it may be tomorrow where they are
        yield f"{workout.day} is yet to come"
    elif day < today - LONG_AGO:
        yield f"{workout.day} is long ago"


def _leap(workout: Workout, before: Sequence[Workout]) -> Iterator[str]:
    loads = [one.load for one in before if one.load]
    if len(loads) >= ENOUGH and workout.load > LEAP * max(loads):
        best = units.load(max(loads), workout.load_unit)
        yield f"{_said(workout, 'load')} is far above the best so far, {best}"


def _said(workout: Workout, name: str) -> str:
    value = getattr(workout, name)
    if name == "load":
        return units.load(value, workout.load_unit)
    if name == "distance":
        return units.distance(value, workout.distance_unit)
    return units.duration(value) if name == "duration" else f"{value:g} {name}"
