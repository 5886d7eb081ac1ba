"""What the coach has promised with its reply: workouts and memories are written once that is begun."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from repartee.assistants.coach.booking import Booking
from repartee.assistants.coach.learning import Learning
from repartee.conversation.means import Duty
from repartee.ports import Embedder, Memories, Workouts

WORKOUT_LOST = "_(I could not save your workout just now. Please tell me again in a moment.)_"
MEMORY_LOST = "_(I could not note what you told me about yourself. Please tell me again in a moment.)_"
NOT_FORGOTTEN = "_(I could not forget it just now. Please ask me again in a moment.)_"


class Duties(msgspec.Struct, frozen=True):
    """Makes the duties of one person's turn. Each may be done again: what is written has ids of its own."""

    person: str
    workouts: Workouts
    memories: Memories
    embedder: Embedder

    def of(self, booking: Booking | None, learning: Learning | None) -> Iterator[Duty]:
        """What there is to do."""
        if booking and (booking.kept or booking.gone):
            yield Duty("workouts", lambda: self._save(booking), WORKOUT_LOST)
        if learning and (learning.kept or learning.gone):
            failed = MEMORY_LOST if learning.kept else NOT_FORGOTTEN
            yield Duty("memories", lambda: self._learn(learning), failed)

    def _save(self, booking: Booking) -> None:
        self.workouts.put(self.person, booking.kept, booking.gone)

    def _learn(self, learning: Learning) -> None:
        """First what is to be forgotten, so that nothing that is told now goes with it."""
        if learning.forget_all:
            self.memories.forget(self.person)
        elif learning.forgotten:
            self.memories.remove(self.person, [memory.id for memory in learning.forgotten])
        if learning.kept:
            vectors = self.embedder.embed([memory.text for memory in learning.kept])
            self.memories.put(self.person, list(zip(learning.kept, vectors, strict=True)))
