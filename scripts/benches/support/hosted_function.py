"""A function in a process of its own, called one event at a time; the process tells what each call took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = Path(__file__).parents[1] / "peers" / "function_host.py"


@dataclass(frozen=True)
class AwsCall:
    """One call of AWS: when it began (epoch seconds), how long it took, the capacity units it consumed."""

    operation: str
    at: float
    seconds: float
    units: float


@dataclass(frozen=True)
class HostedCall:
    """One call of the handler: its answer, when it began and ended (epoch seconds), CPU of all threads."""

    answer: Any
    began: float
    ended: float
    cpu_ms: float
    calls: tuple[AwsCall, ...]


def function_environment(settings: Mapping[str, str], import_paths: Sequence[Path]) -> dict[str, str]:
    """Returns the environment of a function's process: this one's, its settings, and where its packages are.
    One thread of numpy, and two arenas of glibc as in template.yaml."""
    paths = os.pathsep.join(map(str, import_paths))
    threads = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    return {**os.environ, **settings, "PYTHONPATH": paths, **threads}


class HostedFunction:
    """The function in `folder`. It ends with the `with` block. Raises `ChildProcessError` with its log's end
    when it dies."""

    def __init__(
        self, folder: Path, import_paths: Sequence[Path], settings: Mapping[str, str], log: Path
    ) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(HOST), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                env=function_environment(settings, import_paths),
            )
        self.start_cpu_ms = float(self._read_line()["cpu_ms"])

    @property
    def pid(self) -> int:
        return self._process.pid

    def invoke(self, event: Any) -> HostedCall:
        """Calls the handler with the event."""
        assert self._process.stdin
        print(json.dumps(event), file=self._process.stdin, flush=True)
        told = self._read_line()
        calls = tuple(AwsCall(**call) for call in told.pop("calls"))
        return HostedCall(**told, calls=calls)

    def _read_line(self) -> dict[str, Any]:
        assert self._process.stdout
        if line := self._process.stdout.readline():
            return dict(json.loads(line))
        self._process.wait()
        raise ChildProcessError("\n".join(self._log.read_text(errors="replace").splitlines()[-30:]))

    def __enter__(self) -> HostedFunction:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
