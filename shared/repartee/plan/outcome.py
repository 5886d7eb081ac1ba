"""How a step ended, as a value."""

from typing import Any, Literal, NamedTuple

Status = Literal["ok", "fallback", "failed", "skipped", "discarded"]


class Outcome(NamedTuple):
    """How one step, or one call, ended. Times are seconds since the run's start, on the run's clock."""

    name: str
    status: Status
    value: Any = None
    """The value that its consumers were given; ``None`` when it failed or was discarded by ``close``."""
    error: BaseException | None = None
    start: float = 0.0
    """When it was first called; if it never was, when that was decided."""
    end: float = 0.0
    """When the call that counted returned, or when it was decided to wait for none."""
    attempts: int = 0
    """Calls that were started, hedges and speculative calls included."""
    hedged: bool = False
    speculated: bool = False
    reason: str | None = None
    """Why it is not a plain ``ok``: error, timeout, deadline, saturated, breaker, gate, upstream,
    announced, closed, failed (the run), starved (it ran in the caller's thread)."""

    @property
    def seconds(self) -> float:
        """Seconds from its start to its end."""
        return self.end - self.start


class Resolution(NamedTuple):
    """The decision that ends a step; the run makes the outcome of it."""

    status: Status
    value: Any = None
    known: bool = True
    """Whether the step's consumers are given the value."""
    error: BaseException | None = None
    reason: str | None = None
    ended_at: float | None = None
    """When the call that counted returned, as an instant of the clock."""


class Bar(NamedTuple):
    """One row of a waterfall: a step, and the spans of its calls in seconds since the run's start."""

    name: str
    status: Status
    start: float
    end: float
    calls: tuple[tuple[float, float | None], ...]
    """Begin and end of every call; the end is ``None`` for a call that was abandoned and never returned."""
    hedged: bool
    speculated: bool
    reason: str | None
