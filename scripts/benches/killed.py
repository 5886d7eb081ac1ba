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

from benches.bars import bar, bar_rows
from benches.cold import TURN, Bench, around
from benches.tables import table as drawn
from local import events
from local.model_standin import Pace
from support import sam
from support.emulator import Function, Limits, emulated

AT_MOST = 30.0
SLOW = Pace(first_token=0.3, per_second=5)
"""A reply of about half a minute."""

KILLED_AFTER = {"just after a renewal": 5.3, "just before one": 9.3}
"""Seconds after the reply has begun: the wake is hidden anew every five since the turn has."""


def measure() -> dict[str, Any]:
    """Both; about a minute and a half."""
    with tempfile.TemporaryDirectory(prefix="repartee-killed-") as scratch:
        built = Path(scratch) / "built"
        sam.build(built, sam.this_machine())
        with around(Path(scratch), SLOW) as bench:
            found = {how: _killed(bench, built, after) for how, after in KILLED_AFTER.items()}
    return {
        "killed": found,
        "bars": [
            bar(f"{how}: s until the wake is back", one["woken"], AT_MOST) for how, one in found.items()
        ],
    }


def table(result: dict[str, Any]) -> str:
    """The result for a terminal."""
    rows = [(how, f"{one['woken']:.1f}", f"{one['goes_on']:.1f}") for how, one in result["killed"].items()]
    return "\n\n".join(
        (
            drawn(("killed", "s until the wake is back", "s until the reply goes on"), rows),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _killed(bench: Bench, built: Path, after: float) -> dict[str, float]:
    queue, layers = bench.settings["WAKES_QUEUE_URL"], [built / name for name in TURN]
    wake = bench.wake()
    with emulated(built / "Turn", layers, bench.settings, Limits(270)) as worker:
        before = _posts(bench)
        threading.Thread(target=_invoke, args=(worker, wake), daemon=True).start()
        _until_posted(bench, before, worker)
        time.sleep(after)
        worker.kill()
        died = time.monotonic()
    found = _received(bench, queue)
    woken = time.monotonic() - died
    before = _posts(bench)
    with emulated(built / "Turn", layers, bench.settings, Limits(270)) as worker:
        threading.Thread(target=_invoke, args=(worker, events.wakes(found, queue)), daemon=True).start()
        _until_posted(bench, before, worker)
        return {"woken": woken, "goes_on": time.monotonic() - died}


def _received(bench: Bench, queue: str) -> list[Any]:
    """The wake, as soon as it can be had."""
    found: list[Any] = []
    while not found:
        answer = bench.sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1, AttributeNames=["All"])
        found = answer.get("Messages", [])
    return found


def _until_posted(bench: Bench, before: int, worker: Function) -> None:
    """Until somebody has shown something more. Raises TimeoutError, with the worker's log, after a minute."""
    end = time.monotonic() + 60
    while _posts(bench) == before:
        if time.monotonic() > end:
            raise TimeoutError(worker.log.read_text())
        time.sleep(0.02)


def _posts(bench: Bench) -> int:
    return len(bench.stack.ask("posts"))


def _invoke(worker: Function, wake: Any) -> None:
    with suppress(OSError):  # it is killed
        worker.invoke(wake, seconds=120)
