"""The command scripts/bench prints its result and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = """
import subprocess, sys, types
import benches.__main__ as command
from support.environments import SetupFailed

def measure():
    if missing:
        raise SetupFailed("make is not installed")
    print("a part logs")
    subprocess.run(["echo", "a child process logs"], check=True)
    return {"figure": 1, "bars": []}

bench = types.ModuleType("benches.engine")
bench.measure = measure
sys.modules["benches.engine"] = bench
missing = "missing" in sys.argv
sys.argv[:] = ["bench", "engine", "--json"]
sys.exit(command.main())
"""


def run_bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a bench that logs, or one whose tools are missing."""
    paths = os.pathsep.join(str(ROOT / name) for name in ("scripts", "shared", "."))
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": paths},
    )


def test_json_is_one_object_and_nothing_else() -> None:
    """What the parts and their child processes log while a bench runs goes to standard error."""
    done = run_bench()

    assert json.loads(done.stdout) == {"figure": 1, "bars": []}
    assert "a part logs" in done.stderr
    assert "a child process logs" in done.stderr
    assert done.returncode == 0


def test_a_missing_tool_is_one_line() -> None:
    """A bench that cannot be set up says what is missing, and is no success."""
    done = run_bench("missing")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "scripts/bench: make is not installed\n"
