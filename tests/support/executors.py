"""Executors for tests."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from repartee.plan import Pool


class NoThreads(Executor):
    """An executor of a process in which no thread can be started."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        raise RuntimeError("can't start new thread")


def pool_without_threads() -> Pool:
    """Return a pool whose tasks all run in the caller's thread, one after another."""
    return Pool(executor=NoThreads(), spare_executor=NoThreads())
