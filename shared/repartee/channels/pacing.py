"""How often a reply may grow: as often as the platform takes it, and seldom enough that all get through."""

from __future__ import annotations

from collections.abc import Callable


class Pace:
    """The pace of one reply. It slows down when the platform says that there were too many calls, and finds
    back to `every` seconds between two calls when it says so no more."""

    SLOWER, FASTER, SLOWEST = 2.0, 0.9, 8

    def __init__(self, every: float, clock: Callable[[], float]) -> None:
        self._every, self._interval, self._clock = every, every, clock
        self._next = float("-inf")

    @property
    def due(self) -> bool:
        """Whether the next call may be made now."""
        return self._clock() >= self._next

    def made(self) -> None:
        """A call went through."""
        self._interval = max(self._every, self._interval * self.FASTER)
        self._next = self._clock() + self._interval

    def refused(self, retry_after: float | None) -> None:
        """A call was one too many."""
        self._interval = min(self._every * self.SLOWEST, self._interval * self.SLOWER)
        self._next = self._clock() + max(retry_after or 0.0, self._interval)

    @property
    def wait(self) -> float:
        """Seconds until the next call may be made."""
        return max(0.0, self._next - self._clock())
