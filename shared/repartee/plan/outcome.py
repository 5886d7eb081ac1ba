"""How a step ended, as a value."""

from typing import Any, Literal, NamedTuple

Kind = Literal["ok", "fallback", "failed", "skipped", "discarded"]


class Outcome(NamedTuple):
    """How one step, or one call, ended. Times are seconds on the run's clock since the run's start."""

    name: str
    kind: Kind
    value: Any = None
    """What those that need the step were given; ``None`` when it failed or was discarded by ``close``."""
    error: BaseException | None = None
    start: float = 0.0
    """When it was first called, or, if it never was, when that was decided."""
    end: float = 0.0
    """When the call that counted returned, or when it was decided that none would be waited for."""
    attempts: int = 0
    """Calls that were started, hedges and speculation included."""
    hedged: bool = False
    speculated: bool = False
    reason: str | None = None
    """Why it is not a plain ``ok``: error, timeout, deadline, saturated, breaker, gate, upstream,
    announced, closed, failed (the run), starved (it ran in the caller's thread)."""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


class Ending(NamedTuple):
    """What was decided about a step: what its outcome is made of, before the run adds the rest."""

    kind: Kind
    value: Any = None
    known: bool = True
    """Whether those that need the step are given the value."""
    error: BaseException | None = None
    reason: str | None = None
    at: float | None = None
    """When the call that counted returned, on the clock."""


class Bar(NamedTuple):
    """One row of a waterfall: a step, and the spans of its calls in seconds since the run's start."""

    name: str
    kind: Kind
    start: float
    end: float
    calls: tuple[tuple[float, float | None], ...]
    """Begin and end of every call; ``None`` for one that was abandoned and never heard of again."""
    hedged: bool
    speculated: bool
    reason: str | None
