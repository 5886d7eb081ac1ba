"""When an event is tried again, and when it is given up."""

from __future__ import annotations

from collections.abc import Callable

FIRST_DELAY_SECONDS = 5.0
DELAY_FACTOR = 4.0
MAX_DELAY_SECONDS = 3 * 3600.0
"""Seconds between two attempts, at the most: 5 s, 20 s, 80 s, 5, 21 and 85 minutes, then three hours."""

MAX_ASKED_DELAY_SECONDS = 12 * 3600.0
"""Seconds for which a receiver may ask not to be called (Retry-After)."""

GIVE_UP_SECONDS = 24 * 3600.0
"""Seconds after which an event is given up that no attempt has delivered."""

MAX_EXPONENT_NUMBER = 8


def delay_seconds(failures: int, asked: float, uniform: Callable[[float, float], float]) -> float:
    """Returns the seconds until the next attempt, after so many in vain, spread so that conversations do not
    come together; no earlier than the receiver `asked`."""
    exponent = min(failures - 1, MAX_EXPONENT_NUMBER)
    most = min(FIRST_DELAY_SECONDS * DELAY_FACTOR**exponent, MAX_DELAY_SECONDS)
    delay = uniform(most / 2, most)
    return max(delay, min(asked, MAX_ASKED_DELAY_SECONDS))
