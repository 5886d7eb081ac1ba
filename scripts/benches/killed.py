"""How long a chat waits whose worker is killed, on the built function.

The worker dies without a word, as when Lambda takes its sandbox away: as soon as it is invoked, before it
has made a call, and in the middle of a reply, just after its lease was renewed (which is the longest that can
happen) and just before. From then on it is measured until a new worker has the chat, and until its reply goes
on. It takes what the queue hands out meanwhile, as Lambda's would.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from benches.cold import TURN_LAYERS, WEBHOOK_LAYERS
from benches.support.bars import bar_rows, check_bar
from benches.support.cold_starts import BuiltFunction, ColdStarts, link_timed_layer, run_around
from benches.support.tables import render_table as drawn
from local.sample_events import samples
from standins.openai.server import Pace
from support import sam
from support.emulator import EmulatedFunction, FunctionLimits, emulate_function

MAX_WAIT_SECONDS = 22.0
"""Seconds until a worker has the chat again. Its cold start in the emulator, and the model's first piece, are
told apart."""

SLOW_MODEL_PACE = Pace(first_token=0.3, per_second=5)
"""A reply of about half a minute."""

KILLED_AFTER_SECONDS = {"before its first call": None, "just after a renewal": 5.3, "just before one": 9.3}
"""Seconds after the reply has begun: the lease is renewed every five since the turn has."""

MAX_GOES_ON_SECONDS = 90.0


def measure() -> dict[str, Any]:
    """All of them; about three minutes."""
    with tempfile.TemporaryDirectory(prefix="repartee-killed-") as scratch:
        built = Path(scratch) / "built"
        sam.run_build(built, sam.machine_architecture())
        timed = link_timed_layer(Path(scratch))
        with run_around(timed, SLOW_MODEL_PACE) as bench:
            found = {how: _measure_kill(bench, built, after) for how, after in KILLED_AFTER_SECONDS.items()}
    return {
        "killed": found,
        "bars": [
            check_bar(f"{how}: s until a worker has the chat", one["woken"], MAX_WAIT_SECONDS)
            for how, one in found.items()
        ],
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    rows = [(how, f"{one['woken']:.1f}", f"{one['goes_on']:.1f}") for how, one in result["killed"].items()]
    return "\n\n".join(
        (
            drawn(("killed", "s until a worker has the chat", "s until the reply goes on"), rows),
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _measure_kill(bench: ColdStarts, built: Path, after: float | None) -> dict[str, float]:
    layers = [built / name for name in TURN_LAYERS]
    webhook = BuiltFunction(built / "Webhook", tuple(built / name for name in WEBHOOK_LAYERS))
    with bench.run_function(webhook) as posted_to:
        wake = bench.build_wake(posted_to)
    with emulate_function(built / "Turn", layers, bench.settings, FunctionLimits(270)) as worker:
        before = _count_posts(bench)
        threading.Thread(target=_invoke_worker, args=(worker, wake), daemon=True).start()
        if after is not None:
            _wait_for_post(bench, before, worker)
            time.sleep(after)
        worker.kill()
        died = time.monotonic()
    before, took = _count_posts(bench), 0.0
    with emulate_function(built / "Turn", layers, bench.settings, FunctionLimits(270)) as worker:
        while _count_posts(bench) == before:
            if time.monotonic() - died > MAX_GOES_ON_SECONDS:
                raise TimeoutError(worker.log.read_text())
            took = _take_wake(bench, worker, _chat_of(wake), before) or took
        return {"woken": took - died, "goes_on": time.monotonic() - died}


def _chat_of(wake: dict[str, Any]) -> str:
    return str(json.loads(wake["Records"][0]["body"])["chat"])


def _take_wake(bench: ColdStarts, worker: EmulatedFunction, chat: str, posts: int) -> float:
    """Hands the chat's next wake to the worker. Returns when that was, 0 if there was none, as soon as the
    worker is done with it or has shown something."""
    if not (found := bench.receive_wakes()):
        return 0.0
    took, wake = time.monotonic(), samples.wrap_wakes(found, bench.settings["WAKES_QUEUE_URL"])
    if _chat_of(wake) != chat:
        bench.delete_wake(wake)
        return 0.0
    working = threading.Thread(target=_invoke_worker, args=(worker, wake), daemon=True)
    working.start()
    while working.is_alive() and _count_posts(bench) == posts:
        time.sleep(0.02)
    if not working.is_alive():
        bench.delete_wake(wake)
    return took


def _wait_for_post(bench: ColdStarts, before: int, worker: EmulatedFunction) -> None:
    """Until a worker has shown something more. Raises TimeoutError, with the worker's log, after a minute."""
    end = time.monotonic() + 60
    while _count_posts(bench) == before:
        if time.monotonic() > end:
            raise TimeoutError(worker.log.read_text())
        time.sleep(0.02)


def _count_posts(bench: ColdStarts) -> int:
    return len(bench.stack.call_standins("posts"))


def _invoke_worker(worker: EmulatedFunction, wake: Any) -> None:
    with suppress(OSError):  # it is killed
        worker.invoke(wake, seconds=120)
