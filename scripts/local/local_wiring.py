"""The local stack's parts: Repartee's own, with latencies in front of the stores and an eye on the turns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, cast

from local.latency import InjectedLatencies, SlowPort, SlowSmallModel
from local.vector_folder import FolderVectors
from repartee.wiring import Wiring
from support.caches import cache_folder

if TYPE_CHECKING:
    from repartee.assistants.office.erp import ErpToolset
    from repartee.ports import (
        CoachRecords,
        Embedder,
        Knowledge,
        MemoryStore,
        MessageStore,
        Records,
        SmallModel,
        VectorCache,
        WorkoutStore,
    )
    from repartee.turn.turn import Turn


class LocalWiring(Wiring):
    """`Wiring` for one machine. `taken` are the turns that were closed, in order."""

    def __init__(self, environment: Mapping[str, str], latencies: InjectedLatencies) -> None:
        super().__init__(environment)
        self._latencies = latencies
        self.taken: list[Turn] = []

    @cached_property
    def records(self) -> Records:
        return cast("Records", SlowPort("records", super().records, self._latencies))

    @cached_property
    def messages(self) -> MessageStore:
        return cast("MessageStore", SlowPort("messages", super().messages, self._latencies))

    @cached_property
    def embedder(self) -> Embedder:
        return cast("Embedder", SlowPort("embedder", super().embedder, self._latencies))

    @cached_property
    def small_model(self) -> SmallModel:
        return cast("SmallModel", SlowSmallModel(super().small_model, self._latencies))

    @cached_property
    def coaching(self) -> CoachRecords:
        return cast("CoachRecords", SlowPort("coaching", super().coaching, self._latencies))

    @cached_property
    def knowledge(self) -> Knowledge:
        return cast("Knowledge", SlowPort("knowledge", super().knowledge, self._latencies))

    @cached_property
    def memories(self) -> MemoryStore:
        return cast("MemoryStore", SlowPort("memories", super().memories, self._latencies))

    @cached_property
    def workouts(self) -> WorkoutStore:
        return cast("WorkoutStore", SlowPort("workouts", super().workouts, self._latencies))

    @cached_property
    def vectors(self) -> VectorCache:
        """Of the examples of routes: made once on this machine."""
        return FolderVectors(cache_folder() / "vectors")

    @cached_property
    def erp_toolset(self) -> ErpToolset | None:
        clerk = super().erp_toolset
        return cast("ErpToolset", SlowPort("erp_toolset", clerk, self._latencies)) if clerk else None

    def emit_turn_metrics(self, turn: Turn) -> None:
        super().emit_turn_metrics(turn)
        self.taken.append(turn)
