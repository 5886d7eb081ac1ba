"""Every conversation comes out as written, in each channel, in parallel and one step after another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.scenario_runner import (
    CONVERSATIONS_FOLDER,
    MAX_CRITICAL_PATH_RATIO,
    ScenarioRunner,
    critical_path,
    read_scenario,
)

FILES = sorted(CONVERSATIONS_FOLDER.glob("*/*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_conversation_comes_out_as_written(path: Path, tmp_path: Path) -> None:
    """The same is seen in both modes, and in parallel the model is asked as soon as the plan allows."""
    conversation, assistant = read_scenario(path), path.parent.name
    for channel in conversation.channels:
        serial = ScenarioRunner(
            conversation, channel, assistant, tmp_path / f"{channel}-serial", parallel=False
        )
        parallel = ScenarioRunner(
            conversation, channel, assistant, tmp_path / f"{channel}-parallel", parallel=True
        )

        assert parallel.run_scenario() == serial.run_scenario()
        _check_that_it_is_quick(parallel, serial)


def _check_that_it_is_quick(parallel: ScenarioRunner, serial: ScenarioRunner) -> None:
    for quick, slow in zip(parallel.parts.turns, serial.parts.turns, strict=True):
        if quick.outcomes and all(outcome.error is None for outcome in slow.outcomes):
            alone = {outcome.name: outcome.seconds for outcome in slow.outcomes}
            path = critical_path(quick, alone)
            took = quick.timeline.gathered_at - quick.timeline.started_at
            assert took <= path * MAX_CRITICAL_PATH_RATIO + 1e-6, f"{took:.3f} s instead of {path:.3f} s"
