"""A lane that runs again and again."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import test_lanes


def test_failures_are_counted_by_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A test that fails in one run of three is named, with how often."""
    marker = tmp_path / "runs"
    (tmp_path / "test_flaky.py").write_text(
        f"""
from pathlib import Path

def test_now_and_then():
    runs = Path({str(marker)!r})
    number = len(runs.read_text()) if runs.exists() else 0
    runs.write_text("x" * (number + 1))
    assert number != 1

def test_always():
    pass
"""
    )
    lane = test_lanes.Lane("flaky", (str(tmp_path),))
    monkeypatch.setitem(test_lanes.LANES, "flaky", lane)
    monkeypatch.setattr(test_lanes, "PARALLEL_OPTIONS", ("-p", "no:cacheprovider"))

    code = test_lanes.main(["--repeat", "3", "flaky"])

    told = capsys.readouterr().out
    assert code == 1
    assert "1 of 3" in told
    assert "test_now_and_then" in told
    assert "test_always" not in told.split("failures in")[1]
    assert told.rstrip().endswith("5 passed, 1 failed")
