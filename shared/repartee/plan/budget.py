"""How much may be spent on calls that only make a run faster."""

from threading import Lock

_MOST_SAVED = 10.0


class HedgeBudget:
    """Bounds hedges to a share of the calls they could double, over all runs of a plan in this process.

    Every call earns its share of a hedge, and at most ten are saved up, so that an outage, when all
    calls are slow, does not find a fortune to spend on making it worse.
    """

    def __init__(self, share: float) -> None:
        self._share = share
        self._saved = 0.0
        self._lock = Lock()

    def earn(self) -> None:
        """A call was made that could be hedged."""
        with self._lock:
            self._saved = min(_MOST_SAVED, self._saved + self._share)

    def spend(self) -> bool:
        """Whether one more hedge may be made; if so it is paid."""
        with self._lock:
            if self._saved < 1.0:
                return False
            self._saved -= 1.0
            return True
