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

from benches.support.bars import bar_rows, check_bar
from benches.support.coach_labels import load_messages
from benches.support.tables import render_table as drawn

ROOT = Path(__file__).parents[2]
TURN_COUNT, WARM_UP_TURNS = 10_000, 500
MAX_GROWTH_MEGABYTES = 12.0
"""By how much the process may have grown after all turns, for what allocators keep."""


def measure() -> dict[str, Any]:
    """Returns all figures; some minutes."""
    sys.path.insert(0, str(ROOT))  # the stores in memory are the tests'
    from benches.support.soak_wiring import SoakWiring

    soaked = SoakWiring()
    texts = itertools.cycle(one.text for one in load_messages())
    with _silence_output():
        _run_turns(soaked, texts, WARM_UP_TURNS)
        before, cpu, began = _resident_megabytes(), time.process_time(), time.perf_counter()
        _run_turns(soaked, texts, TURN_COUNT)
        cpu_ms = 1000 * (time.process_time() - cpu) / TURN_COUNT
        seconds, after = time.perf_counter() - began, _resident_megabytes()
    bars = [
        check_bar("grown over all turns, MB", after - before, MAX_GROWTH_MEGABYTES),
        check_bar("CPU a turn, stream included, ms", cpu_ms, 20.0),
        check_bar("turns that failed", soaked.failed, 0),
    ]
    return {
        "turns": TURN_COUNT,
        "seconds": round(seconds, 1),
        "before_mb": round(before, 1),
        "after_mb": round(after, 1),
        "most_mb": round(_peak_megabytes(), 1),
        "cpu_ms_a_turn": round(cpu_ms, 2),
        "bars": bars,
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    rows = [(name, f"{value:g}") for name, value in result.items() if name != "bars"]
    return "\n\n".join((drawn(("", ""), rows), drawn(("bar", "measured", "allowed", ""), bar_rows(result))))


def _run_turns(soaked: Any, texts: Iterator[str], count: int) -> None:
    for number in range(count):
        soaked.answer_message(number, next(texts))
        if number % 100 == 99:
            soaked.empty_stores()


@contextlib.contextmanager
def _silence_output() -> Iterator[None]:
    """Metrics and logs go nowhere."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


def _resident_megabytes() -> float:
    """Megabytes that the process has now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
