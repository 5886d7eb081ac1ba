"""The functions of an earlier commit, run beside ours on the same table, as a canary does for some minutes.

Its code is taken from the history into a folder and runs in a process of its own, with the environment of
the stack that is up. To hold a later commit to what is stored, give its id and the program that loads its
functions.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
ANSWER_MARK = "answer of the function: "


class EarlierVersion(NamedTuple):
    """A commit, and the program that answers each line of its input, a function's name and its event."""

    commit: str
    program: str


BEFORE_THE_ROOMS = EarlierVersion(
    "ab9b8be14e7b9cd64a9ba3c38a2e406500fe9175",
    f"""
import json, os, sys
from local import lambdas
from local.latency import Latencies
from local.parts import LocalWiring
from repartee import wiring

wiring.install(LocalWiring(dict(os.environ), Latencies({{}})))
handlers = {{}}
for line in sys.stdin:
    name, event = json.loads(line)
    handler = handlers.setdefault(name, None) or lambdas.handler(name)
    handlers[name] = handler
    print({ANSWER_MARK!r} + json.dumps(handler(event, lambdas.Context(name))), flush=True)
""",
)
"""The last commit whose inbox keeps one struct with flags: format version 1."""


class EarlierFunctions:
    """The functions of the earlier commit."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def call(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        """Returns the function's answer to the event."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, event]) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith(ANSWER_MARK):
                answer: dict[str, Any] = json.loads(line.removeprefix(ANSWER_MARK))
                return answer
        raise AssertionError(f"the earlier version ended with {self._process.wait()}")


@contextmanager
def earlier_functions(version: EarlierVersion, folder: Path) -> Iterator[EarlierFunctions]:
    """The functions of the version, with the environment as it is now. Skips where the history is not there,
    as in a shallow clone; where continuous integration runs, that is a failure."""
    _extract_commit(version.commit, folder)
    environment = {
        **os.environ,
        "PYTHONPATH": f"{folder / 'shared'}:{folder / 'scripts'}",
        "SQLITE_PATH": str(folder / "messages.db"),  # only the local stack has it: no canary shares that file
    }
    command = [sys.executable, "-c", version.program]
    with subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield EarlierFunctions(process)
        finally:
            process.kill()


def _extract_commit(commit: str, folder: Path) -> None:
    archive = subprocess.run(
        ["git", "archive", commit, "shared", "scripts", "functions"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if archive.returncode:
        reason = f"the history has no commit {commit[:7]}: fetch it whole to try both versions side by side"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as code:
        if hasattr(tarfile, "data_filter"):
            code.extractall(folder, filter="data")
        else:  # Python before 3.11.4
            code.extractall(folder)
