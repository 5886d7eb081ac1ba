"""Carries the deadline of the current step in a context variable.

A client three calls down asks for it without being handed it: ``timeout = deadline.remaining()``.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Clock = Callable[[], float]

_current: ContextVar[tuple[float, Clock] | None] = ContextVar("deadline", default=None)


def remaining() -> float | None:
    """Return the seconds left, never less than zero; ``None`` when there is no deadline."""
    bound = _current.get()
    return None if bound is None else max(0.0, bound[0] - bound[1]())


@contextmanager
def limited_to(seconds: float, clock: Clock = time.monotonic) -> Iterator[None]:
    """Limit a ``with`` block to so many seconds, or to what is left of an outer deadline if that is less.

    Nothing is interrupted: this sets what ``remaining`` returns inside the block.
    """
    left = remaining()
    token = _current.set((clock() + (seconds if left is None else min(left, seconds)), clock))
    try:
        yield
    finally:
        _current.reset(token)


def current_instant(clock: Clock) -> float | None:
    """Return the current deadline as an instant of this clock; ``None`` when there is none."""
    left = remaining()
    return None if left is None else clock() + left


def earliest(now: float, seconds: float | None, limit: float | None) -> float | None:
    """Return the instant when so many seconds are over, or the limit if that comes first."""
    if seconds is None:
        return limit
    return now + seconds if limit is None else min(now + seconds, limit)


def set_current(instant: float, clock: Clock) -> None:
    """Set the deadline of the current context: how the engine hands a step its deadline."""
    _current.set((instant, clock))
