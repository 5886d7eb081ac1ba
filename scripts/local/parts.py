"""The local stack's parts: Repartee's own, with latencies in front of the stores and an eye on the turns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, cast

from local.latency import Latencies, Slowed, SlowedSmallModel
from local.vectors import FolderVectors
from repartee.wiring import Wiring
from support.caches import cache

if TYPE_CHECKING:
    from repartee.assistants.office.erp import Clerk
    from repartee.conversation.turn import Turn
    from repartee.ports import (
        Coaching,
        Embedder,
        Knowledge,
        Memories,
        Messages,
        Records,
        SmallModel,
        Vectors,
        Workouts,
    )

ALONE = 5
"""How often each step is measured alone."""


class LocalWiring(Wiring):
    """`Wiring` for one machine. `taken` are the turns that were closed, in order."""

    def __init__(self, environment: Mapping[str, str], latencies: Latencies) -> None:
        super().__init__(environment)
        self._latencies = latencies
        self.taken: list[Turn] = []

    @cached_property
    def records(self) -> Records:
        return cast("Records", Slowed("records", super().records, self._latencies))

    @cached_property
    def messages(self) -> Messages:
        return cast("Messages", Slowed("messages", super().messages, self._latencies))

    @cached_property
    def embedder(self) -> Embedder:
        return cast("Embedder", Slowed("embedder", super().embedder, self._latencies))

    @cached_property
    def small(self) -> SmallModel:
        return cast("SmallModel", SlowedSmallModel(super().small, self._latencies))

    @cached_property
    def coaching(self) -> Coaching:
        return cast("Coaching", Slowed("coaching", super().coaching, self._latencies))

    @cached_property
    def knowledge(self) -> Knowledge:
        return cast("Knowledge", Slowed("knowledge", super().knowledge, self._latencies))

    @cached_property
    def memories(self) -> Memories:
        return cast("Memories", Slowed("memories", super().memories, self._latencies))

    @cached_property
    def workouts(self) -> Workouts:
        return cast("Workouts", Slowed("workouts", super().workouts, self._latencies))

    @cached_property
    def vectors(self) -> Vectors:
        """Of the examples of routes: made once on this machine."""
        return FolderVectors(cache() / "vectors")

    @cached_property
    def clerk(self) -> Clerk | None:
        clerk = super().clerk
        return cast("Clerk", Slowed("clerk", clerk, self._latencies)) if clerk else None

    def observe(self, turn: Turn) -> None:
        super().observe(turn)
        self.taken.append(turn)

    def durations(self, turn: Turn) -> dict[str, float]:
        """Seconds that each of the turn's steps takes alone, with what was injected. Empty if none ran."""
        if not turn.outcomes:
            return {}
        runs = [self._alone(turn) for _ in range(ALONE)]
        return {name: min(run.get(name, 0.0) for run in runs) for name in runs[0]}

    def _alone(self, turn: Turn) -> dict[str, float]:
        inputs = turn.inputs | {  # the person has seen it once
            shown: lambda said: None for shown in ("sign", "tell") if shown in turn.inputs
        }
        with self._latencies.counted() as injected:
            run = turn.assistant.graph.start(inputs, pool=self.pool, parallel=False)
            seconds = {outcome.name: outcome.seconds + injected() for outcome in run.until_ready()}
            run.close()
        return seconds
