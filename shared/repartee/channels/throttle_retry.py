"""A single call, which waits where the platform says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from repartee.errors import Throttled

T = TypeVar("T")

MAX_ATTEMPTS = 3

MAX_THROTTLE_WAIT_SECONDS = 20.0
"""Seconds that a platform may make the call wait. If it asks for more, the call has failed."""


def retry_throttled(call: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """Returns the result of the call. One that was refused because there were too many was not carried out,
    and is made again when the platform allows it."""
    for _ in range(MAX_ATTEMPTS - 1):
        try:
            return call()
        except Throttled as throttled:
            wait = throttled.retry_after or 1.0
            if wait > MAX_THROTTLE_WAIT_SECONDS:
                raise
            sleep(wait)
    return call()
