"""A function with SnapStart: initialised, frozen where Lambda would take its snapshot, and restored.

The emulator knows nothing of snapshots, so what stands in for Lambda's runtime API here knows nothing else:
`/restore/next` is answered when the function is restored. The process itself is stopped and goes on, so that
reading its memory back from storage costs nothing here and some time on Lambda.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .emulator import FunctionFailed, FunctionLimits, runtime_command, runtime_environment
from .processes import HOST

RUNTIME_API_PATH = "/2018-06-01/runtime"
TIMEOUT_SECONDS = 60.0


class RuntimeApi(ThreadingHTTPServer):
    """Lambda's runtime API for one function. `initialised` is set when the snapshot may be taken."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _RuntimeApiHandler)
        self.initialised, self.restoring = threading.Event(), threading.Event()
        self.events: queue.Queue[Any] = queue.Queue()
        self.answers: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"{HOST}:{self.server_port}"


class _RuntimeApiHandler(BaseHTTPRequestHandler):
    server: RuntimeApi
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == f"{RUNTIME_API_PATH}/restore/next":
            self.server.initialised.set()
            self.server.restoring.wait()
            self._respond(200, b"{}", {})
            return
        event = self.server.events.get()
        headers = {
            "Content-Type": "application/json",  # without one, the runtime's client crashes
            "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 270) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:123456789012:function:f:live",
        }
        self._respond(200, json.dumps(event).encode(), headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.initialised.set()  # an error of the start ends the waiting too
        self.server.answers.put(json.loads(body or b"null"))
        self._respond(202, b"{}", {})

    def _respond(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def handle(self) -> None:
        with contextlib.suppress(ConnectionResetError):  # its process was ended
            super().handle()

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class SnapshottedFunction:
    """A function whose snapshot was taken. Has state: its process, which `restore` lets go on."""

    process: subprocess.Popen[bytes]
    api: RuntimeApi
    log: Path

    def restore(self) -> None:
        """Lets it go on; its hooks run before it takes an event."""
        os.kill(self.process.pid, signal.SIGCONT)
        self.api.restoring.set()

    def invoke(self, event: Any) -> Any:
        """Returns the handler's result. Raises FunctionFailed with what it, or a hook, raises."""
        self.api.events.put(event)
        body = self.api.answers.get(timeout=TIMEOUT_SECONDS)
        if isinstance(body, dict) and "errorType" in body:
            raise FunctionFailed(body["errorType"], body.get("errorMessage", ""))
        return body


@contextlib.contextmanager
def snapshot_function(
    folder: Path,
    layers: Sequence[Path],
    settings: Mapping[str, str],
    limits: FunctionLimits,
    before: Sequence[str] = (),
) -> Iterator[SnapshottedFunction]:
    """Yields the function in `folder`, frozen after its start and its hooks. `before` is a command to run it
    by."""
    api = RuntimeApi()
    given = runtime_environment(folder, layers, limits) | dict(settings)
    given |= {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start", "AWS_LAMBDA_RUNTIME_API": api.address}
    with tempfile.TemporaryDirectory(prefix="repartee-snapshot-") as scratch:
        log = Path(scratch) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*before, *runtime_command()],
                cwd=folder,
                env=given,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            if not api.initialised.wait(TIMEOUT_SECONDS) or process.poll() is not None:
                raise FunctionFailed("Runtime.ExitError", log.read_text())
            os.kill(process.pid, signal.SIGSTOP)
            yield SnapshottedFunction(process, api, log)
        finally:
            process.kill()
            process.wait()
            api.shutdown()
            api.server_close()
