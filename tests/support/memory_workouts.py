"""The coach's records and workouts in memory, held to the same contracts as the real ones; and builders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec

from repartee.domain.message import Exchange, StoredMessage, is_shared_room, workspace_of
from repartee.ports import CoachState, Records, Workout

MAX_WORKOUTS, MAX_EXCHANGES, MAX_MESSAGE_CHARS = 400, 12, 4_000


class MemoryWorkouts:
    """`ports.Workouts` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[tuple[str, str], Workout]] = defaultdict(dict)

    def list_since(self, person: str, since: str) -> Sequence[Workout]:
        found = sorted(self.kept[person].items())
        return [one for (day, _), one in found if day >= since][-MAX_WORKOUTS:]

    def put(self, person: str, workouts: Sequence[Workout], replacing: Sequence[Workout] = ()) -> None:
        kept = dict(self.kept[person])
        for one in replacing:
            kept.pop((one.day, one.id), None)
        self.kept[person] = kept | {(one.day, one.id): one for one in workouts}

    def delete_all(self, person: str) -> None:
        self.kept.pop(person, None)


class MemoryCoaching:
    """`ports.Coaching` in memory, beside the records."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.coaches: dict[str, dict[str, str]] = {}
        self.courses: dict[str, dict[str, str]] = {}
        self.conversations: dict[str, dict[tuple[float, str], tuple[StoredMessage, ...]]] = defaultdict(dict)

    def read_coach_state(self, room: str, chat: str, sender: str) -> CoachState:
        standing = self._records.read_chat_state(room, chat, sender)
        exchanges = sorted(self.conversations[chat].items())
        return CoachState(
            **msgspec.structs.asdict(standing),
            coach_config=self.coaches.get(workspace_of(room), {}),
            coaching_plan={} if is_shared_room(room) else self.courses.get(sender, {}),
            history=tuple(said for _, exchange in exchanges for said in exchange),
        )

    def append_history(self, exchange: Exchange) -> None:
        kept = self.conversations[exchange.chat]
        kept[exchange.answered_at, exchange.turn] = tuple(
            msgspec.structs.replace(said, text=said.text[:MAX_MESSAGE_CHARS]) for said in exchange.to_stored()
        )
        gone = exchange.deleted_ids
        left = [(key, said) for key, said in sorted(kept.items()) if not gone & {one.id for one in said}]
        self.conversations[exchange.chat] = dict(left[-MAX_EXCHANGES:])


def make_workout(day: str, **more: Any) -> Workout:
    """A workout of that day: a set of five squats with 100 kg, unless said otherwise."""
    told: dict[str, Any] = {
        "id": f"m{day}:0",
        "exercise": "squat",
        "sets": 1,
        "reps": 5,
        "load": 100.0,
        "told_at": 1.0,
    }
    return Workout(**(told | more), day=day)
