"""How long a chat waits whose worker is killed in the middle of a reply, on the built function.

The worker dies without a word, as when Lambda takes its sandbox away. From then on it is measured until the
queue hands the wake out again, and until a new worker's reply goes on. Twice: just after the wake was hidden
anew, which is the longest that can happen, and just before.
"""

from __future__ import annotations

import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benches.cold import TURN_LAYERS, ColdStartBench, run_around
from benches.support.bars import bar_rows, check_bar
from benches.support.tables import render_table as drawn
from local.sample_events import samples
from standins.openai.server import Pace
from support import sam
from support.emulator import EmulatedFunction, FunctionLimits, emulate_function

MAX_WAIT_SECONDS = 30.0
SLOW_MODEL_PACE = Pace(first_token=0.3, per_second=5)
"""A reply of about half a minute."""

KILLED_AFTER_SECONDS = {"just after a renewal": 5.3, "just before one": 9.3}
"""Seconds after the reply has begun: the wake is hidden anew every five since the turn has."""


def measure() -> dict[str, Any]:
    """Both; about a minute and a half."""
    with tempfile.TemporaryDirectory(prefix="repartee-killed-") as scratch:
        built = Path(scratch) / "built"
        sam.run_build(built, sam.machine_architecture())
        with run_around(Path(scratch), SLOW_MODEL_PACE) as bench:
            found = {how: _measure_kill(bench, built, after) for how, after in KILLED_AFTER_SECONDS.items()}
    return {
        "killed": found,
        "bars": [
            check_bar(f"{how}: s until the wake is back", one["woken"], MAX_WAIT_SECONDS)
            for how, one in found.items()
        ],
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    rows = [(how, f"{one['woken']:.1f}", f"{one['goes_on']:.1f}") for how, one in result["killed"].items()]
    return "\n\n".join(
        (
            drawn(("killed", "s until the wake is back", "s until the reply goes on"), rows),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _measure_kill(bench: ColdStartBench, built: Path, after: float) -> dict[str, float]:
    queue, layers = bench.settings["WAKES_QUEUE_URL"], [built / name for name in TURN_LAYERS]
    wake = bench.build_wake()
    with emulate_function(built / "Turn", layers, bench.settings, FunctionLimits(270)) as worker:
        before = _count_posts(bench)
        threading.Thread(target=_invoke_worker, args=(worker, wake), daemon=True).start()
        _wait_for_post(bench, before, worker)
        time.sleep(after)
        worker.kill()
        died = time.monotonic()
    found = _receive_wake(bench, queue)
    woken = time.monotonic() - died
    before = _count_posts(bench)
    with emulate_function(built / "Turn", layers, bench.settings, FunctionLimits(270)) as worker:
        threading.Thread(
            target=_invoke_worker, args=(worker, samples.wrap_wakes(found, queue)), daemon=True
        ).start()
        _wait_for_post(bench, before, worker)
        return {"woken": woken, "goes_on": time.monotonic() - died}


def _receive_wake(bench: ColdStartBench, queue: str) -> list[Any]:
    """Returns the wake, as soon as it can be had."""
    found: list[Any] = []
    while not found:
        answer = bench.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, AttributeNames=["All"])
        found = answer.get("Messages", [])
    return found


def _wait_for_post(bench: ColdStartBench, before: int, worker: EmulatedFunction) -> None:
    """Until somebody has shown something more. Raises TimeoutError, with the worker's log, after a minute."""
    end = time.monotonic() + 60
    while _count_posts(bench) == before:
        if time.monotonic() > end:
            raise TimeoutError(worker.log.read_text())
        time.sleep(0.02)


def _count_posts(bench: ColdStartBench) -> int:
    return len(bench.stack.call_standins("posts"))


def _invoke_worker(worker: EmulatedFunction, wake: Any) -> None:
    with suppress(OSError):  # it is killed
        worker.invoke(wake, seconds=120)
