"""The failures in a row of a backend, and what follows from them: leave it alone, or try it."""

from __future__ import annotations

import msgspec

MIN_FAILURES = 3
"""Failures in a row, of whichever workers, from which on a backend is down."""

COOLDOWN_SECONDS = 10.0
"""Seconds after the last failure for which a backend that is down is left alone. Then one worker tries it."""

PROBE_SECONDS = 40.0
"""Seconds that the worker has that tries it: more than a model may be silent. Then another one tries."""

FORGOTTEN_AFTER_SECONDS = 300.0
"""Seconds after which failures are forgotten: more than there are between two tries of a turn."""


class BackendFailures(msgspec.Struct, frozen=True, kw_only=True):
    """The failures of a backend in a row: how many, the first and the last, before when the backend itself
    asks to be left alone, and until when a worker tries it. Times are seconds since the epoch; `first_at` is
    0 where it is not known."""

    count: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    retry_at: float = 0.0
    probed_until: float = 0.0

    def is_down(self, now: float) -> bool:
        """Whether the backend is to be tried by one worker alone, if by any."""
        return self.count >= MIN_FAILURES and now < max(self.retry_at, self.last_at + FORGOTTEN_AFTER_SECONDS)

    def seconds_to_probe(self, now: float) -> float:
        """Returns the seconds until a worker may try a backend that is down, 0 if one may now."""
        return max(0.0, self.next_probe_at - now)

    @property
    def next_probe_at(self) -> float:
        """When a worker may try the backend, if it is down."""
        return max(self.last_at + COOLDOWN_SECONDS, self.retry_at, self.probed_until)
