"""A function as Lambda runs it: as it was built, with its layers, on Lambda's runtime and under its emulator.

Nothing else is on the function's path, so that what a layer lacks is missing here too. What is emulated is
Lambda's API; the sandbox, its limits on memory and processor, and the network around it are not.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import pins, sam
from .caches import make_once
from .environments import find_uv, run_installer
from .layers import PYTHON_VERSION
from .processes import HOST, POLL_INTERVAL_SECONDS, answers_tcp, free_ports

RUNTIME_PACKAGES = ("awslambdaric", "simplejson", "snapshot-restore-py")
HANDLER = "app.handler"
INVOCATIONS_PATH = "/2015-03-31/functions/function/invocations"


class FunctionFailed(Exception):
    """The function ended with an error; `kind` is its type, as Lambda reports it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


@dataclass(frozen=True)
class FunctionLimits:
    """The limits of a function: seconds an invocation, and megabytes."""

    timeout_seconds: int
    memory_megabytes: int = 1769


@dataclass
class EmulatedFunction:
    """A function under the emulator, one invocation at a time. Has state: its process."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    _frozen: list[int] = field(default_factory=list)

    def invoke(self, event: Any, seconds: float = 60.0) -> Any:
        """Returns the handler's result. Raises FunctionFailed with what it raises."""
        body = json.loads(self.invoke_raw(event, seconds) or "null")
        if isinstance(body, dict) and "errorType" in body:
            raise FunctionFailed(body["errorType"], body.get("errorMessage", ""))
        return body

    def invoke_raw(self, event: Any, seconds: float = 60.0) -> str:
        """Returns Lambda's answer: the handler's, or a text that its time was over."""
        request = urllib.request.Request(self.url, json.dumps(event).encode())
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as failed:  # it did not start
            return failed.read().decode()

    def freeze(self) -> None:
        """Stop its process where it is, as Lambda does between invocations."""
        self._frozen = _descendants(self.process.pid)
        for pid in self._frozen:
            os.kill(pid, signal.SIGSTOP)

    def kill(self) -> None:
        """End it without a word, as when Lambda takes its sandbox away."""
        for pid in (*_descendants(self.process.pid), self.process.pid):
            os.kill(pid, signal.SIGKILL)

    def thaw(self) -> None:
        """Let it go on."""
        for pid in self._frozen:
            os.kill(pid, signal.SIGCONT)
        self._frozen = []

    def logged_objects(self) -> list[dict[str, Any]]:
        """Returns the JSON objects among the lines that it has logged."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def why_unavailable() -> str | None:
    """Returns why no function can run under the emulator here, in one line, or None."""
    if platform.system() != "Linux" or not platform.python_version().startswith(PYTHON_VERSION):
        return f"the emulator needs Linux, and in .venv Python {PYTHON_VERSION}, which Lambda runs"
    return sam.why_unavailable()


@contextlib.contextmanager
def emulate_function(
    folder: Path,
    layers: Sequence[Path],
    settings: Mapping[str, str],
    limits: FunctionLimits,
    before: Sequence[str] = (),
    handler: str = HANDLER,
) -> Iterator[EmulatedFunction]:
    """Yields the function in `folder` with its layers, up and waiting; its process is gone afterwards.
    `before` is a command to run it all by, such as taskset."""
    with tempfile.TemporaryDirectory(prefix="repartee-function-") as scratch:
        log = Path(scratch) / "log"
        ports = free_ports(("invocations", "runtime"))
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*before, *_emulator_command(ports, handler)],
                cwd=folder,
                env=runtime_environment(folder, layers, limits) | dict(settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        function = EmulatedFunction(f"http://{HOST}:{ports['invocations']}{INVOCATIONS_PATH}", process, log)
        try:
            _wait_until_up(process, ports["invocations"])
            yield function
        finally:
            _end_function(function)


def _emulator_command(ports: Mapping[str, int], handler: str) -> list[str]:
    addresses = ["--runtime-interface-emulator-address", f"{HOST}:{ports['invocations']}"]
    addresses += ["--runtime-api-address", f"{HOST}:{ports['runtime']}"]
    return [str(sam.find_emulator()), "--log-level", "error", *addresses, *runtime_command(handler)]


def runtime_command(handler: str = HANDLER) -> list[str]:
    """Returns the command that Lambda runs: its runtime's client with the function's handler."""
    python = sys._base_executable  # type: ignore[attr-defined]  # noqa: SLF001 - not that of .venv
    return [python, "-S", "-m", "awslambdaric", handler]


def runtime_environment(folder: Path, layers: Sequence[Path], limits: FunctionLimits) -> dict[str, str]:
    """Returns the environment that Lambda sets, with the paths of imports."""
    path = [folder, *(layer / "python" for layer in layers), _install_runtime()]
    return {
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(limits.memory_megabytes),
        "AWS_LAMBDA_FUNCTION_NAME": folder.name,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(limits.timeout_seconds),
        "LAMBDA_TASK_ROOT": str(folder),
        "LANG": "en_US.UTF-8",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "TZ": ":UTC",
    }


def _install_runtime() -> Path:
    """Returns the packages that Lambda's own image has: the runtime's client and what it needs."""
    pinned = pins.parse_pins((pins.PINS_FOLDER / "dev.txt").read_text())
    wanted = [line for name in RUNTIME_PACKAGES for line in pinned[name]]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"

    def make(folder: Path) -> None:
        requirements = folder / "requirements.txt"
        requirements.write_text("\n".join(wanted))
        exactly = ["--no-deps", "--require-hashes", "-r", str(requirements)]
        run_installer(
            [
                find_uv(),
                "pip",
                "install",
                "--quiet",
                "--python",
                sys.executable,
                "--target",
                str(folder),
                *exactly,
            ]
        )

    return make_once(f"runtime-{version}-{wanted[0].split('==')[1].split()[0]}", make)


def _wait_until_up(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(int(10 / POLL_INTERVAL_SECONDS)):
        if answers_tcp(port) or process.poll() is not None:
            return


def _end_function(function: EmulatedFunction) -> None:
    function.thaw()
    with contextlib.suppress(ProcessLookupError):
        os.killpg(function.process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        function.process.wait(timeout=3)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(function.process.pid, signal.SIGKILL)
    function.process.wait()


def _descendants(pid: int) -> list[int]:
    """Returns the ids of the processes below this one, whichever of its threads has started them."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return children + [below for child in children for below in _descendants(child)]
