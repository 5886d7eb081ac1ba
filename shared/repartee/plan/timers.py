"""The event loop of a run: tasks that ended, and timers that are due. One queue, one heap, one thread."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from queue import Empty

from repartee.plan.deadline import Clock
from repartee.plan.step_state import StepState
from repartee.plan.task import ResultQueue, Task

Callback = Callable[[StepState], None]


class EventLoop:
    """Calls back for ended tasks and due timers. Times are instants of the clock."""

    def __init__(self, results: ResultQueue, clock: Clock, on_result: Callable[[Task], None]) -> None:
        self._results = results
        self._clock = clock
        self._on_result = on_result
        self._timers: list[tuple[float, int, Callback, StepState]] = []
        self._timer_count = 0

    def call_at(self, instant: float, callback: Callback, step: StepState) -> None:
        """Call back at that instant, unless the step has ended by then."""
        self._timer_count += 1
        heappush(self._timers, (instant, self._timer_count, callback, step))

    def run_once(self, *, wait: bool) -> None:
        """Handle everything that is due now; if ``wait``, wait first until something is.

        Ended tasks go before timers: a result that is here counts, even if it is a second late.
        """
        task = self._next_result() if wait else None
        if task is not None:
            self._on_result(task)
        self.take_results()
        self._run_due_timers()

    def take_results(self) -> None:
        """Handle the tasks that have ended by now."""
        while not self._results.empty():
            self._on_result(self._results.get())

    def _next_result(self) -> Task | None:
        self._drop_timers_of_ended_steps()
        timeout = max(0.0, self._timers[0][0] - self._clock()) if self._timers else None
        try:
            return self._results.get(timeout=timeout)
        except Empty:
            return None

    def _drop_timers_of_ended_steps(self) -> None:
        while self._timers and self._timers[0][3].ended:
            heappop(self._timers)

    def _run_due_timers(self) -> None:
        now = self._clock()
        while self._timers and self._timers[0][0] <= now:
            _, _, callback, step = heappop(self._timers)
            if not step.ended:
                callback(step)
