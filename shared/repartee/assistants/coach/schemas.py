"""The forms that the small model is asked to fill in. Strict mode wants every field: what may be missing is
null."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

LoadUnit = Literal["kg", "lb", "st"]
DistanceUnit = Literal["m", "km", "mi", "yd"]
DurationUnit = Literal["s", "min", "h"]
FactKind = Literal["injury", "preference", "goal", "equipment"]


class MessageNeeds(msgspec.Struct, frozen=True, kw_only=True):
    """The needs of a message. `exercise` is the one whose progress is asked about, empty for none in
    particular; `meanwhile` is what the person may be told while it is gathered, in their language."""

    knowledge: bool
    workout: bool
    recall: bool
    remember: bool
    progress: bool
    exercise: str
    meanwhile: str


class ReportedExercise(msgspec.Struct, frozen=True, kw_only=True):
    """An exercise as it was told: numbers as they were said, with their units, and null for what was not."""

    exercise: str
    sets: int | None = None
    reps: int | None = None
    load: float | None = None
    load_unit: LoadUnit | None = None
    distance: float | None = None
    distance_unit: DistanceUnit | None = None
    duration: float | None = None
    duration_unit: DurationUnit | None = None
    effort: float | None = None
    day: date | None = None


class WorkoutCorrection(msgspec.Struct, frozen=True, kw_only=True):
    """A correction of an exercise that was recorded before: `was` is the wrong number if it was named, `now`
    has what is right (its exercise empty if that was right), `remove` if nothing of it is."""

    exercise: str
    was: float | None
    now: ReportedExercise
    remove: bool


class WorkoutExtraction(msgspec.Struct, frozen=True, kw_only=True):
    """The exercises that were done, and corrections of those that were recorded before."""

    done: tuple[ReportedExercise, ...]
    corrections: tuple[WorkoutCorrection, ...]


class PersonalFact(msgspec.Struct, frozen=True, kw_only=True):
    """A fact about a person that outlasts the day. `subject` says in two or three English words what it is
    about, `text` says it whole, in the third person."""

    kind: FactKind
    subject: str
    act: Literal["new", "changed", "contradicts", "forget"]
    text: str


class MemoryDetection(msgspec.Struct, frozen=True, kw_only=True):
    """The facts that a message tells about the person. `forget_all`: they want all that is remembered
    forgotten."""

    facts: tuple[PersonalFact, ...]
    forget_all: bool
