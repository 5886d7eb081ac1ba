"""The sign that somebody types, for as long as a reply is on its way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from repartee.errors import BackendError

AFTER_A_PART = 1.0
"""Seconds after a message of ours, which puts the sign out, until it is shown again."""

LONGEST = 240.0
"""Seconds that a turn takes at the most. Afterwards nobody types any more, whatever became of it."""

MOST = 200
"""Messages of which it is known whether they were answered, lest a late status shows somebody typing."""

After = Callable[[float, Callable[[], None]], Callable[[], object]]
"""Does something after so many seconds, and gives what calls it off."""


def in_a_thread(seconds: float, work: Callable[[], None]) -> Callable[[], object]:
    """`After` on a thread of its own."""
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    with suppress(RuntimeError):  # no thread can be started: the sign goes out, and nothing is lost
        timer.start()
    return timer.cancel


class Signs:
    """The signs that are up, by the messages that are answered. By itself a sign goes out some seconds after
    `every`, when it is shown again."""

    def __init__(self, every: float, clock: Callable[[], float], after: After) -> None:
        self._every, self._clock, self._after = every, clock, after
        self._signs: dict[str, Typing] = {}

    def on(self, message: str, show: Callable[[], None]) -> Typing:
        """The sign on a message, which `show` puts up."""
        if message not in self._signs:
            for old in list(self._signs)[: max(0, len(self._signs) - MOST)]:
                self._signs.pop(old, None)
            self._signs[message] = Typing(show, self._every, self._clock, self._after)
        return self._signs[message]


class Typing:
    """The sign on one message. Owns when it was shown last, and when it is shown next."""

    def __init__(
        self, show: Callable[[], None], every: float, clock: Callable[[], float], after: After
    ) -> None:
        self._show, self._every, self._clock, self._after = show, every, clock, after
        self._lock = threading.Lock()
        self._call_off: Callable[[], object] = lambda: None
        self._until = clock() + LONGEST
        self._last = float("-inf")
        self._over = False

    def show(self) -> None:
        """Shows it, if it was not shown a moment ago, and keeps it up. Raises `BackendError`."""
        if not self._over and self._clock() - self._last >= self._every / 4:
            self._last = self._clock()
            self._next(self._every)
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
            self._next(self._every)
            with suppress(BackendError):
                self._show()
