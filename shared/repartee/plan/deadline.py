"""How much time is left, for whoever is about to call out.

A step's deadline travels in a context variable, so that a client three calls down can ask for it
without being handed it: ``timeout = deadline.remaining()``.
"""

import time
from collections.abc import Callable
from contextvars import ContextVar, Token

Clock = Callable[[], float]

_current: ContextVar[tuple[float, Clock] | None] = ContextVar("deadline", default=None)


def remaining() -> float | None:
    """Seconds left, never less than zero; ``None`` when nothing bounds the caller."""
    bound = _current.get()
    return None if bound is None else max(0.0, bound[0] - bound[1]())


class within:  # noqa: N801 - it reads as a verb: ``with deadline.within(2.0):``
    """A ``with`` block that has so many seconds, or what is left of an earlier deadline if that is less.

    It stops nothing by itself: it is what ``remaining`` tells those that are called inside.
    """

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._token: Token[tuple[float, Clock] | None] | None = None

    def __enter__(self) -> None:
        left = remaining()
        seconds = self._seconds if left is None else min(left, self._seconds)
        self._token = _current.set((self._clock() + seconds, self._clock))

    def __exit__(self, *_: object) -> None:
        assert self._token is not None
        _current.reset(self._token)


def limit(clock: Clock) -> float | None:
    """The deadline as an instant of this clock."""
    left = remaining()
    return None if left is None else clock() + left


def soonest(now: float, seconds: float | None, limit: float | None) -> float | None:
    """The instant when so many seconds are over, or the limit if that comes first."""
    if seconds is None:
        return limit
    return now + seconds if limit is None else min(now + seconds, limit)


def at(instant: float, clock: Clock) -> None:
    """Bound all that the current context still does: how the engine tells a step its deadline."""
    _current.set((instant, clock))
