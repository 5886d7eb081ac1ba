"""One call on its way through a thread."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from queue import SimpleQueue
from threading import Lock
from typing import Any, Protocol

from repartee.plan import deadline
from repartee.plan.deadline import Clock


class ResultQueue(Protocol):
    """Holds tasks that ended: a ``queue.SimpleQueue``, or its replacement on a virtual clock."""

    def put(self, item: Task) -> None:
        """Add a task that ended."""

    def get(self, block: bool = True, timeout: float | None = None) -> Task:
        """Return the next task that ended; ``queue.Empty`` when none did within ``timeout`` seconds."""

    def empty(self) -> bool:
        """Return whether no task is there now."""


def result_queue() -> ResultQueue:
    """Return a new, empty queue."""
    return SimpleQueue()


class Task:
    """A call that is made at most once, by the first thread that claims it.

    Its submitter may cancel it until then. The ended task is put once into the queue that it was given. A
    late task ends in a queue that is no longer read; that is how its result is dropped.
    """

    __slots__ = (
        "_call", "_cancelled", "_claim", "_clock", "_context", "_results",
        "begin", "deadline", "end", "error", "finished", "late", "owner", "probe", "spare", "value",
    )  # fmt: skip

    def __init__(
        self,
        call: Callable[[], Any],
        *,
        owner: Any,
        results: ResultQueue,
        context: Context,
        clock: Clock,
        deadline: float | None = None,
        spare: bool = False,
    ) -> None:
        self._call = call
        self._cancelled = False
        self._claim = Lock()
        self._clock = clock
        self._context = context
        self._results = results
        self.owner = owner
        self.deadline = deadline
        """The deadline that the call sees, as an instant of the clock."""
        self.begin = clock()
        self.end: float | None = None
        self.value: Any = None
        self.error: BaseException | None = None
        self.probe = False
        """Whether a breaker waits for the result of this very call."""
        self.spare = spare
        """Whether it may use a spare thread. Only the pool writes this and the next two."""
        self.late = False
        self.finished = False

    def run(self) -> None:
        """Make the call and put the task into its queue; do nothing if it was claimed before."""
        if not self._claim.acquire(blocking=False):
            return
        try:
            self.value = self._context.run(self._call_with_deadline)
        except BaseException as error:  # noqa: BLE001 - no error of a step may end its thread
            self.error = error
        self.end = self._clock()
        self._results.put(self)

    def run_in_caller(self) -> None:
        """Make the call in the caller's own thread, because no other is available."""
        self.run()
        self.finished = True

    def cancel(self) -> bool:
        """Make sure that the call is never started; return false if it was already."""
        self._cancelled = self._cancelled or self._claim.acquire(blocking=False)
        return self._cancelled

    def _call_with_deadline(self) -> Any:
        if self.deadline is not None:
            deadline.set_current(self.deadline, self._clock)
        return self._call()
