"""Ten thousand turns of the coach in one process: what it has in memory before and after, and CPU a turn.

The whole way of a message is taken: claim, plan, reply as server-sent events, duties, close, remember. Stores
are those in memory that the tests use, emptied as it goes, so that what grows is the process's own.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benches.bars import bar, bar_rows
from benches.coach_labels import messages
from benches.tables import table as drawn

ROOT = Path(__file__).parents[2]
TURNS, WARM = 10_000, 500
MEGABYTES = 12.0
"""By how much the process may have grown after all turns, for what allocators keep."""


def measure() -> dict[str, Any]:
    """All figures; some minutes."""
    sys.path.insert(0, str(ROOT))  # the stores in memory are the tests'
    from benches.soaked import Soaked

    soaked = Soaked()
    texts = itertools.cycle(one.text for one in messages())
    with _quiet():
        _turns(soaked, texts, WARM)
        before, cpu, began = _resident(), time.process_time(), time.perf_counter()
        _turns(soaked, texts, TURNS)
        cpu_ms = 1000 * (time.process_time() - cpu) / TURNS
        seconds, after = time.perf_counter() - began, _resident()
    bars = [
        bar("grown over all turns, MB", after - before, MEGABYTES),
        bar("CPU a turn, stream included, ms", cpu_ms, 20.0),
        bar("turns that failed", soaked.failed, 0),
    ]
    return {
        "turns": TURNS,
        "seconds": round(seconds, 1),
        "before_mb": round(before, 1),
        "after_mb": round(after, 1),
        "most_mb": round(_most(), 1),
        "cpu_ms_a_turn": round(cpu_ms, 2),
        "bars": bars,
    }


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    rows = [(name, f"{value:g}") for name, value in result.items() if name != "bars"]
    return "\n\n".join((drawn(("", ""), rows), drawn(("bar", "measured", "allowed", ""), bar_rows(result))))


def _turns(soaked: Any, texts: Iterator[str], count: int) -> None:
    for number in range(count):
        soaked.answer(number, next(texts))
        if number % 100 == 99:
            soaked.empty()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Metrics and logs go nowhere."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def _resident() -> float:
    """Megabytes that the process has now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _most() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
