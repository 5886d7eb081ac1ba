"""A process whose threads are held by calls that never end is replaced."""

from __future__ import annotations

import json
from functools import cached_property
from threading import Event

import pytest

from repartee.plan import Pool, settle
from tests.support.memory_handlers import MemoryWiring


class Wearing(MemoryWiring):
    """Parts with a pool of one thread and one spare, whose end is only noted."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: list[int] = []
        self.exit_process = self.ended.append  # type: ignore[assignment]

    @cached_property
    def pool(self) -> Pool:
        return Pool(threads=1, spare_threads=1)


@pytest.fixture
def parts() -> Wearing:
    return Wearing()


def test_a_process_with_free_threads_stays(parts: Wearing) -> None:
    """Nothing is late: the next wake may come."""
    parts.exit_if_exhausted()

    assert parts.ended == []


def test_a_used_up_process_ends(parts: Wearing) -> None:
    """As many threads are late as there are spare ones: it ends, and the log says why."""
    hanging = Event()
    settle([hanging.wait], pool=parts.pool, default=None, timeout=0.05)

    parts.exit_if_exhausted()
    hanging.set()

    assert parts.ended == [1]
    assert json.loads(parts.log.getvalue().splitlines()[-1])["message"] == "process_used_up"
