"""The state of one step in one run. Only the run changes it, in the run's own thread."""

from __future__ import annotations

from repartee.plan.breaker import Breaker
from repartee.plan.step import Step
from repartee.plan.task import Task

DATA_ROLE, GATE_ROLE, SPECULATION_ROLE = range(3)
"""The three roles in which a step waits for others, as indexes into ``StepState.waits``."""


class StepState:
    """One step's counters, its calls, and what has been decided about it."""

    __slots__ = (
        "breaker", "calls", "committed", "deadline", "early_result", "ended", "gate_open", "hedge_at",
        "hedged", "index", "live_calls", "ran_in_caller", "speculated", "step", "tries",
        "upstream_failed", "waits",
    )  # fmt: skip

    def __init__(self, index: int, step: Step, waits: tuple[int, ...], breaker: Breaker | None) -> None:
        self.index = index
        self.step = step
        self.breaker = breaker
        self.waits = list(waits)
        """How many steps it still waits for, by role: data, gate, speculation predicate."""
        self.gate_open: bool | None = None if step.policy.when else True
        self.upstream_failed = False
        """Whether something that it needs will never be known."""
        self.committed = False
        """Whether its result counts: a speculative call alone does not commit it."""
        self.ended = False
        self.deadline: float | None = None
        self.hedge_at = 0.0
        """When the latest call is slow enough for a hedge."""
        self.tries = 0
        """Calls that count against its retries."""
        self.calls: list[Task] = []
        """All calls, hedges and speculative ones included."""
        self.live_calls: list[Task] = []
        """Those of them that may still answer."""
        self.early_result: Task | None = None
        """The ended speculative call, kept until the gate is known."""
        self.hedged = False
        self.speculated = False
        self.ran_in_caller = False
