"""Labelled messages to the coach (tests/data/coach/messages.yaml), and how what is read in them is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from repartee.assistants.coach.analysis_input import build_analysis_input
from repartee.assistants.coach.prompts import (
    MEMORY_DETECTION_PROMPT,
    ROUTER_PROMPT,
    WORKOUT_EXTRACTION_PROMPT,
)
from repartee.assistants.coach.schemas import (
    MemoryDetection,
    MessageNeeds,
    WorkoutCorrection,
    WorkoutExtraction,
)
from repartee.assistants.coach.training.progress import format_workout
from repartee.assistants.coach.training.units import METRIC_UNITS
from repartee.assistants.coach.workout_changes import WorkoutChanges, WorkoutSource, plan_changes
from repartee.errors import BackendError
from repartee.ports import SmallModel

LABELS_FILE = Path(__file__).parents[3] / "tests" / "data" / "coach" / "messages.yaml"
TODAY = date(2026, 9, 10)
SENT_AT = datetime(2026, 9, 10, 12, tzinfo=UTC).timestamp()
NEED_FLAGS = ("knowledge", "workout", "recall", "remember", "progress")


class LabelledMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message and what is to be read in it, as the file says."""

    text: str
    needs: tuple[str, ...]
    done: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    forget_all: bool = False


class ExtractionTally(NamedTuple):
    """How many were to be found, how many were, and how many of those rightly."""

    wanted: int = 0
    found: int = 0
    right: int = 0

    def plus(
        self, wanted: Iterable[str], found: Iterable[str], same: Callable[[str, str], bool]
    ) -> ExtractionTally:
        """With another message's, in which one counts for one."""
        left, found = list(wanted), list(found)
        size, right = len(left), 0
        for one in found:
            met = next((other for other in left if same(other, one)), None)
            if met is not None:
                left.remove(met)
                right += 1
        return ExtractionTally(self.wanted + size, self.found + len(found), self.right + right)

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0


class ExtractionReport(NamedTuple):
    """A model's answers for all messages: workouts, facts and needs; and its mistakes."""

    workouts: ExtractionTally
    facts: ExtractionTally
    needs: ExtractionTally
    wrong: tuple[str, ...]


def load_messages() -> list[LabelledMessage]:
    """Returns the labelled messages."""
    return msgspec.yaml.decode(LABELS_FILE.read_bytes(), type=list[LabelledMessage])


def judge_model(small: SmallModel) -> ExtractionReport:
    """Judges the small model's answers for the labelled messages."""
    workouts, facts, needs, wrong = ExtractionTally(), ExtractionTally(), ExtractionTally(), []
    for one in load_messages():
        situation = build_analysis_input(one.text, (), {}, TODAY)
        booking, detection = _extract_and_detect(small, situation)
        read, noticed = list(_workout_values(booking)), list(_fact_values(detection))
        wanted = [*one.done, *one.right]
        routed = _route_message(small, situation)
        workouts = workouts.plus(wanted, read, str.__eq__)
        facts = facts.plus(_labelled_facts(one), noticed, _facts_match)
        needs = needs.plus(one.needs, routed, str.__eq__)
        if sorted(wanted) != sorted(read) or ExtractionTally().plus(
            _labelled_facts(one), noticed, _facts_match
        ) != ((len(_labelled_facts(one)),) * 3):
            wrong.append(f"{one.text!r}: {read + noticed} instead of {[*wanted, *_labelled_facts(one)]}")
        if set(routed) != set(one.needs):
            wrong.append(f"{one.text!r}: needs {routed} instead of {list(one.needs)}")
    return ExtractionReport(workouts, facts, needs, tuple(wrong))


def _extract_and_detect(
    small: SmallModel, situation: str
) -> tuple[tuple[WorkoutChanges, tuple[WorkoutCorrection, ...]], MemoryDetection]:
    nothing = WorkoutExtraction(done=(), corrections=())
    source = WorkoutSource(message_id="m", sent_at=SENT_AT, local_date=TODAY, units=METRIC_UNITS)
    try:
        extraction = small.extract(WORKOUT_EXTRACTION_PROMPT, situation, WorkoutExtraction)
    except BackendError:
        extraction = nothing
    try:
        detection = small.extract(MEMORY_DETECTION_PROMPT, situation, MemoryDetection)
    except BackendError:
        detection = MemoryDetection(facts=(), forget_all=False)
    return (plan_changes(extraction, source, ()), extraction.corrections), detection


def _route_message(small: SmallModel, situation: str) -> list[str]:
    try:
        needs = small.extract(ROUTER_PROMPT, situation, MessageNeeds)
    except BackendError:
        return []
    return [name for name in NEED_FLAGS if getattr(needs, name)]


def _workout_values(read: tuple[WorkoutChanges, tuple[WorkoutCorrection, ...]]) -> Iterator[str]:
    booking, corrections = read
    for one in (*booking.new, *(doubt.workout for doubt in booking.uncertain)):
        yield format_workout(one) + (f" on {one.day}" if one.day != TODAY.isoformat() else "")
    for correction in corrections:
        if correction.remove:
            yield f"remove {correction.exercise}".strip()
            continue
        fields = ("sets", "reps", "load", "distance", "duration", "effort")
        values = ((name, getattr(correction.now, name)) for name in fields)
        written = " ".join(f"{name} {value:g}" for name, value in values if value is not None)
        yield f"{correction.was:g} > {written}" if correction.was is not None else written


def _fact_values(detection: MemoryDetection) -> Iterator[str]:
    yield from (f"{one.kind} {one.act} {one.subject}" for one in detection.facts)
    if detection.forget_all:
        yield "forget all of it"


def _labelled_facts(one: LabelledMessage) -> tuple[str, ...]:
    return (*one.facts, *(("forget all of it",) if one.forget_all else ()))


def _facts_match(wanted: str, found: str) -> bool:
    """Of one kind, one act, and about the same: a word of the subject is enough."""
    kind, act, subject = wanted.lower().split(" ", 2)
    other_kind, other_act, other = f"{found.lower()} ".split(" ", 2)
    words = set(subject.replace("-", " ").split()) & set(other.replace("-", " ").split())
    return kind == other_kind and act == other_act and bool(words)
