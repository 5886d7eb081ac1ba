"""The coach's records and workouts in memory, held to the same contracts as the real ones; and builders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from repartee.conversation.message import Exchange, Said, workspace_of
from repartee.ports import Coached, Records, Workout

NEWEST, EXCHANGES, LONGEST_SAID = 400, 12, 4_000


class MemoryWorkouts:
    """`ports.Workouts` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[tuple[str, str], Workout]] = defaultdict(dict)

    def of(self, person: str, since: str) -> Sequence[Workout]:
        found = sorted(self.kept[person].items())
        return [one for (day, _), one in found if day >= since][-NEWEST:]

    def put(self, person: str, workouts: Sequence[Workout], instead_of: Sequence[Workout] = ()) -> None:
        kept = dict(self.kept[person])
        for one in instead_of:
            kept.pop((one.day, one.id), None)
        self.kept[person] = kept | {(one.day, one.id): one for one in workouts}

    def forget(self, person: str) -> None:
        self.kept.pop(person, None)


class MemoryCoaching:
    """`ports.Coaching` in memory, beside the records."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.coaches: dict[str, dict[str, str]] = {}
        self.courses: dict[str, dict[str, str]] = {}
        self.conversations: dict[str, dict[tuple[float, str], tuple[Said, ...]]] = defaultdict(dict)

    def coached(self, room: str, chat: str, sender: str) -> Coached:
        standing = self._records.standing(room, chat, sender)
        exchanges = sorted(self.conversations[chat].items())
        return Coached(
            **msgspec.structs.asdict(standing),
            coach=self.coaches.get(workspace_of(room), {}),
            course=self.courses.get(sender, {}),
            conversation=tuple(said for _, exchange in exchanges for said in exchange),
        )

    def converse(self, exchange: Exchange) -> None:
        kept = self.conversations[exchange.chat]
        kept[exchange.at, exchange.turn] = tuple(
            msgspec.structs.replace(said, text=said.text[:LONGEST_SAID]) for said in exchange.said()
        )
        self.conversations[exchange.chat] = dict(sorted(kept.items())[-EXCHANGES:])


def workout(day: str, **more: Any) -> Workout:
    """A workout of that day: a set of five squats with 100 kg, unless said otherwise."""
    told: dict[str, Any] = {
        "id": f"m{day}:0",
        "exercise": "squat",
        "sets": 1,
        "reps": 5,
        "load": 100.0,
        "told": 1.0,
    }
    return Workout(**(told | more), day=day)
