"""What a run waits for: work that ended, and timers that fall due. One queue, one heap, one thread."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from queue import Empty

from repartee.plan.deadline import Clock
from repartee.plan.progress import Progress
from repartee.plan.work import Mailbox, Work

Act = Callable[[Progress], None]


class Loop:
    """Hands ended work and due timers to the run. Times are the clock's own."""

    def __init__(self, mailbox: Mailbox, clock: Clock, arrived: Callable[[Work], None]) -> None:
        self._mailbox = mailbox
        self._clock = clock
        self._arrived = arrived
        self._timers: list[tuple[float, int, Act, Progress]] = []
        self._set = 0

    def at(self, instant: float, act: Act, step: Progress) -> None:
        """Have this done at that time, unless the step has ended by then."""
        self._set += 1
        heappush(self._timers, (instant, self._set, act, step))

    def turn(self, *, wait: bool) -> None:
        """Everything that is due now; if ``wait``, after waiting until something is.

        Work that has ended goes before timers: what is here counts, even if a second late.
        """
        work = self._next() if wait else None
        if work is not None:
            self._arrived(work)
        while not self._mailbox.empty():
            self._arrived(self._mailbox.get())
        self._fire()

    def _next(self) -> Work | None:
        self._forget()
        timeout = max(0.0, self._timers[0][0] - self._clock()) if self._timers else None
        try:
            return self._mailbox.get(timeout=timeout)
        except Empty:
            return None

    def _forget(self) -> None:
        while self._timers and self._timers[0][3].ended:
            heappop(self._timers)

    def _fire(self) -> None:
        now = self._clock()
        while self._timers and self._timers[0][0] <= now:
            _, _, act, step = heappop(self._timers)
            if not step.ended:
                act(step)
