"""The policy of a step: what it may cost, and what happens when it fails or is slow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class _Required:
    """Marks a step without a fallback."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()

Retryable = tuple[type[BaseException], ...] | Callable[[BaseException], bool]
Predicate = Callable[..., object]


class Retry(NamedTuple):
    """How often a call is made, on which errors, and the delay between two attempts in seconds.

    The delay starts at ``initial_interval``, is multiplied by ``backoff_factor`` each time and never exceeds
    ``max_interval``. The actual delay is drawn uniformly between zero and that ("full jitter"), so that
    callers that failed together do not retry together.
    """

    max_attempts: int = 3
    retry_on: Retryable = (ConnectionError, TimeoutError)
    """The retryable errors: their types, or a function of the error."""
    initial_interval: float = 0.1
    max_interval: float = 2.0
    backoff_factor: float = 2.0

    def is_retryable(self, error: BaseException) -> bool:
        """Return whether the policy retries on this error."""
        if isinstance(self.retry_on, tuple):
            return isinstance(error, self.retry_on)
        return bool(self.retry_on(error))

    def delay(self, attempts: int, random: Callable[[], float]) -> float:
        """Return the seconds to wait after so many attempts; ``random`` is uniform between 0 and 1."""
        longest = min(self.max_interval, self.initial_interval * self.backoff_factor ** (attempts - 1))
        return random() * longest

    def contradiction(self) -> str | None:
        """Return what is wrong with the policy and what to change; ``None`` if nothing is."""
        if self.max_attempts < 1:
            return "retry needs max_attempts of at least 1"
        if min(self.initial_interval, self.max_interval, self.backoff_factor) < 0:
            return "retry cannot wait less than 0 seconds"
        return None


def uniform() -> Callable[[], float]:
    """Return the default random source, imported on first use because the import is slow."""
    from random import random

    return random


class Speculation(NamedTuple):
    """The limits of one run of a plan for calls whose results may not be needed."""

    calls: float = float("inf")
    cost: float = float("inf")
    """In the unit of the steps' own ``cost``."""

    def after(self, cost: float) -> Speculation | None:
        """Return what is left after one more call at that cost; ``None`` if the budget does not allow it."""
        left = Speculation(self.calls - 1, self.cost - cost)
        return left if min(left) >= 0 else None


class Policy(NamedTuple):
    """The policy that a plan declares for one step; times in seconds."""

    timeout: float | None = None
    fallback: Any = REQUIRED
    retry: Retry | None = None
    hedge_after: float | None = None
    breaker: str | None = None
    when: Predicate | None = None
    speculate: bool | Predicate = False
    writes: bool = False
    status: bool | str = False
    cost: float = 0.0

    def contradiction(self) -> str | None:
        """Return what is wrong with the policy and what to change; ``None`` if nothing is."""
        own = next((what for wrong, what in self._rules() if wrong), None)
        return own or (self.retry.contradiction() if self.retry else None)

    def _rules(self) -> tuple[tuple[object, str], ...]:
        hedge, timeout = self.hedge_after, self.timeout
        return (
            (timeout is not None and timeout <= 0, "timeout must be more than 0 seconds"),
            (hedge is not None and hedge <= 0, "hedge_after must be more than 0 seconds"),
            (
                hedge is not None and timeout is not None and hedge >= timeout,
                f"it times out after {timeout} s, before its hedge at {hedge} s: hedge earlier or allow more",
            ),
            (self.cost < 0, "cost cannot be less than 0"),
            (self.writes and hedge is not None, "it writes, so it cannot be made twice: drop hedge_after"),
            (self.writes and self.speculate, "it writes, so it cannot be made in vain: drop speculate"),
            (self.writes and self.status, "a status may be dropped at any time: it cannot write"),
            (
                self.speculate and self.when is None,
                "there is no gate to be ahead of: add when, or drop speculate",
            ),
            (
                self.status and self.fallback is not REQUIRED,
                "a status never fails a run and nothing needs it: drop its fallback",
            ),
        )
