"""The tasks that the coach has promised with its reply: workouts and memories are written once that is
begun."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from repartee.assistants.coach.memory_changes import MemoryChanges
from repartee.assistants.coach.workout_changes import WorkoutChanges
from repartee.domain.post_reply import PostReplyTask
from repartee.language import texts
from repartee.ports import Embedder, MemoryStore, WorkoutStore


class CoachTaskBuilder(msgspec.Struct, frozen=True):
    """Makes the duties of one person's turn. Each may be done again: what is written has ids of its own."""

    person: str
    workouts: WorkoutStore
    memories: MemoryStore
    embedder: Embedder

    def build_tasks(
        self, workout_changes: WorkoutChanges | None, memory_changes: MemoryChanges | None
    ) -> Iterator[PostReplyTask]:
        """Yields the tasks that there are to do."""
        if workout_changes and (workout_changes.to_save or workout_changes.to_delete):
            yield PostReplyTask(
                "workouts", lambda: self._save_workouts(workout_changes), texts.WORKOUT_NOT_SAVED
            )
        if memory_changes and (memory_changes.to_save or memory_changes.forgets_any):
            failed = texts.MEMORY_NOT_SAVED if memory_changes.to_save else texts.MEMORY_NOT_DELETED
            yield PostReplyTask("memories", lambda: self._save_memories(memory_changes), failed)

    def _save_workouts(self, changes: WorkoutChanges) -> None:
        self.workouts.put(self.person, changes.to_save, changes.to_delete)

    def _save_memories(self, changes: MemoryChanges) -> None:
        """First what is to be forgotten, so that nothing that is told now goes with it."""
        if changes.forget_all:
            self.memories.delete_all(self.person)
        elif changes.forgotten:
            self.memories.remove(self.person, [memory.id for memory in changes.forgotten])
        if changes.to_save:
            vectors = self.embedder.embed([memory.text for memory in changes.to_save])
            self.memories.put(self.person, list(zip(changes.to_save, vectors, strict=True)))
