"""How often a reply may grow: as often as the platform takes it, and seldom enough that all get through."""

from __future__ import annotations

from collections.abc import Callable

from repartee.domain.reply import ActiveMessages

ComputeInterval = Callable[[ActiveMessages], float]
"""Seconds that one of those who are there leaves between two calls, so that together they keep a limit."""


def no_interval(crowd: ActiveMessages) -> float:
    """For limits that nobody shares."""
    return 0.0


class Pacer:
    """The pace of one reply. It slows down when the platform says that there were too many calls, and finds
    back to `every` seconds between two calls when it says so no more.

    Where workers share a limit, `shared` says what that leaves to each of them, and `apart` how far from each
    other such calls must be that cannot be left out.
    """

    SLOWDOWN_FACTOR, RECOVERY_FACTOR, MAX_SLOWDOWN_FACTOR = 2.0, 0.9, 8.0

    def __init__(
        self,
        interval_seconds: float,
        clock: Callable[[], float],
        compute_share: ComputeInterval = no_interval,
        compute_spacing: ComputeInterval = no_interval,
    ) -> None:
        self._interval_seconds, self._clock = interval_seconds, clock
        self._compute_share, self._compute_spacing = compute_share, compute_spacing
        self._slowdown, self._share_seconds, self._spacing_seconds = 1.0, 0.0, 0.0
        self._last_call_at = self._not_before = float("-inf")

    @property
    def is_due(self) -> bool:
        """Whether the reply may grow now."""
        return self.wait_seconds < 1e-6

    @property
    def wait_seconds(self) -> float:
        """Seconds until the reply may grow."""
        return self._seconds_until(max(self._interval_seconds, self._share_seconds) * self._slowdown)

    @property
    def mandatory_wait_seconds(self) -> float:
        """Seconds until a call may be made that cannot be left out."""
        return self._seconds_until(self._spacing_seconds)

    def share_with(self, crowd: ActiveMessages) -> None:
        """Shares with those that are there."""
        self._share_seconds, self._spacing_seconds = self._compute_share(crowd), self._compute_spacing(crowd)

    def record_call(self) -> None:
        """A call went through."""
        self._slowdown = max(1.0, self._slowdown * self.RECOVERY_FACTOR)
        self._last_call_at = self._clock()

    def record_throttled(self, retry_after: float | None) -> None:
        """A call was one too many."""
        self._slowdown = min(self.MAX_SLOWDOWN_FACTOR, self._slowdown * self.SLOWDOWN_FACTOR)
        self._last_call_at = self._clock()
        self._not_before = self._last_call_at + (retry_after or 0.0)

    def _seconds_until(self, interval_seconds: float) -> float:
        return max(0.0, max(self._last_call_at + interval_seconds, self._not_before) - self._clock())
