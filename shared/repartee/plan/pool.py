"""The warm threads of a process, and what its runs share."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock, Thread, get_ident
from typing import Protocol

from repartee.plan.breaker import Breakers
from repartee.plan.work import Mailbox, Work, mailbox


class Executor(Protocol):
    """What a run asks of the pool: the seam where tests put a virtual clock."""

    breakers: Breakers

    def mailbox(self) -> Mailbox:
        """A mailbox for one run's work."""

    def submit(self, work: Work) -> bool:
        """Have the work run by another thread; false if none can be had, and the caller must do it."""

    def abandon(self, work: Work) -> None:
        """Nobody waits for this work any more: never start it, or make up for the thread it holds."""

    @property
    def saturated(self) -> bool:
        """Whether new work would only wait behind work that is late."""

    @property
    def roomy(self) -> bool:
        """Whether a thread would take new work at once."""


class Pool:
    """Threads that stay warm, made when first needed, up to ``threads`` of them.

    A thread cannot be stopped. One whose work was abandoned is made up for by a new one, up to
    ``spare`` of them; past that the pool is saturated and the process should be replaced. A status
    has a spare thread too, so that it never takes one from the work. The threads are daemons: the
    process's exit does not wait for them.

    It is no ``ThreadPoolExecutor``, because that makes up for no stuck thread, joins its threads at
    exit, and costs a third more processor time for the same plan (``scripts/bench engine`` shows both).
    """

    def __init__(
        self,
        threads: int = 32,
        spare: int = 32,
        *,
        breakers: Breakers | None = None,
        start_thread: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self.threads = threads
        self.spare = spare
        self.breakers = breakers or Breakers()
        self._start_thread = start_thread or _start_daemon
        self._lock = Lock()
        self._idle: list[_Worker] = []
        self._backlog: deque[Work] = deque()
        self._idents: set[int] = set()
        self._live = 0
        self._extra = 0
        self._late = 0
        self._closed = False

    def mailbox(self) -> Mailbox:
        """A mailbox for one run's work."""
        return mailbox()

    @property
    def late(self) -> int:
        """Threads held by work that nobody waits for any more."""
        return self._late

    @property
    def busy(self) -> int:
        """Threads at work, late ones included."""
        return self._live - len(self._idle)

    @property
    def wants_replacement(self) -> bool:
        """Whether so many threads are late that the process should be replaced."""
        return 0 < self._late >= self.spare

    @property
    def roomy(self) -> bool:
        """Whether a thread would take new work at once."""
        return bool(self._idle) or self._live < self._allowed()

    @property
    def saturated(self) -> bool:
        """Whether all the spare threads are used up by late work, and none is free."""
        return self.wants_replacement and not self.roomy

    def submit(self, work: Work) -> bool:
        """Have the work run by a thread; false if none can be had, and the caller must do it."""
        with self._lock:
            self._extra += work.extra
            if self._idle:
                self._idle.pop().hand(work)
                return True
            if self._live < self._allowed() and not self._closed:
                self._live += 1
            elif self._nobody_comes():
                self._extra -= work.extra
                return False
            else:
                self._backlog.append(work)
                return True
        return self._hire(work)

    def abandon(self, work: Work) -> None:
        """Nobody waits for this work any more: never start it, or make up for the thread it holds."""
        if work.withdraw():
            return
        with self._lock:
            if work.finished or work.late:
                return
            work.late = True
            self._late += 1
            self._extra += not work.extra
            work.extra = True
            hiring = bool(self._backlog) and self._live < self._allowed()
            next_one = self._backlog.popleft() if hiring else None
            self._live += hiring
        if next_one is not None and not self._hire(next_one):
            self._backlog.append(next_one)

    def close(self) -> None:
        """Let the threads go as they become idle. Needed in tests alone: exit waits for none of them."""
        with self._lock:
            self._closed = True
            while self._idle:
                self._live -= 1
                self._idle.pop().hand(None)

    def _allowed(self) -> int:
        return self.threads + min(self._extra, self.spare)

    def _nobody_comes(self) -> bool:
        """Whether queued work could wait for ever: no thread is healthy, or the asker may be the last one."""
        return self._live <= self._late or get_ident() in self._idents

    def _hire(self, work: Work) -> bool:
        worker = _Worker()
        worker.hand(work)
        try:
            self._start_thread(lambda: self._serve(worker))
        except RuntimeError:
            return self._not_hired(work)
        return True

    def _not_hired(self, work: Work) -> bool:
        with self._lock:
            self._live -= 1
            if self._idle:
                self._idle.pop().hand(work)
            elif self._nobody_comes():
                self._extra -= work.extra
                work.extra = False
                return False
            else:
                self._backlog.append(work)
        return True

    def _serve(self, worker: _Worker) -> None:
        self._idents.add(get_ident())
        work = worker.wait()
        while work is not None:
            work.run()
            work = self._after(work, worker) or worker.wait()
        self._idents.discard(get_ident())

    def _after(self, done: Work, worker: _Worker) -> Work | None:
        """What the worker does next; it is told to leave when there are more of them than allowed."""
        with self._lock:
            done.finished = True
            self._late -= done.late
            self._extra -= done.extra
            if self._closed or self._live > self._allowed():
                self._live -= 1
                worker.hand(None)
            elif self._backlog:
                return self._backlog.popleft()
            else:
                self._idle.append(worker)
            return None


class _Worker:
    """Where one thread waits for its next work: a lock that is released when there is some."""

    __slots__ = ("_gate", "_work")

    def __init__(self) -> None:
        self._gate = Lock()
        self._gate.acquire()
        self._work: Work | None = None

    def hand(self, work: Work | None) -> None:
        self._work = work
        self._gate.release()

    def wait(self) -> Work | None:
        self._gate.acquire()
        return self._work


def _start_daemon(serve: Callable[[], None]) -> None:
    Thread(target=serve, name="repartee-plan", daemon=True).start()
