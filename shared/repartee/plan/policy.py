"""What a step may cost, and what is to be done when it fails or is slow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class _Required:
    """The fallback of a step that has none."""

    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED: Any = _Required()

Retryable = tuple[type[BaseException], ...] | Callable[[BaseException], bool]
Predicate = Callable[..., object]


class Retry(NamedTuple):
    """How often a call is made, on which errors, and how long it rests in between.

    The rest doubles from ``backoff`` seconds up to ``longest``, and is drawn evenly between zero and
    that ("full jitter"), so that those who failed together do not come back together.
    """

    attempts: int
    on: Retryable
    backoff: float = 0.1
    longest: float = 2.0

    def covers(self, error: BaseException) -> bool:
        """Whether the step calls this error retryable."""
        return isinstance(error, self.on) if isinstance(self.on, tuple) else bool(self.on(error))

    def rest(self, attempts: int, random: Callable[[], float]) -> float:
        """Seconds to rest after so many attempts; ``random`` is even between 0 and 1."""
        return random() * min(self.longest, self.backoff * 2.0 ** (attempts - 1))


def even() -> Callable[[], float]:
    """The usual source of chance, even between 0 and 1; looked up when needed, for it is slow to import."""
    from random import random

    return random


class Speculation(NamedTuple):
    """What one run of a plan may spend on calls that may turn out to be unwanted."""

    calls: float = float("inf")
    cost: float = float("inf")
    """In the currency of the steps' own ``cost``."""

    def after(self, cost: float) -> Speculation | None:
        """What is left after one more call at that cost; ``None`` if it cannot be afforded."""
        left = Speculation(self.calls - 1, self.cost - cost)
        return left if min(left) >= 0 else None


class Policy(NamedTuple):
    """What the plan's author says about one step; times in seconds."""

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
        """What is wrong with it, and what to change; ``None`` if nothing is."""
        return next((what for wrong, what in self._rules() if wrong), None)

    def _rules(self) -> tuple[tuple[object, str], ...]:
        hedge, timeout, retry = self.hedge_after, self.timeout, self.retry
        return (
            (timeout is not None and timeout <= 0, "timeout must be more than 0 seconds"),
            (hedge is not None and hedge <= 0, "hedge_after must be more than 0 seconds"),
            (
                hedge is not None and timeout is not None and hedge >= timeout,
                f"it is over after {timeout} s, before its hedge at {hedge} s: hedge earlier or allow more",
            ),
            (retry is not None and retry.attempts < 1, "retry needs at least 1 attempt"),
            (
                retry is not None and min(retry.backoff, retry.longest) < 0,
                "retry cannot rest less than 0 seconds",
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
