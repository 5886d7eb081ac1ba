"""Limits the calls that only make a run faster."""

from threading import Lock

_MAX_SAVED_HEDGES = 10.0


class HedgeBudget:
    """Limits hedges to a share of the calls that they could double, over all runs of a plan in this process.

    Every such call earns its share of a hedge. At most ten hedges are saved up, so that an outage, when all
    calls are slow, is not made worse by many extra calls.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._saved = 0.0
        self._lock = Lock()

    def earn(self) -> None:
        """Add one call's share to the budget."""
        with self._lock:
            self._saved = min(_MAX_SAVED_HEDGES, self._saved + self._share)

    def spend(self) -> bool:
        """Pay for one hedge; return whether the budget allowed it."""
        with self._lock:
            if self._saved < 1.0:
                return False
            self._saved -= 1.0
            return True
