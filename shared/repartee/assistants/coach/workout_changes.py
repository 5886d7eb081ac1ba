"""Changes that follow from a workout that was told: a record, a record put right, or a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import msgspec

from repartee.assistants.coach.schemas import ReportedExercise, WorkoutCorrection, WorkoutExtraction
from repartee.assistants.coach.training import units
from repartee.assistants.coach.training.exercises import canonical_name, is_same_exercise
from repartee.assistants.coach.training.plausibility import find_doubts
from repartee.domain.message import Message, scope_of
from repartee.ports import Workout

MAX_EXERCISES_PER_MESSAGE = 20
"""Exercises of one message that are recorded."""

MAX_EXERCISE_NAME_CHARS = 200

MAX_ROUNDING_SHARE = 0.005
"""The share by which a number may differ from the one that the person names: they round."""


class WorkoutSource(msgspec.Struct, frozen=True, kw_only=True):
    """Where a workout was told: the message's id, when it was sent, which day that was, the usual units, and
    the room if others read there."""

    message_id: str
    sent_at: float
    local_date: date
    units: Mapping[str, str]
    room: str = ""


class UncertainWorkout(msgspec.Struct, frozen=True):
    """A workout that is not recorded, and what is to be asked about it."""

    workout: Workout
    reason: str


class WorkoutChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The changes to write down: `new` records, `corrected` ones (as they were, and as they are), `removed`
    ones, and `repeated` ones, which an earlier attempt at this message wrote. `uncertain` and `unmatched`
    (corrections of nothing that is known) are asked about."""

    new: tuple[Workout, ...] = ()
    corrected: tuple[tuple[Workout, Workout], ...] = ()
    removed: tuple[Workout, ...] = ()
    repeated: tuple[Workout, ...] = ()
    uncertain: tuple[UncertainWorkout, ...] = ()
    unmatched: tuple[WorkoutCorrection, ...] = ()

    @property
    def to_save(self) -> tuple[Workout, ...]:
        """Returns the workouts that are to be there afterwards."""
        return (*self.new, *(now for _, now in self.corrected))

    @property
    def to_delete(self) -> tuple[Workout, ...]:
        """Returns the workouts that are not to be there afterwards."""
        return (*(was for was, _ in self.corrected), *self.removed, *self.repeated)


def source_of(message: Message, profile: Mapping[str, str], local_date: date) -> WorkoutSource:
    """Returns what is known of the message that tells of workouts."""
    return WorkoutSource(
        message_id=message.stored_id,
        sent_at=message.sent,
        local_date=local_date,
        units=units.default_units(profile),
        room=scope_of(message.room),
    )


def plan_changes(
    workout_extraction: WorkoutExtraction, source: WorkoutSource, workout_log: Sequence[Workout]
) -> WorkoutChanges:
    """Returns the changes to write down. `workout_log` are the person's workouts of late, oldest first."""
    before = [one for one in workout_log if not one.id.startswith(f"{source.message_id}:")]
    told = [
        _make_workout(one, f"{source.message_id}:{n}", source)
        for n, one in enumerate(workout_extraction.done[:MAX_EXERCISES_PER_MESSAGE])
    ]
    doubted = [
        UncertainWorkout(one, "; ".join(why)) for one in told if (why := _find_doubts(one, before, source))
    ]
    found = [(_find_recorded_workout(one, before), one) for one in workout_extraction.corrections]
    righted = [(was, _correct_workout(was, one.now, source)) for was, one in found if was and not one.remove]
    doubted += [
        UncertainWorkout(now, "; ".join(why))
        for _, now in righted
        if (why := _find_doubts(now, before, source))
    ]
    doubtful = {doubt.workout.id for doubt in doubted}
    return WorkoutChanges(
        new=tuple(one for one in told if one.id not in doubtful),
        corrected=tuple((was, now) for was, now in righted if now.id not in doubtful),
        removed=tuple(was for was, one in found if was and one.remove),
        repeated=tuple(one for one in workout_log if one not in before),
        uncertain=tuple(doubted),
        unmatched=tuple(one for was, one in found if was is None),
    )


def _make_workout(reported: ReportedExercise, id: str, source: WorkoutSource) -> Workout:
    empty = Workout(
        id=id,
        exercise=canonical_name(reported.exercise)[:MAX_EXERCISE_NAME_CHARS],
        day=source.local_date.isoformat(),
        told_at=source.sent_at,
        load_unit=source.units["load"],
        distance_unit=source.units["distance"],
        room=source.room,
    )
    return _correct_workout(empty, reported, source)


def _correct_workout(recorded: Workout, reported: ReportedExercise, source: WorkoutSource) -> Workout:
    """The workout with the numbers that are told now, and its others as they were."""
    load_unit = reported.load_unit or source.units["load"]
    distance_unit = reported.distance_unit or source.units["distance"]
    changes = {
        "exercise": canonical_name(reported.exercise)[:MAX_EXERCISE_NAME_CHARS] or None,
        "day": reported.day and reported.day.isoformat(),
        "sets": reported.sets,
        "reps": reported.reps,
        "effort": reported.effort,
        "load": _in_stored_unit(reported.load, load_unit, units.KILOGRAMS_PER_UNIT),
        "load_unit": load_unit if reported.load is not None else None,
        "distance": _in_stored_unit(reported.distance, distance_unit, units.METRES_PER_UNIT),
        "distance_unit": distance_unit if reported.distance is not None else None,
        "duration": _in_stored_unit(
            reported.duration, reported.duration_unit or "min", units.SECONDS_PER_UNIT
        ),
        "room": source.room,
    }
    return msgspec.structs.replace(
        recorded, **{name: value for name, value in changes.items() if value is not None}
    )


def _in_stored_unit(value: float | None, unit: str, unit_values: Mapping[str, float]) -> float | None:
    return None if value is None else units.to_stored_unit(value, unit, unit_values)


def _find_doubts(workout: Workout, before: Iterable[Workout], source: WorkoutSource) -> tuple[str, ...]:
    others = [one for one in before if one.exercise == workout.exercise and one.id != workout.id]
    return find_doubts(workout, source.local_date, others)


def _find_recorded_workout(correction: WorkoutCorrection, workout_log: Sequence[Workout]) -> Workout | None:
    """The record that is meant: the newest of the exercise, if one is named, with the number, if one is."""
    candidates = sorted(workout_log, key=lambda one: (one.told_at, one.id), reverse=True)
    if correction.exercise:
        candidates = [one for one in candidates if is_same_exercise(one.exercise, correction.exercise)]
    if correction.was is not None:
        candidates = [one for one in candidates if _has_number(one, correction.was)]
    return next(iter(candidates), None)


def _has_number(workout: Workout, number: float) -> bool:
    return any(
        abs(value - number) <= MAX_ROUNDING_SHARE * abs(number) for value in _reported_numbers(workout)
    )


def _reported_numbers(workout: Workout) -> Iterator[float]:
    """Its numbers as they may have been said."""
    yield from (workout.sets, workout.reps, workout.effort)
    yield workout.load / units.KILOGRAMS_PER_UNIT[workout.load_unit]
    yield workout.distance / units.METRES_PER_UNIT[workout.distance_unit]
    yield from (workout.duration / worth for worth in units.SECONDS_PER_UNIT.values())
