"""The sign that somebody types, for as long as a reply is on its way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from repartee.errors import BackendError

EVERY = 20.0
"""Seconds after which the sign is shown again: by itself it goes out after 25."""

AFTER_A_PART = 1.0
"""Seconds after a message of ours, which puts the sign out, until it is shown again."""

FRESH = 5.0
"""Seconds in which it is not shown a second time."""

LONGEST = 240.0
"""Seconds that a turn takes at the most. Afterwards nobody types any more, whatever became of it."""

After = Callable[[float, Callable[[], None]], Callable[[], object]]
"""Does something after so many seconds, and gives what calls it off."""


def in_a_thread(seconds: float, work: Callable[[], None]) -> Callable[[], object]:
    """`After` on a thread of its own."""
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    with suppress(RuntimeError):  # no thread can be started: the sign goes out, and nothing is lost
        timer.start()
    return timer.cancel


class Typing:
    """The sign on one message. Owns when it was shown last, and when it is shown next."""

    def __init__(self, show: Callable[[], None], clock: Callable[[], float], after: After) -> None:
        self._show, self._clock, self._after = show, clock, after
        self._lock = threading.Lock()
        self._call_off: Callable[[], object] = lambda: None
        self._until = clock() + LONGEST
        self._last = float("-inf")
        self._over = False

    def show(self) -> None:
        """Shows it, and keeps it up. Raises `BackendError`."""
        if not self._over and self._clock() - self._last >= FRESH:
            self._last = self._clock()
            self._next(EVERY)
            self._show()

    def part_sent(self) -> None:
        """A message of ours has put it out, and there is more to come."""
        self._next(AFTER_A_PART)

    def end(self) -> None:
        """Shows it no more. It goes out with the reply, or by itself."""
        with self._lock:
            self._over = True
            self._call_off()

    def _next(self, seconds: float) -> None:
        with self._lock:
            self._call_off()
            if not self._over:
                self._call_off = self._after(seconds, self._again)

    def _again(self) -> None:
        if not self._over and self._clock() < self._until:
            self._last = self._clock()
            self._next(EVERY)
            with suppress(BackendError):
                self._show()
