"""A process whose threads are held by calls that never end is replaced."""

from __future__ import annotations

import json
from threading import Event

import pytest

from repartee.plan import Pool, settle
from repartee.wiring import process
from tests.support.memory_handlers import MemoryWiring


class Wearing(MemoryWiring):
    """Parts with a pool of one thread and one spare, whose end is only noted."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: list[int] = []
        self.pool = Pool(threads=1, spare_threads=1)
        self.put(process.pool, self.pool)
        self.put(process.exit_process, self.ended.append)


@pytest.fixture
def parts() -> Wearing:
    return Wearing()


def test_a_process_with_free_threads_stays(parts: Wearing) -> None:
    """Nothing is late: the next wake may come."""
    process.exit_if_exhausted(parts)

    assert parts.ended == []


def test_a_used_up_process_ends(parts: Wearing) -> None:
    """As many threads are late as there are spare ones: it ends, and the log says why."""
    hanging = Event()
    settle([hanging.wait], pool=parts.pool, default=None, timeout=0.05)

    process.exit_if_exhausted(parts)
    hanging.set()

    assert parts.ended == [1]
    assert json.loads(parts.log.getvalue().splitlines()[-1])["message"] == "process_used_up"
