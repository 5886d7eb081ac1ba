"""How far one step of one run has come. Its one owner is the run, in the run's own thread."""

from __future__ import annotations

from repartee.plan.breaker import Breaker
from repartee.plan.step import Step
from repartee.plan.work import Work

DATA, GATE, PRIOR = range(3)


class Progress:
    """One step's countdown, its calls, and what has been decided about it."""

    __slots__ = (
        "breaker", "calls", "due", "ended", "gate_open", "hedged", "held", "live", "lost",
        "rank", "running", "slow_at", "speculated", "starved", "step", "tries", "waits",
    )  # fmt: skip

    def __init__(self, rank: int, step: Step, waits: tuple[int, ...], breaker: Breaker | None) -> None:
        self.rank = rank
        self.step = step
        self.breaker = breaker
        self.waits = list(waits)
        """How many steps it still waits for: for its data, its gate and its prior."""
        self.gate_open: bool | None = None if step.policy.when else True
        self.lost = False
        """Whether something that it needs will never be known."""
        self.running = False
        """Whether it has been started for good: speculation alone is not that."""
        self.ended = False
        self.due: float | None = None
        self.slow_at = 0.0
        """When the latest call is slow enough for a hedge."""
        self.tries = 0
        """Calls that count against its retries."""
        self.calls: list[Work] = []
        """All calls, hedges and speculation included."""
        self.live: list[Work] = []
        """Those of them that may still answer."""
        self.held: Work | None = None
        """The answer of a speculative call, kept until the gate is known."""
        self.hedged = False
        self.speculated = False
        self.starved = False
