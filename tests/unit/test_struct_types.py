"""Threads of a cold process may decode whatever they like at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from repartee.struct_types import prepare_struct_types
from repartee.wiring.container import Wiring
from repartee.wiring.process import monotonic

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "tests" / "support"
COLD_PROCESSES = 8


def run_cold(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the script in a process of its own."""
    command = [sys.executable, str(SCRIPTS / script), *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "shared")}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_cold_processes_with_threads_survive() -> None:
    """With all of the product's structs, each of which eight threads decode first at the same time."""
    ended = [run_cold("cold_process.py") for _ in range(COLD_PROCESSES)]

    assert [one.returncode for one in ended] == [0] * COLD_PROCESSES
    prepared, all_types = ended[0].stdout.split()
    assert prepared == all_types
    assert int(all_types) > 100


def test_one_decoder_made_first_is_enough() -> None:
    """What the product relies on, of msgspec alone."""
    assert [run_cold("cold_decodes.py", "first").returncode for _ in range(3)] == [0, 0, 0]


def test_msgspec_still_needs_that() -> None:
    """When this fails, a release has mended it: take `struct_types.py` out."""
    for _ in range(10):
        if run_cold("cold_decodes.py").returncode < 0:
            return
    if msgspec.__version__ == "0.22.0":
        pytest.xfail("it did not happen this time")
    raise AssertionError(f"msgspec {msgspec.__version__} does not crash any more")


def test_a_part_that_is_made_is_made_ready() -> None:
    """Its types can be decoded by threads as soon as it is there."""

    class Late(msgspec.Struct):
        pass

    Late.__module__ = "repartee.late"
    Wiring({}).make_parts(monotonic)

    assert prepare_struct_types() == 0


def test_a_process_without_threads_prepares_nothing() -> None:
    """It takes one event at a time: what it decodes first, no other thread decodes."""
    prepare_struct_types()

    class Later(msgspec.Struct):
        pass

    Later.__module__ = "repartee.later"
    Wiring({}).make_parts(monotonic, has_threads=False)

    assert prepare_struct_types() == 1
