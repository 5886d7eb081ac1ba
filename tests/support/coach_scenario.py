"""The coach's part of a scenario: the records before a conversation, and those after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.assistants.coach.prompt_builder import format_dated_workout
from repartee.domain.message import scope_of, workspace_of
from repartee.ports import Memory, Passage, Workout
from repartee.stores.sqlite.knowledge import SqliteKnowledge
from repartee.stores.sqlite.memories import SqliteMemories
from tests.support.scenario_wiring import LocalEmbedder

if TYPE_CHECKING:
    from tests.support.scenario_runner import ScenarioRunner

EARLIEST_DAY = "2000-01-01"


class CoachSetup(msgspec.Struct, forbid_unknown_fields=True):
    """`library` has passages by their headings, `memories` texts by their ids, `workouts` what `Workout` has,
    with `days` ago instead of the day; `coach` and `course` are as in the records."""

    library: dict[str, str] = {}
    memories: dict[str, str] = {}
    workouts: tuple[dict[str, Any], ...] = ()
    coach: dict[str, str] = {}
    course: dict[str, str] = {}


class CoachExpectation(msgspec.Struct, forbid_unknown_fields=True):
    """All workouts that are then kept, as they are confirmed, oldest first; and all memories."""

    workouts: tuple[str, ...] | None = None
    memories: dict[str, str] | None = None
    pictures: int | None = None


def set_up_coach(held: ScenarioRunner, own: dict[str, Any]) -> None:
    """Fills the coach's stores, with nothing in the way."""
    before, parts, person = msgspec.convert(own, CoachSetup), held.parts, held.place.person
    parts.stored_coaching.coaches[workspace_of(held.place.room)] = before.coach
    parts.stored_coaching.courses[person] = before.course
    now = parts.clock()
    parts.stored_workouts.put(
        person,
        [
            _build_workout(number, one | {"room": scope_of(held.place.room)}, now)
            for number, one in enumerate(before.workouts)
        ],
    )
    room = held.place.room
    known = [
        Memory(id=id, text=text, told_at=now - 86_400, room=room) for id, text in before.memories.items()
    ]
    passages = _build_passages(before.library)
    vectors = LocalEmbedder().embed([*before.memories.values(), *before.library.values()])
    _read_memories(parts.folder).put(person, list(zip(known, vectors, strict=False)))
    SqliteKnowledge(f"{parts.folder}/messages.sqlite-knowledge").put(
        list(zip(passages, vectors[len(known) :], strict=True))
    )


def check_coach(held: ScenarioRunner, own: dict[str, Any]) -> None:
    """Raises `AssertionError` where something else is kept than was written."""
    after, parts, person = msgspec.convert(own, CoachExpectation), held.parts, held.place.person
    if after.workouts is not None:
        kept = [format_dated_workout(one) for one in parts.stored_workouts.list_since(person, EARLIEST_DAY)]
        assert kept == list(after.workouts), f"kept: {kept}"
    if after.memories is not None:
        found = {one.id: one.text for one in list_memories(parts.folder, person)}
        assert found == after.memories, f"remembered: {found}"
    if after.pictures is not None:
        drawn = next(one.value for one in parts.turns[-1].outcomes if one.name == "reply_images")
        assert [picture.content[:4] for picture in drawn] == [b"\x89PNG"] * after.pictures


def list_memories(folder: Path, person: str) -> Sequence[Memory]:
    """All that is remembered about a person."""
    return _read_memories(folder).search(person, LocalEmbedder().embed(["all"])[0], 100)


def _read_memories(folder: Path) -> SqliteMemories:
    return SqliteMemories(f"{folder}/messages.sqlite-memories", related=-1.0)


def _build_passages(library: dict[str, str]) -> list[Passage]:
    return [
        Passage(id=heading, document="handbook.md", heading=heading, text=text)
        for heading, text in library.items()
    ]


def _build_workout(number: int, told: dict[str, Any], now: float) -> Workout:
    values = dict(told)
    day = datetime.fromtimestamp(now, UTC).date() - timedelta(days=values.pop("days", 1))
    return Workout(**{"id": f"before-{number}:0", "told_at": float(number), **values, "day": str(day)})
