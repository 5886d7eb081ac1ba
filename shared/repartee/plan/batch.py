"""Independent calls that run at the same time, and their outcomes as they end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import Empty
from typing import Any, Generic, TypeVar

from repartee.plan import deadline
from repartee.plan.deadline import Clock
from repartee.plan.errors import Saturated, StepLate
from repartee.plan.outcome import Outcome
from repartee.plan.policy import REQUIRED
from repartee.plan.pool import TaskPool
from repartee.plan.step import name_of
from repartee.plan.task import Task

T = TypeVar("T")
Call = Callable[[], T]


class NamedCall(Generic[T]):
    """A call with a name for its outcome, and a default that replaces its result when it fails or is late.

    Without a name it has the function's own; without a default that of the whole list, if there is one.
    """

    __slots__ = ("default", "function", "name")

    def __init__(self, function: Call[T], name: str = "", *, default: Any = REQUIRED) -> None:
        self.function = function
        self.name = name
        self.default = default

    def __call__(self) -> T:
        return self.function()

    @classmethod
    def of(cls, call: Call[T], default: Any = REQUIRED) -> NamedCall[T]:
        """Return the call with a name and a default; its own go before these."""
        if not isinstance(call, NamedCall):
            return cls(call, default=default)
        return cls(call.function, call.name, default=default if call.default is REQUIRED else call.default)

    @property
    def label(self) -> str:
        """The name of its outcome."""
        function = self.function.func if isinstance(self.function, partial) else self.function
        return self.name or name_of(function)

    def failed(self, error: BaseException, start: float, end: float, reason: str) -> Outcome:
        """Return the outcome of an error: a fallback if there is a default."""
        if self.default is REQUIRED:
            return Outcome(self.label, "failed", None, error, start, end, 1, reason=reason)
        return Outcome(self.label, "fallback", self.default, error, start, end, 1, reason=reason)


class CallBatch:
    """Starts calls in their order, and yields their outcomes as they end."""

    def __init__(
        self,
        calls: Iterable[Call[Any]],
        pool: TaskPool,
        timeout: float | None,
        clock: Clock,
        default: Any = REQUIRED,
    ) -> None:
        self._calls = enumerate(calls)
        self._pool = pool
        self._timeout = timeout
        self._clock = clock
        self._default = default
        self._origin = clock()
        self._limit = deadline.current_instant(clock)
        self._context = copy_context()
        self._results = pool.result_queue()
        self._running: dict[int, Task] = {}
        self._with_deadline: deque[Task] = deque()
        self._ended: deque[Task] = deque()
        self.yielded = 0
        """How many outcomes its user has passed on; only needed with ``calls_ahead``."""

    def __enter__(self) -> CallBatch:
        return self

    def __exit__(self, *_: object) -> None:
        for task in self._running.values():
            self._pool.abandon(task)
        self._running.clear()

    def outcomes(
        self, max_concurrency: int | None, calls_ahead: int | None = None
    ) -> Iterator[tuple[int, Outcome]]:
        """Yield each call's index and outcome as it ends; start at most ``calls_ahead`` past ``yielded``."""
        if max_concurrency is not None and max_concurrency < 1:
            raise ValueError("max_concurrency is at least 1, or None for as many as there are threads")
        begun, more = 0, True
        while more or self._running:
            while (
                more
                and _below(len(self._running), max_concurrency)
                and _below(begun - self.yielded, calls_ahead)
            ):
                more = self._start_next()
                begun += 1
            if self._running:
                yield self._next_result()

    def _start_next(self) -> bool:
        """Start the next call; return false if there is none."""
        index, call = next(self._calls, (0, None))
        if call is None:
            return False
        task = self._task(index, call)
        self._running[index] = task
        if task.deadline is not None:
            self._with_deadline.append(task)
        if self._pool.saturated:
            task.cancel()
            task.error = Saturated("late tasks hold every thread")
            self._ended.append(task)
        elif not self._pool.submit(task):
            task.run_in_caller()
        return True

    def _task(self, index: int, call: Call[Any]) -> Task:
        return Task(
            call,
            owner=(index, NamedCall.of(call, self._default)),
            results=self._results,
            context=self._context.copy(),
            clock=self._clock,
            deadline=deadline.earliest(self._clock(), self._timeout, self._limit),
        )

    def _next_result(self) -> tuple[int, Outcome]:
        """Wait for the next call that ends or is late. A result that is here counts, even if it is late."""
        while True:
            while not self._results.empty():
                self._ended.append(self._results.get())
            oldest = self._next_due()
            left = None if oldest is None or oldest.deadline is None else oldest.deadline - self._clock()
            if oldest is not None and left is not None and left <= 0 and oldest not in self._ended:
                self._pool.abandon(oldest)
                late = StepLate(f"{oldest.owner[1].label} had not ended when its time was over")
                return self._outcome(oldest, late)
            if self._ended:
                task = self._ended.popleft()
                if task.owner[0] in self._running:
                    return self._outcome(task, task.error)
            else:
                with suppress(Empty):
                    self._ended.append(self._results.get(timeout=left))

    def _next_due(self) -> Task | None:
        """Return the running call whose deadline is next; ``None`` if calls have none."""
        while self._with_deadline and self._with_deadline[0].owner[0] not in self._running:
            self._with_deadline.popleft()
        return self._with_deadline[0] if self._with_deadline else None

    def _outcome(self, task: Task, error: BaseException | None) -> tuple[int, Outcome]:
        index, named = task.owner
        del self._running[index]
        start, now = task.begin - self._origin, self._clock() - self._origin
        if error is None:
            return index, Outcome(named.label, "ok", task.value, None, start, now, 1)
        error.add_note(f"in call {index}, {named.label}")
        return index, named.failed(error, start, now, _reason(error))


def _below(count: int, maximum: int | None) -> bool:
    return maximum is None or count < maximum


def _reason(error: BaseException) -> str:
    if isinstance(error, StepLate):
        return "timeout"
    return "saturated" if isinstance(error, Saturated) else "error"
