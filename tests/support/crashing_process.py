"""Runs a function's handler in a child process that kills itself at a named point.

`python -m tests.support.crashing_process` makes the parts that the functions need. Then it reads orders, a
line of JSON each, and for each of them forks a child that runs the function's handler on these parts, as
Lambda runs a restored snapshot. It prints the signal that ended the child, or 0.
A point is `before` or `after` a call that leaves the process: `after inbox.put`, `before slack.chat.update`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from local import lambda_handlers
from repartee import wiring
from repartee.channels.slack.api import SlackApi
from repartee.domain.prompt import Prompt, ToolCall
from repartee.domain.usage import Usage
from repartee.ports.cancellation import CancelToken
from repartee.wiring import Wiring, WiringPart, functions, platforms, process, services, stores

ROOT = Path(__file__).parents[2]

PIECES_BEFORE_CRASH = 30
"""Pieces that the model has written when the point `after model.pieces` is passed."""


class CrashPoint:
    """Where the process ends."""

    def __init__(self) -> None:
        self.point = ""

    @property
    def piece_interval_seconds(self) -> float:
        """Seconds between two pieces of the model's, so that a reply grows where it is to end growing."""
        return 0.03 if self.point.endswith("appendStream") else 0.0

    def pass_point(self, point: str) -> None:
        if point == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


PORTS: dict[str, WiringPart[Any]] = {
    "inbox": stores.inbox,
    "wakes": stores.wakes,
    "messages": stores.messages,
}


class CrashingWiring(Wiring):
    """Wiring whose every call that leaves the process is a point before, and a point after."""

    shift_seconds = 0.0

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self._fate = CrashPoint()
        self.put(process.clock, lambda: time.time() + self.shift_seconds)
        for name in ("inbox", "wakes", "messages"):
            self.replace(PORTS[name], partial(self._crashing_port, name))
        self.replace(services.model, lambda wiring: CrashingModel(services.model.make(wiring), self._fate))
        self.replace(platforms.slack_api, self._crashing_slack)

    def set_crash_point(self, die_at: str, shift: float) -> None:
        """Its life ends at that point, and so many seconds from now."""
        self._fate.point, self.shift_seconds = die_at, shift

    def create_resources(self) -> None:
        """Makes what the functions need, and leaves no connection that several lives would share."""
        self.make_parts(functions.webhook, functions.chat_worker)
        self.get(process.aws_clients).with_new_connections()

    def _crashing_port(self, name: str, wiring: Wiring) -> Any:
        return CrashingPort(name, PORTS[name].make(wiring), self._fate)

    def _crashing_slack(self, wiring: Wiring) -> SlackApi:
        settings = wiring.get(process.settings)
        return SlackApi(
            settings.slack_api_url, lambda: settings.slack_bot_token, CrashingTransport(self._fate)
        )


class CrashingPort:
    """A port on whose calls the process may end."""

    def __init__(self, name: str, port: Any, fate: CrashPoint) -> None:
        self._name, self._port, self._fate = name, port, fate

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._port, method)

        def fatal(*arguments: Any, **named: Any) -> Any:
            self._fate.pass_point(f"before {self._name}.{method}")
            result = call(*arguments, **named)
            self._fate.pass_point(f"after {self._name}.{method}")
            return result

        return fatal


class CrashingModel:
    """A model in the middle of whose reply the process may end."""

    def __init__(self, model: Any, fate: CrashPoint) -> None:
        self._model, self._fate = model, fate

    def stream(
        self, prompt: Prompt, hangup: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        for number, piece in enumerate(self._model.stream(prompt)):
            if number == PIECES_BEFORE_CRASH:
                self._fate.pass_point("after model.pieces")
            time.sleep(self._fate.piece_interval_seconds)
            yield piece


class CrashingTransport(httpx2.BaseTransport):
    """The way to Slack, on which the process may end before a call or before its answer."""

    def __init__(self, fate: CrashPoint) -> None:
        self._http, self._fate = httpx2.HTTPTransport(), fate

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        method = request.url.path.rpartition("/")[2]
        self._fate.pass_point(f"before slack.{method}")
        response = self._http.handle_request(request)
        response.read()
        self._fate.pass_point(f"after slack.{method}")
        return response


class CrashingProcesses:
    """The processes, as a test starts them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run_until_crash(self, function: str, event: dict[str, Any], point: str, shift: float = 0.0) -> int:
        """Runs the function on the event until the point. Gives the signal that ended it, 0 if none did."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"function": function, "event": event, "point": point, "shift": shift}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def crashing_processes() -> Iterator[CrashingProcesses]:
    """The process that forks them, for as long as the block lasts. It has our settings."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("", "shared", "scripts"))
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.crashing_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        yield CrashingProcesses(process)
        assert process.stdin is not None
        process.stdin.close()


def _main() -> None:
    mortal = CrashingWiring(os.environ)
    mortal.create_resources()
    wiring.set_wiring(mortal)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _run_child(mortal, order)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}\n")
        sys.stdout.flush()


def _run_child(mortal: CrashingWiring, order: dict[str, Any]) -> None:
    """The child's whole life."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        mortal.set_crash_point(order["point"], order["shift"])
        lambda_handlers.load_handler(order["function"])(
            order["event"], lambda_handlers.LambdaContext(order["function"])
        )
    finally:
        os._exit(0)


if __name__ == "__main__":
    from local.deployment import PRELOADED_MODULES

    for module in PRELOADED_MODULES:
        __import__(module)
    _main()
