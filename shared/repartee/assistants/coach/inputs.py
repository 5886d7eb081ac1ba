"""The ports that the coach's plan asks for."""

from __future__ import annotations

from repartee.assistants.base import BaseInputs
from repartee.briefs.orders import NoticeBook
from repartee.ports import CoachRecords, Embedder, Knowledge, MemoryStore, SmallModel, WorkoutStore


class CoachInputs(BaseInputs, frozen=True, kw_only=True):
    """The ports that the coach's steps ask for, beside what a turn offers."""

    coaching: CoachRecords
    small_model: SmallModel
    embedder: Embedder
    knowledge: Knowledge
    memories: MemoryStore
    workouts: WorkoutStore
    notice_book: NoticeBook | None = None
