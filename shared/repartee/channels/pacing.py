"""How often a reply may grow: as often as the platform takes it, and seldom enough that all get through."""

from __future__ import annotations

from collections.abc import Callable

from repartee.conversation.reply import Crowd


class Pace:
    """The pace of one reply. It slows down when the platform says that there were too many calls, and finds
    back to `every` seconds between two calls when it says so no more.

    Where the workers of a workspace share a limit, `kind` says which, and each takes its part of it.
    """

    SLOWER, FASTER, SLOWEST = 2.0, 0.9, 8.0

    def __init__(self, every: float, clock: Callable[[], float], kind: str = "") -> None:
        self._every, self._clock, self._kind = every, clock, kind
        self._slow, self._sharing = 1.0, 1
        self._last = self._not_before = float("-inf")

    @property
    def due(self) -> bool:
        """Whether the next call may be made now."""
        return self.wait < 1e-6

    @property
    def wait(self) -> float:
        """Seconds until the next call may be made."""
        after = self._last + self._every * self._sharing * self._slow
        return max(0.0, max(after, self._not_before) - self._clock())

    def among(self, crowd: Crowd) -> None:
        """Shares with those that are there."""
        self._sharing = max(1, crowd.growing(self._kind, self._clock())) if self._kind else 1

    def made(self) -> None:
        """A call went through."""
        self._slow = max(1.0, self._slow * self.FASTER)
        self._last = self._clock()

    def refused(self, retry_after: float | None) -> None:
        """A call was one too many."""
        self._slow = min(self.SLOWEST, self._slow * self.SLOWER)
        self._last = self._clock()
        self._not_before = self._last + (retry_after or 0.0)
