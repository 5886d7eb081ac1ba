"""The sign that the assistant types, for as long as a reply is on its way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from repartee.errors import BackendError

RESHOW_AFTER_MESSAGE_SECONDS = 1.0
"""Seconds after a message of ours, which puts the sign out, until it is shown again."""

MAX_TYPING_SECONDS = 240.0
"""Seconds that a turn takes at the most. Afterwards nobody types any more, whatever became of it."""

MAX_TRACKED_MESSAGES = 200
"""Messages of which it is known whether they were answered, lest a late status shows the assistant typing."""

ScheduleAfter = Callable[[float, Callable[[], None]], Callable[[], object]]
"""Does something after so many seconds, and gives what calls it off."""


def schedule_in_thread(seconds: float, work: Callable[[], None]) -> Callable[[], object]:
    """`After` on a thread of its own."""
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    with suppress(RuntimeError):  # no thread can be started: the sign goes out, and nothing is lost
        timer.start()
    return timer.cancel


class TypingIndicators:
    """The signs that are up, by the messages that are answered. By itself a sign goes out some seconds after
    `every`, when it is shown again."""

    def __init__(
        self, interval_seconds: float, clock: Callable[[], float], schedule_after: ScheduleAfter
    ) -> None:
        self._interval_seconds, self._clock, self._schedule_after = interval_seconds, clock, schedule_after
        self._indicators: dict[str, TypingIndicator] = {}

    def indicator_for(self, message: str, show: Callable[[], None]) -> TypingIndicator:
        """The sign on a message, which `show` puts up."""
        if message not in self._indicators:
            for old in list(self._indicators)[: max(0, len(self._indicators) - MAX_TRACKED_MESSAGES)]:
                self._indicators.pop(old, None)
            self._indicators[message] = TypingIndicator(
                show, self._interval_seconds, self._clock, self._schedule_after
            )
        return self._indicators[message]


class TypingIndicator:
    """The sign on one message. Owns when it was shown last, and when it is shown next."""

    def __init__(
        self,
        show: Callable[[], None],
        interval_seconds: float,
        clock: Callable[[], float],
        schedule_after: ScheduleAfter,
    ) -> None:
        self._show, self._interval_seconds, self._clock, self._schedule_after = (
            show,
            interval_seconds,
            clock,
            schedule_after,
        )
        self._lock = threading.Lock()
        self._cancel_timer: Callable[[], object] = lambda: None
        self._until = clock() + MAX_TYPING_SECONDS
        self._last_shown_at = float("-inf")
        self._stopped = self._paused = False

    def show(self) -> None:
        """Shows it, if it was not shown a moment ago, and keeps it up. Raises `BackendError`."""
        if not self._stopped and self._clock() - self._last_shown_at >= self._interval_seconds / 4:
            self._last_shown_at = self._clock()
            self._paused = False
            self._schedule(self._interval_seconds)
            self._show()

    def schedule_reshow(self) -> None:
        """A message of ours has put it out, and there is more to come."""
        self._schedule(RESHOW_AFTER_MESSAGE_SECONDS)

    def pause(self) -> None:
        """Shows it no more until it is asked for again: the turn has ended, and another may take it up."""
        with self._lock:
            self._paused = True
            self._cancel_timer()

    def stop(self) -> None:
        """Shows it no more. It goes out with the reply, or by itself."""
        with self._lock:
            self._stopped = True
            self._cancel_timer()

    def _schedule(self, seconds: float) -> None:
        with self._lock:
            self._cancel_timer()
            if not (self._stopped or self._paused):
                self._cancel_timer = self._schedule_after(seconds, self._show_again)

    def _show_again(self) -> None:
        if not (self._stopped or self._paused) and self._clock() < self._until:
            self._last_shown_at = self._clock()
            self._schedule(self._interval_seconds)
            with suppress(BackendError):
                self._show()
