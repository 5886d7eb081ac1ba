"""How often a reply may grow: as often as the platform takes it, and seldom enough that all get through."""

from __future__ import annotations

from collections.abc import Callable

from repartee.conversation.reply import Crowd

Shared = Callable[[Crowd], float]
"""Seconds that one of those who are there leaves between two calls, so that together they keep a limit."""


def alone(crowd: Crowd) -> float:
    """For limits that nobody shares."""
    return 0.0


class Pace:
    """The pace of one reply. It slows down when the platform says that there were too many calls, and finds
    back to `every` seconds between two calls when it says so no more.

    Where workers share a limit, `shared` says what that leaves to each of them, and `apart` how far from each
    other such calls must be that cannot be left out.
    """

    SLOWER, FASTER, SLOWEST = 2.0, 0.9, 8.0

    def __init__(
        self, every: float, clock: Callable[[], float], shared: Shared = alone, apart: Shared = alone
    ) -> None:
        self._every, self._clock = every, clock
        self._shared, self._apart = shared, apart
        self._slow, self._share, self._distance = 1.0, 0.0, 0.0
        self._last = self._not_before = float("-inf")

    @property
    def due(self) -> bool:
        """Whether the reply may grow now."""
        return self.wait < 1e-6

    @property
    def wait(self) -> float:
        """Seconds until the reply may grow."""
        return self._until(max(self._every, self._share) * self._slow)

    @property
    def turn(self) -> float:
        """Seconds until a call may be made that cannot be left out."""
        return self._until(self._distance)

    def among(self, crowd: Crowd) -> None:
        """Shares with those that are there."""
        self._share, self._distance = self._shared(crowd), self._apart(crowd)

    def made(self) -> None:
        """A call went through."""
        self._slow = max(1.0, self._slow * self.FASTER)
        self._last = self._clock()

    def refused(self, retry_after: float | None) -> None:
        """A call was one too many."""
        self._slow = min(self.SLOWEST, self._slow * self.SLOWER)
        self._last = self._clock()
        self._not_before = self._last + (retry_after or 0.0)

    def _until(self, apart: float) -> float:
        return max(0.0, max(self._last + apart, self._not_before) - self._clock())
