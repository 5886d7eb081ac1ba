"""A clock that moves only when somebody waits, and a pool that works on it: no threads, no sleeps."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from queue import Empty

from repartee.plan.breaker import Breakers
from repartee.plan.task import Task

FOREVER_SECONDS = float("inf")


class VirtualTime:
    """Seconds since the world began. A step takes time by calling ``sleep``."""

    def __init__(self) -> None:
        self._now = 0.0
        self._slept = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._scheduled = 0
        self._inside = 0

    def clock(self) -> float:
        return self._now + self._slept

    def sleep(self, seconds: float) -> None:
        """Let time pass: a step's own, or, outside of steps, the world's."""
        if self._inside:
            self._slept += seconds
        else:
            self._now += seconds

    def measure_call(self, call: Callable[[], None]) -> float:
        """Make a call in no time, and tell how long it would have taken."""
        before, self._slept = self._slept, 0.0
        self._inside += 1
        call()
        self._inside -= 1
        slept, self._slept = self._slept, before
        return slept

    def schedule_after(self, seconds: float, event: Callable[[], None]) -> None:
        if seconds < FOREVER_SECONDS:
            self._scheduled += 1
            heappush(self._events, (self._now + seconds, self._scheduled, event))

    def advance_to_next(self, limit: float) -> bool:
        """Let the next event happen if it is due by then; if none is, it is then."""
        if self._events and self._events[0][0] <= limit:
            due, _, event = heappop(self._events)
            self._now = max(self._now, due)
            event()
            return True
        assert limit < FOREVER_SECONDS, "a thread waits for what will never happen"
        self._now = limit
        return False

    def run_due_events(self) -> None:
        while self._events and self._events[0][0] <= self._now:
            self.advance_to_next(self._now)


class VirtualQueue:
    """A queue at which a run waits; waiting moves the clock."""

    def __init__(self, time: VirtualTime) -> None:
        self._time = time
        self._here: deque[Task] = deque()

    def put(self, item: Task) -> None:
        self._time.schedule_after(self._time.clock() - self._time._now, lambda: self._here.append(item))

    def get(self, block: bool = True, timeout: float | None = None) -> Task:
        limit = FOREVER_SECONDS if timeout is None else self._time.clock() + timeout
        while not self._here:
            if not self._time.advance_to_next(limit):
                raise Empty
        return self._here.popleft()

    def empty(self) -> bool:
        self._time.run_due_events()
        return not self._here


class VirtualPool:
    """So many threads on a virtual clock, made up for without bound when their work is abandoned."""

    def __init__(self, time: VirtualTime, threads: int = 1000, breakers: Breakers | None = None) -> None:
        self.time = time
        self.breakers = breakers or Breakers()
        self.saturated = False
        self.threadless = False
        self.hand_overs = 0
        self._free = threads
        self._backlog: deque[Task] = deque()

    @property
    def has_capacity(self) -> bool:
        return self._free > 0

    def result_queue(self) -> VirtualQueue:
        return VirtualQueue(self.time)

    def submit(self, task: Task) -> bool:
        if self.threadless:
            return False
        if task.spare:
            self._start(task)
        else:
            self._backlog.append(task)
            self._work_off()
        return True

    def abandon(self, task: Task) -> None:
        if not task.cancel() and not task.finished and not task.spare:
            task.spare = True
            self._free += 1
            self._work_off()

    def _work_off(self) -> None:
        while self._free and self._backlog:
            self._start(self._backlog.popleft())

    def _start(self, task: Task) -> None:
        self.hand_overs += 1
        self._free -= not task.spare
        seconds = self.time.measure_call(task.run)
        self.time.schedule_after(seconds, lambda: self._finish(task))

    def _finish(self, task: Task) -> None:
        task.finished = True
        self._free += not task.spare
        self._work_off()
