"""A hundred chats at once while workers die and backends fail: the short form of `scripts/bench load`."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from benches.load_test.scenario import short_scenario
from support.environments import ROOT

MAX_SECONDS = 360.0
"""Seconds that the run may take on a busy machine; on one that is free it takes two minutes."""


def test_a_hundred_chats_are_answered_once_and_in_order() -> None:
    """Ten workers are killed, one is frozen, and every backend is away once: no message is lost, answered
    twice or out of order, and nothing is open, dead or still announced in the end."""
    output, log = run_short_load()

    result = json.loads(output)
    (run,) = result["runs"].values()
    assert [bar["name"] for bar in result["bars"] if not bar["met"]] == [], log
    assert run["accepted"] == run["messages"]
    assert run["interruptions"] == {"kill": short_scenario().kills, "freeze": len(short_scenario().freezes)}
    assert run["refused_posts"] > 0  # the table was away, indeed


def run_short_load() -> tuple[str, str]:
    """Returns what the bench prints, and its log. One that takes too long ends what it has started."""
    with subprocess.Popen(
        [ROOT / "scripts" / "bench", "load", "--short", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            return process.communicate(timeout=MAX_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
            pytest.fail(f"not over after {MAX_SECONDS:g} s\n{process.communicate()[1]}")
