"""Erasing what the coach has learnt from a turn, once the author of a message of it has deleted that."""

from __future__ import annotations

from repartee.domain.message import Exchange
from repartee.ports import MemoryStore, WorkoutStore

MAX_CHANGED_WORKOUTS = 50
"""Workouts that are removed in one write."""


class LearntEraser:
    """Erases memories and workouts. What a turn of several messages learnt is not told apart by message, and
    goes as a whole; so does what it corrected."""

    def __init__(self, workouts: WorkoutStore, memories: MemoryStore) -> None:
        self._workouts, self._memories = workouts, memories

    def erase(self, exchange: Exchange) -> None:
        """Erases what the turn learnt of the people who spoke. Repeating it changes nothing."""
        for person in sorted({message.sender for message in exchange.messages}):
            self._erase_of_person(person, exchange)

    def _erase_of_person(self, person: str, exchange: Exchange) -> None:
        times = {message.sent for message in exchange.messages}
        told_in = tuple(f"{message.stored_id}:" for message in exchange.messages)
        known = self._workouts.list_since(person, "")
        gone = [one for one in known if one.told_at in times or one.id.startswith(told_in)]
        for first in range(0, len(gone), MAX_CHANGED_WORKOUTS):
            self._workouts.put(person, (), replacing=gone[first : first + MAX_CHANGED_WORKOUTS])
        if ids := [one.id for one in self._memories.list_all(person) if one.told_at in times]:
            self._memories.remove(person, ids)
