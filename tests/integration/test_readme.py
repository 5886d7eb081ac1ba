"""The rows of the README's table, run as they are printed."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from typing import Any

import pytest

from tests.support.document_commands import ROOT, list_commands

REAL_SERVICES = ("OPENAI_API_KEY", "SLACK_BOT_TOKEN", "WEAVIATE_URL", "ASSISTANT", "AWS_ENDPOINT_URL")
ROWS = [
    one.line for one in list_commands() if one.document == "README.md" and one.line.startswith("scripts/run ")
]


def run_row(row: str) -> dict[str, Any]:
    """Returns the object that a row prints, without injected latencies."""
    _, *arguments = shlex.split(row)
    environment = {name: value for name, value in os.environ.items() if name not in REAL_SERVICES}
    environment["PYTHONPATH"] = f"{ROOT / 'scripts'}:{ROOT / 'shared'}"
    json_options = ["--latency=none", *([] if "--json" in arguments else ["--json"])]
    done = subprocess.run(
        [sys.executable, "-m", "local.run_command", *arguments, *json_options],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_readme_has_its_rows() -> None:
    """Eight and more ways to start it."""
    assert len(ROWS) >= 8


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_the_readme_answers(row: str) -> None:
    """Each says something about what was asked, and does not say the question again."""
    shown = run_row(row)

    said = re.findall(r"--say ['\"](.+?)['\"](?: |$)", row)
    assert len(shown["reply"]) > 40
    assert [words for words in said if words.lower() in shown["reply"].lower()] == []
    assert "?" not in shown["reply"].partition("In short: ")[2].partition("\n")[0]
