"""The workloads that are measured are the design's: their sums and critical paths are its numbers."""

from __future__ import annotations

import pytest

from benches.support.workloads import BRIEF, BUFFERED, COACH, OFFICE, Workload, plan_of


@pytest.mark.parametrize(
    "workload, serial, waiting, speculating",
    [
        (COACH, 4.467, 1.742, 1.142),
        (OFFICE, 2.650, 0.650, 0.650),
        (BUFFERED, 1.000, 0.200, 0.200),
        (BRIEF, 0.750, 0.050, 0.050),
    ],
)
def test_a_workload_adds_up(workload: Workload, serial: float, waiting: float, speculating: float) -> None:
    """One after the other, along the critical path, and along it with speculation: seconds as designed."""
    paths = [
        plan_of(workload, speculate=speculate)
        .build(workload.targets)
        .critical_path(workload.durations)
        .seconds
        for speculate in (False, True)
    ]

    assert [workload.serial, *paths] == pytest.approx([serial, waiting, speculating])


def test_phases_cost_what_the_design_says() -> None:
    """The coach's phases, with a barrier after each, take 2,092 ms."""
    assert pytest.approx(2.092) == COACH.in_phases
