"""The memory of a function's processes by age: one that replaces another has yet to load what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benches.load_test.function_workers import MemorySample
from benches.support.bars import check_bar
from benches.support.tables import percentile

AGES_IN_CALLS = (0, 10, 50, 100, 200, 400, 800, 1_600)
"""Calls that a process has answered, from which on it is counted as of that age."""

WARM_CALLS = 400
"""Calls after which a process has loaded what it needs, and its bounded caches are full (200 signs of typing
in each channel, SQLite's pages by connection): from then on it must not grow."""

MIN_SAMPLES = 5
"""Samples without which an age says nothing."""

MAX_GROWTH_RATIO = 1.05
"""By how much the oldest processes may have more than those that have just become warm."""


def describe_memory(workers: Sequence[Sequence[MemorySample]]) -> dict[str, Any]:
    """Returns megabytes of the processes: the median by age in calls, and the most. `workers` are the samples
    of each."""
    samples = [sample for worker in workers for sample in worker]
    if not samples:
        return {}
    ends = (*AGES_IN_CALLS[1:], float("inf"))
    by_age = {
        str(age): [one.megabytes for one in samples if age <= one.calls < end]
        for age, end in zip(AGES_IN_CALLS, ends, strict=True)
    }
    return {
        "by_calls": {
            age: round(percentile(found, 0.5), 1)
            for age, found in by_age.items()
            if len(found) >= MIN_SAMPLES
        },
        "most": round(max(one.megabytes for one in samples), 1),
    }


def check_memory(name: str, memory: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns the bar of the oldest processes, where they have grown older than those that are just warm."""
    warm = [megabytes for age, megabytes in memory.get("by_calls", {}).items() if int(age) >= WARM_CALLS]
    if len(warm) < 2:
        return []
    return [check_bar(f"{name}: memory, oldest / just warm", warm[-1] / warm[0], MAX_GROWTH_RATIO)]
