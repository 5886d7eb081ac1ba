"""Every conversation comes out as written, in each channel, in parallel and one step after another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.conversations import AT_THE_MOST, FOLDER, Held, critical_path, read

FILES = sorted(FOLDER.glob("*/*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_conversation_comes_out_as_written(path: Path, tmp_path: Path) -> None:
    """The same is seen in both modes, and in parallel the model is asked as soon as the plan allows."""
    conversation, assistant = read(path), path.parent.name
    for channel in conversation.channels:
        serial = Held(conversation, channel, assistant, tmp_path / f"{channel}-serial", parallel=False)
        parallel = Held(conversation, channel, assistant, tmp_path / f"{channel}-parallel", parallel=True)

        assert parallel.hold() == serial.hold()
        _check_that_it_is_quick(parallel, serial)


def _check_that_it_is_quick(parallel: Held, serial: Held) -> None:
    for quick, slow in zip(parallel.parts.turns, serial.parts.turns, strict=True):
        if quick.outcomes and all(outcome.error is None for outcome in slow.outcomes):
            alone = {outcome.name: outcome.seconds for outcome in slow.outcomes}
            path = critical_path(quick, alone)
            took = quick.timeline.gathered - quick.timeline.began
            assert took <= path * AT_THE_MOST + 1e-6, f"{took:.3f} s instead of {path:.3f} s"
