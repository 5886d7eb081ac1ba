"""An executor with nothing but threads and a lock for each: the cheapest that a pool can run on.

It has no futures, no queue and no shutdown. It shows what the standard executor costs beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from threading import Lock, Thread
from typing import Any

Work = Callable[[], object]


class BareThreads(Executor):
    """Hands each call to an idle thread, and starts one when none is."""

    def __init__(self) -> None:
        self._idle: list[_Worker] = []
        self._future: Future[Any] = Future()
        """The one future that every call returns: the pool does not read it."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = _Worker()
            Thread(target=self._serve, args=(worker,), daemon=True).start()
        worker.hand(lambda: call(*args, **named))
        return self._future

    def _serve(self, worker: _Worker) -> None:
        while True:
            worker.wait()()
            self._idle.append(worker)


class _Worker:
    """Where one thread waits for its next call: a lock that is released when there is one."""

    def __init__(self) -> None:
        self._gate = Lock()
        self._gate.acquire()
        self._work: Work = lambda: None

    def hand(self, work: Work) -> None:
        self._work = work
        self._gate.release()

    def wait(self) -> Work:
        self._gate.acquire()
        return self._work
