# ruff: noqa: N999 - the bench is called as the design calls it
"""How long a fresh process takes until a function's parts are ready, with bytecode and without.

Counted from the start of the interpreter. Nothing is connected to: a client is ready before its first call.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benches.support.bars import bar_rows, check_bar
from benches.support.tables import render_table as drawn

ROOT = Path(__file__).parents[2]
RUN_COUNT = 10
SLOWEST_MODULE_COUNT = 12
MAX_START_MS = 250.0

WIRING_PARTS = {"webhook": "webhook", "turn": "chat_worker", "sweep": "sweep"}
"""The part that each function makes when it starts."""

LOCAL_SETTINGS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "DEAD_LETTERS_QUEUE_URL": "http://127.0.0.1/dead",
    "OPENAI_API_KEY": "unused",
    "RECORDS_TABLE": "Records",
    "SLACK_BOT_TOKEN": "unused",
    "SLACK_SIGNING_SECRET": "unused",
    "SQLITE_PATH": ":memory:",
    "WAKES_QUEUE_URL": "http://127.0.0.1/wakes",
}
START_SCRIPT = """
import resource, sys, time
import repartee.gc_startup
from repartee.wiring import functions, start_process
start_process(getattr(functions, sys.argv[1]), has_threads=sys.argv[1] == "chat_worker")
spent = resource.getrusage(resource.RUSAGE_SELF)
print(time.monotonic(), spent.ru_utime + spent.ru_stime)
"""


def measure() -> dict[str, Any]:
    """Returns all figures; about a minute."""
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(ROOT / "shared")], check=True)
    with tempfile.TemporaryDirectory() as nowhere:
        absent = {"PYTHONPYCACHEPREFIX": nowhere, "PYTHONDONTWRITEBYTECODE": "1"}
        functions = {
            name: {
                "with bytecode": _measure_starts(part, {}),
                "without bytecode": _measure_starts(part, absent),
            }
            for name, part in WIRING_PARTS.items()
        }
    ready = functions["webhook"]["with bytecode"]["ready_ms"]
    return {
        "runs": RUN_COUNT,
        "functions": functions,
        "slowest": {name: _slowest_modules(part) for name, part in WIRING_PARTS.items() if name != "sweep"},
        "bars": [check_bar("webhook: ms until its clients are ready, median", ready, MAX_START_MS)],
    }


def table(result: dict[str, Any]) -> str:
    """Returns the result for a terminal."""
    rows = [
        (f"{name}, {how}", *(f"{figures[column]:.0f}" for column in ("ready_ms", "fastest_ms", "cpu_ms")))
        for name, ways in result["functions"].items()
        for how, figures in ways.items()
    ]
    slowest = [
        drawn((f"{name}: slowest imports", "ms"), [(module, f"{ms:.1f}") for module, ms in imports])
        for name, imports in result["slowest"].items()
    ]
    return "\n\n".join(
        (
            f"A fresh process, {result['runs']} times, milliseconds",
            drawn(("function", "ready, median", "fastest", "cpu, median"), rows),
            *slowest,
            drawn(("bar", "measured", "allowed", ""), bar_rows(result)),
        )
    )


def _measure_starts(part: str, more: Mapping[str, str]) -> dict[str, float]:
    """Milliseconds until a fresh process has made the part. The first process warms the disk's cache."""
    runs = [_measure_start(part, more) for _ in range(RUN_COUNT + 1)][1:]
    ready, spent = [run[0] for run in runs], [run[1] for run in runs]
    return {
        "ready_ms": round(statistics.median(ready), 1),
        "fastest_ms": round(min(ready), 1),
        "cpu_ms": round(statistics.median(spent), 1),
    }


def _measure_start(part: str, more: Mapping[str, str]) -> tuple[float, float]:
    began = time.monotonic()
    at, spent = _run_start_script(part, more).stdout.split()
    return 1000 * (float(at) - began), 1000 * float(spent)


def _slowest_modules(part: str) -> list[tuple[str, float]]:
    """Returns the modules whose own code takes the longest to import, in milliseconds."""
    lines = _run_start_script(part, {"PYTHONPROFILEIMPORTTIME": "1"}).stderr.splitlines()
    found = (re.match(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", line) for line in lines)
    own = sorted(((match[2], int(match[1]) / 1000) for match in found if match), key=lambda one: -one[1])
    return own[:SLOWEST_MODULE_COUNT]


def _run_start_script(part: str, more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT / "shared"),
        **LOCAL_SETTINGS,
        **more,
    }
    command = [sys.executable, "-c", START_SCRIPT, part]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
