"""Labelled messages to the coach (tests/data/coach/messages.yaml), and how what is read in them is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from repartee.assistants.coach.answers import Correction, Detection, Extraction, Needs
from repartee.assistants.coach.asking import about
from repartee.assistants.coach.booking import Booking, Source, book
from repartee.assistants.coach.prompts import DETECTION, EXTRACTION, ROUTER
from repartee.assistants.coach.training.progress import described
from repartee.assistants.coach.training.units import METRIC
from repartee.errors import BackendError
from repartee.ports import SmallModel

FILE = Path(__file__).parents[2] / "tests" / "data" / "coach" / "messages.yaml"
TODAY = date(2026, 9, 10)
SENT = datetime(2026, 9, 10, 12, tzinfo=UTC).timestamp()
FLAGS = ("knowledge", "workout", "recall", "remember", "progress")


class Labelled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message and what is to be read in it, as the file says."""

    text: str
    needs: tuple[str, ...]
    done: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    forget_all: bool = False


class Tally(NamedTuple):
    """How many were to be found, how many were, and how many of those rightly."""

    wanted: int = 0
    found: int = 0
    right: int = 0

    def plus(self, wanted: Iterable[str], found: Iterable[str], same: Callable[[str, str], bool]) -> Tally:
        """With another message's, in which one counts for one."""
        left, found = list(wanted), list(found)
        size, right = len(left), 0
        for one in found:
            met = next((other for other in left if same(other, one)), None)
            if met is not None:
                left.remove(met)
                right += 1
        return Tally(self.wanted + size, self.found + len(found), self.right + right)

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0


class Judged(NamedTuple):
    """What a model read in all messages: workouts, facts and needs; and where it was wrong."""

    workouts: Tally
    facts: Tally
    needs: Tally
    wrong: tuple[str, ...]


def messages() -> list[Labelled]:
    """The labelled messages."""
    return msgspec.yaml.decode(FILE.read_bytes(), type=list[Labelled])


def judge(small: SmallModel) -> Judged:
    """What the small model reads in the messages, judged."""
    workouts, facts, needs, wrong = Tally(), Tally(), Tally(), []
    for one in messages():
        situation = about(one.text, (), {}, TODAY)
        booking, detection = _read(small, situation)
        read, noticed = list(_workouts(booking)), list(_facts(detection))
        wanted = [*one.done, *one.right]
        routed = _routed(small, situation)
        workouts = workouts.plus(wanted, read, str.__eq__)
        facts = facts.plus(_wanted_facts(one), noticed, _same_fact)
        needs = needs.plus(one.needs, routed, str.__eq__)
        if sorted(wanted) != sorted(read) or Tally().plus(_wanted_facts(one), noticed, _same_fact) != (
            (len(_wanted_facts(one)),) * 3
        ):
            wrong.append(f"{one.text!r}: {read + noticed} instead of {[*wanted, *_wanted_facts(one)]}")
        if set(routed) != set(one.needs):
            wrong.append(f"{one.text!r}: needs {routed} instead of {list(one.needs)}")
    return Judged(workouts, facts, needs, tuple(wrong))


def _read(small: SmallModel, situation: str) -> tuple[tuple[Booking, tuple[Correction, ...]], Detection]:
    nothing = Extraction(done=(), corrections=())
    source = Source(id="m", at=SENT, today=TODAY, units=METRIC)
    try:
        extraction = small.analyse(EXTRACTION, situation, Extraction)
    except BackendError:
        extraction = nothing
    try:
        detection = small.analyse(DETECTION, situation, Detection)
    except BackendError:
        detection = Detection(facts=(), forget_all=False)
    return (book(extraction, source, ()), extraction.corrections), detection


def _routed(small: SmallModel, situation: str) -> list[str]:
    try:
        needs = small.analyse(ROUTER, situation, Needs)
    except BackendError:
        return []
    return [name for name in FLAGS if getattr(needs, name)]


def _workouts(read: tuple[Booking, tuple[Correction, ...]]) -> Iterator[str]:
    booking, corrections = read
    for one in (*booking.new, *(doubt.workout for doubt in booking.doubts)):
        yield described(one) + (f" on {one.day}" if one.day != TODAY.isoformat() else "")
    for correction in corrections:
        if correction.remove:
            yield f"remove {correction.exercise}".strip()
            continue
        fields = ("sets", "reps", "load", "distance", "duration", "effort")
        values = ((name, getattr(correction.now, name)) for name in fields)
        told = " ".join(f"{name} {value:g}" for name, value in values if value is not None)
        yield f"{correction.was:g} > {told}" if correction.was is not None else told


def _facts(detection: Detection) -> Iterator[str]:
    yield from (f"{one.kind} {one.act} {one.subject}" for one in detection.facts)
    if detection.forget_all:
        yield "forget all of it"


def _wanted_facts(one: Labelled) -> tuple[str, ...]:
    return (*one.facts, *(("forget all of it",) if one.forget_all else ()))


def _same_fact(wanted: str, found: str) -> bool:
    """Of one kind, one act, and about the same: a word of the subject is enough."""
    kind, act, subject = wanted.lower().split(" ", 2)
    other_kind, other_act, other = f"{found.lower()} ".split(" ", 2)
    words = set(subject.replace("-", " ").split()) & set(other.replace("-", " ").split())
    return kind == other_kind and act == other_act and bool(words)
