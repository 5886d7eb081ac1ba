"""A start is not looked through for garbage, and what comes after it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def told(*lines: str) -> list[str]:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-c", "; ".join(("import gc", *lines))],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT / "shared")},
    )
    return done.stdout.split()


def test_a_start_is_not_looked_through_for_garbage() -> None:
    """From the first import on, until all that stays is there."""
    lines = (
        "import repartee.gc_startup",
        "print(gc.isenabled())",
        "repartee.gc_startup.freeze_startup_objects()",
        "print(gc.isenabled(), gc.get_freeze_count() > 0)",
    )

    assert told(*lines) == ["False", "True", "True"]


def test_who_makes_no_start_goes_on_being_looked_through() -> None:
    """A command that uses the parts is no function."""
    assert told("import repartee.wiring", "print(gc.isenabled())") == ["True"]
