"""Times calls, alone and with others at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benches.support.tables import percentile

CALLS = {1: 200, 16: 800}
"""How many calls are timed, by the number of threads that make them."""

Call = Callable[[int], object]
"""A call; its argument is a number that no other call is given."""


def timed(call: Call, threads: int) -> dict[str, float]:
    """Return the milliseconds of a call, and its milliseconds of CPU."""

    def once(n: int) -> float:
        start = time.perf_counter()
        call(n)
        return (time.perf_counter() - start) * 1000

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(once, range(2 * threads)))
        cpu = time.process_time()
        took = list(pool.map(once, range(CALLS[threads])))
        cpu = (time.process_time() - cpu) * 1000 / len(took)
    return {
        "p50": round(percentile(took, 0.5), 2),
        "p95": round(percentile(took, 0.95), 2),
        "cpu": round(cpu, 2),
    }


def beside(name: str, theirs: Call, ours: Call) -> dict[str, Any]:
    """Return the milliseconds of a client's own call and of ours, made in turns."""
    took: dict[Call, list[float]] = {theirs: [], ours: []}
    for n in range(300):
        for call, times in took.items():
            start = time.perf_counter()
            call(n)
            times.append((time.perf_counter() - start) * 1000)
    client, adapter = (percentile(took[call][20:], 0.5) for call in (theirs, ours))
    return {
        "call": name,
        "client": round(client, 3),
        "ours": round(adapter, 3),
        "more": round(adapter - client, 3),
    }
