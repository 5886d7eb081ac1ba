"""scripts/test and scripts/lint: which lanes and checks there are, and what they need."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from support import environments, lint, test_lanes


def test_every_lane_runs_or_says_why_not() -> None:
    """Each lane has tests, and names what it needs and does not find."""
    for lane in test_lanes.LANES.values():
        assert lane.tests(), lane.name
        assert all(isinstance(lack, str) and lack for lack in lane.missing_requirements())


def test_an_unknown_lane_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the lanes that there are."""
    assert test_lanes.main(["unti"]) == 2

    assert "no such lane: unti; there are lint, unit, security" in capsys.readouterr().err


def test_one_file_runs_alone() -> None:
    """What is named after -- is all that runs of a lane."""
    done = subprocess.run(
        [environments.ROOT / "scripts" / "test", "unit", "--", "tests/unit/local/test_waterfall.py"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d\d passed, 0 failed$", done.stdout, re.MULTILINE)


def test_lint_puts_right_what_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """--fix formats the code, and the checks run afterwards."""
    shutil.copy(environments.ROOT / "pyproject.toml", tmp_path)
    for folder in ("scripts", "functions"):
        (tmp_path / folder).mkdir()
    code = tmp_path / "scripts" / "some.py"
    code.write_text("a=( 1,\n 2)\n")
    monkeypatch.setattr(lint, "ROOT", tmp_path)

    lint.main(["--fix"])

    assert code.read_text() == "a = (1, 2)\n"
    assert re.search(r"^format +ok", capsys.readouterr().out, re.MULTILINE)
