"""The warm threads of a process, shared by its runs."""

from __future__ import annotations

from collections import deque
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Protocol
from weakref import WeakSet

from repartee.plan.breaker import Breakers
from repartee.plan.task import ResultQueue, Task, result_queue

if TYPE_CHECKING:
    from concurrent.futures import Executor

open_pools: WeakSet[Pool] = WeakSet()
"""The pools of this process, for ``run_main``."""


class TaskPool(Protocol):
    """The interface of a pool that a run needs. Tests put a pool on a virtual clock here."""

    breakers: Breakers

    def result_queue(self) -> ResultQueue:
        """Return a queue for the ended tasks of one run."""

    def submit(self, task: Task) -> bool:
        """Run the task in another thread; return false if none is available, so that the caller runs it."""

    def abandon(self, task: Task) -> None:
        """Stop waiting for the task: never start it, or replace the thread that it holds."""

    @property
    def saturated(self) -> bool:
        """Whether new tasks would only wait behind late ones."""

    @property
    def has_capacity(self) -> bool:
        """Whether a thread would take a new task at once."""


class Pool:
    """Runs tasks on a ``ThreadPoolExecutor`` of so many threads, and on a second one for spare threads.

    A thread cannot be stopped. When the task of one is abandoned, a spare thread replaces it, up to
    ``spare_threads``; then the pool is saturated and the process should be replaced. A status may use a spare
    thread too, so that it never takes one from the other steps.

    Any ``concurrent.futures.Executor`` can be given in place of either. It is handed ``threads`` (or
    ``spare_threads``) tasks at once at most and is never shut down by the pool. The interpreter waits for
    the threads of a ``ThreadPoolExecutor`` when it exits: a command whose steps may hang ends with
    ``run_main``.
    """

    def __init__(
        self,
        threads: int = 32,
        spare_threads: int = 32,
        *,
        breakers: Breakers | None = None,
        executor: Executor | None = None,
        spare_executor: Executor | None = None,
    ) -> None:
        self.threads = threads
        self.spare_threads = spare_threads
        self.breakers = breakers or Breakers()
        self._lock = Lock()
        self._main = _Lane(threads, executor)
        self._spare = _Lane(spare_threads, spare_executor)
        self._backlog: deque[Task] = deque()
        self._workers: set[int] = set()
        """The identifiers of the threads that run tasks now."""
        self._spare_tasks = 0
        """Tasks that may use a spare thread: statuses, and late tasks, whose threads are replaced."""
        self._late = 0
        self._closed = False
        open_pools.add(self)

    def result_queue(self) -> ResultQueue:
        """Return a queue for the ended tasks of one run."""
        return result_queue()

    @property
    def late(self) -> int:
        """How many threads are held by abandoned tasks."""
        return self._late

    @property
    def busy(self) -> int:
        """How many threads are running tasks, abandoned ones included."""
        return self._main.running + self._spare.running

    @property
    def exhausted(self) -> bool:
        """Whether as many threads are late as there are spare ones: the process should be replaced."""
        return 0 < self._late >= self.spare_threads

    @property
    def has_capacity(self) -> bool:
        """Whether a thread would take a new task at once."""
        return self.busy < self._allowed()

    @property
    def saturated(self) -> bool:
        """Whether late tasks hold all spare threads, and no other thread is free."""
        return self.exhausted and not self.has_capacity

    def submit(self, task: Task) -> bool:
        """Run the task in a thread; return false if none is available, so that the caller runs it."""
        with self._lock:
            self._spare_tasks += task.spare
            if self._closed or not self.has_capacity:
                return self._enqueue(task)
            lane = self._reserve()
        return self._start_worker(lane, task)

    def abandon(self, task: Task) -> None:
        """Stop waiting for the task: never start it, or replace the thread that it holds."""
        if task.cancel():
            return
        with self._lock:
            if task.finished or task.late:
                return
            task.late = True
            self._late += 1
            self._spare_tasks += not task.spare
            task.spare = True
            if self._closed or not self._backlog or not self.has_capacity:
                return
            waiting, lane = self._backlog.popleft(), self._reserve()
        if not self._start_worker(lane, waiting):
            self._backlog.append(waiting)

    def close(self) -> None:
        """Start no more threads, and let those of the pool's own executors end when they are idle."""
        with self._lock:
            self._closed = True
        self._main.close()
        self._spare.close()

    def _allowed(self) -> int:
        return self.threads + min(self._spare_tasks, self.spare_threads)

    def _reserve(self) -> _Lane:
        lane = self._main if self._main.running < self.threads else self._spare
        lane.running += 1
        return lane

    def _enqueue(self, task: Task) -> bool:
        """Keep the task for the next free thread, unless it could wait there for ever."""
        if self._would_deadlock():
            self._spare_tasks -= task.spare
            task.spare = False
            return False
        self._backlog.append(task)
        return True

    def _would_deadlock(self) -> bool:
        """Whether no running task is healthy, or the caller itself holds a thread of the pool."""
        return self.busy <= self._late or get_ident() in self._workers

    def _start_worker(self, lane: _Lane, task: Task) -> bool:
        start = Lock()
        try:
            lane.executor.submit(self._serve, lane, task, start)
        except RuntimeError:  # no thread can be started, or the interpreter is shutting down
            if not start.acquire(blocking=False):
                return True  # the executor had queued it all the same, and one of its threads has taken it
            with self._lock:
                lane.running -= 1
                return self._enqueue(task)
        return True

    def _serve(self, lane: _Lane, task: Task, start: Lock) -> None:
        """Run the task in a thread of the executor, and then those of the backlog."""
        if not start.acquire(blocking=False):
            return
        thread = get_ident()
        nested = thread in self._workers
        self._workers.add(thread)
        following: Task | None = task
        while following is not None:
            following.run()
            following = self._next_after(following, lane)
        if not nested:
            self._workers.discard(thread)

    def _next_after(self, done: Task, lane: _Lane) -> Task | None:
        """Return the worker's next task; ``None`` when there is none or more of them run than allowed."""
        with self._lock:
            done.finished = True
            self._late -= done.late
            self._spare_tasks -= done.spare
            if self._backlog and self.busy <= self._allowed():
                return self._backlog.popleft()
            lane.running -= 1
            return None


class _Lane:
    """An executor, and how many tasks the pool runs on it now."""

    __slots__ = ("_owned", "executor", "running")

    def __init__(self, threads: int, executor: Executor | None) -> None:
        self._owned = executor is None
        self.executor = executor or _thread_pool(threads)
        self.running = 0

    def close(self) -> None:
        if self._owned:
            self.executor.shutdown(wait=False)


def _thread_pool(threads: int) -> Executor:
    """Return the standard executor, imported on first use because it loads ``logging``."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max(1, threads), thread_name_prefix="repartee-plan")
