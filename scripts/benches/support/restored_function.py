"""Copies of a function that are restored from one snapshot: a new worker costs what it does on Lambda."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from benches.support.hosted_function import AwsCall, HostedCall, function_environment

SNAPSHOT_HOST = Path(__file__).parents[1] / "peers" / "function_snapshot.py"


class FunctionSnapshot:
    """The snapshot of the function in `folder`. Raises `ChildProcessError` with its log's end if it does not
    start."""

    def __init__(
        self, folder: Path, import_paths: Sequence[Path], settings: Mapping[str, str], log: Path
    ) -> None:
        self._address = log.parent / f"{folder.name}.socket"
        self._address.unlink(missing_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore::DeprecationWarning", SNAPSHOT_HOST, folder, self._address],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                env=function_environment(settings, import_paths),
            )
        assert self._process.stdout
        if not self._process.stdout.readline():
            raise ChildProcessError("\n".join(log.read_text(errors="replace").splitlines()[-30:]))

    def __enter__(self) -> FunctionSnapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def restore(self) -> RestoredFunction:
        """Returns a new copy."""
        return RestoredFunction(self._address)

    def close(self) -> None:
        """Ends it. Its copies stay."""
        self._process.kill()
        self._process.communicate()


class RestoredFunction:
    """A copy of a function in a process of its own. Raises `ChildProcessError` when it has died."""

    def __init__(self, address: Path) -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(address))
            self._lines = connection.makefile("rw", buffering=1)
        told = self._read_line()
        self.pid, self.start_cpu_ms = int(told["pid"]), float(told["cpu_ms"])

    def __enter__(self) -> RestoredFunction:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def invoke(self, event: Any) -> HostedCall:
        """Calls the handler with the event."""
        try:
            print(json.dumps(event), file=self._lines, flush=True)
        except OSError as error:
            raise ChildProcessError("the process died") from error
        told = self._read_line()
        calls = tuple(AwsCall(**call) for call in told.pop("calls"))
        return HostedCall(**told, calls=calls)

    def _read_line(self) -> dict[str, Any]:
        with suppress(OSError):
            if line := self._lines.readline():
                return dict(json.loads(line))
        raise ChildProcessError("the process died")

    def end(self) -> None:
        """Ends the process."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with suppress(OSError):
            self._lines.close()
