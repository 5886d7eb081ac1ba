"""What becomes of a workout that was told: a record, a record put right, or a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from repartee.assistants.coach.answers import Correction, Extraction, Told
from repartee.assistants.coach.training import units
from repartee.assistants.coach.training.exercises import named, same
from repartee.assistants.coach.training.plausible import doubts
from repartee.ports import Workout

MOST = 20
"""Exercises of one message that are recorded."""

ALIKE = 0.005
"""The share by which a number may differ from the one that somebody names: they round."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a workout was told: the message's id, when it was sent, which day that was, the usual units."""

    id: str
    at: float
    today: date
    units: Mapping[str, str]


class Doubt(msgspec.Struct, frozen=True):
    """A workout that is not recorded, and what is to be asked about it."""

    workout: Workout
    why: str


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """What is written down: `new` records, records put right (as they were, and as they are), `removed` ones,
    and `repeated` ones, which an earlier attempt at this message wrote. `doubts` and `lost` (corrections of
    nothing that is known) are asked about."""

    new: tuple[Workout, ...] = ()
    righted: tuple[tuple[Workout, Workout], ...] = ()
    removed: tuple[Workout, ...] = ()
    repeated: tuple[Workout, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    lost: tuple[Correction, ...] = ()

    @property
    def kept(self) -> tuple[Workout, ...]:
        """What is to be there afterwards."""
        return (*self.new, *(now for _, now in self.righted))

    @property
    def gone(self) -> tuple[Workout, ...]:
        """What is not."""
        return (*(was for was, _ in self.righted), *self.removed, *self.repeated)


def book(extraction: Extraction, source: Source, log: Sequence[Workout]) -> Booking:
    """What is to be written down. `log` are the person's workouts of late, oldest first."""
    before = [one for one in log if not one.id.startswith(f"{source.id}:")]
    told = [_workout(one, f"{source.id}:{n}", source) for n, one in enumerate(extraction.done[:MOST])]
    doubted = [Doubt(one, "; ".join(why)) for one in told if (why := _doubts(one, before, source))]
    found = [(_found(one, before), one) for one in extraction.corrections]
    righted = [(was, _right(was, one.now, source)) for was, one in found if was and not one.remove]
    doubted += [Doubt(now, "; ".join(why)) for _, now in righted if (why := _doubts(now, before, source))]
    doubtful = {doubt.workout.id for doubt in doubted}
    return Booking(
        new=tuple(one for one in told if one.id not in doubtful),
        righted=tuple((was, now) for was, now in righted if now.id not in doubtful),
        removed=tuple(was for was, one in found if was and one.remove),
        repeated=tuple(one for one in log if one not in before),
        doubts=tuple(doubted),
        lost=tuple(one for was, one in found if was is None),
    )


def _workout(told: Told, id: str, source: Source) -> Workout:
    empty = Workout(
        id=id,
        exercise=named(told.exercise),
        day=source.today.isoformat(),
        told=source.at,
        load_unit=source.units["load"],
        distance_unit=source.units["distance"],
    )
    return _right(empty, told, source)


def _right(was: Workout, now: Told, source: Source) -> Workout:
    """The workout with the numbers that are told now, and its others as they were."""
    load_unit = now.load_unit or source.units["load"]
    distance_unit = now.distance_unit or source.units["distance"]
    changes = {
        "exercise": named(now.exercise) or None,
        "day": now.day and now.day.isoformat(),
        "sets": now.sets,
        "reps": now.reps,
        "effort": now.effort,
        "load": _kept(now.load, load_unit, units.IN_KILOGRAMS),
        "load_unit": load_unit if now.load is not None else None,
        "distance": _kept(now.distance, distance_unit, units.IN_METRES),
        "distance_unit": distance_unit if now.distance is not None else None,
        "duration": _kept(now.duration, now.duration_unit or "min", units.IN_SECONDS),
    }
    return msgspec.structs.replace(
        was, **{name: value for name, value in changes.items() if value is not None}
    )


def _kept(value: float | None, unit: str, worth: Mapping[str, float]) -> float | None:
    return None if value is None else units.kept(value, unit, worth)


def _doubts(workout: Workout, before: Iterable[Workout], source: Source) -> tuple[str, ...]:
    others = [one for one in before if one.exercise == workout.exercise and one.id != workout.id]
    return doubts(workout, source.today, others)


def _found(correction: Correction, log: Sequence[Workout]) -> Workout | None:
    """The record that is meant: the newest of the exercise, if one is named, with the number, if one is."""
    candidates = sorted(log, key=lambda one: (one.told, one.id), reverse=True)
    if correction.exercise:
        candidates = [one for one in candidates if same(one.exercise, correction.exercise)]
    if correction.was is not None:
        candidates = [one for one in candidates if _has(one, correction.was)]
    return next(iter(candidates), None)


def _has(workout: Workout, number: float) -> bool:
    return any(abs(value - number) <= ALIKE * abs(number) for value in _numbers(workout))


def _numbers(workout: Workout) -> Iterator[float]:
    """Its numbers as they may have been said."""
    yield from (workout.sets, workout.reps, workout.effort)
    yield workout.load / units.IN_KILOGRAMS[workout.load_unit]
    yield workout.distance / units.IN_METRES[workout.distance_unit]
    yield from (workout.duration / worth for worth in units.IN_SECONDS.values())
