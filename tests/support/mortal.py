"""A process that carries out what a function does, and kills itself at a named point of the way.

`python -m tests.support.mortal` makes the parts that the functions need. Then it reads orders, a line of JSON
each, and for each of them forks a child that runs the function's handler on these parts, as Lambda runs
what a snapshot holds. It answers with the signal that ended the child, or 0.
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
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2

from local import lambdas
from repartee import wiring
from repartee.channels.slack.api import SlackApi
from repartee.conversation.hangup import Hangup
from repartee.conversation.prompt import Call, Prompt, Usage
from repartee.platforms import Platform
from repartee.wiring import Wiring

ROOT = Path(__file__).parents[2]

PIECES_LIVED = 30
"""Pieces that the model has written when the point `after model.pieces` is passed."""


class Fate:
    """Where the process ends."""

    def __init__(self) -> None:
        self.point = ""

    @property
    def pause(self) -> float:
        """Seconds between two pieces of the model's, so that a reply grows where it is to end growing."""
        return 0.03 if self.point.endswith("appendStream") else 0.0

    def pass_by(self, point: str) -> None:
        if point == self.point:
            os.kill(os.getpid(), signal.SIGKILL)


class Mortal(Wiring):
    """Wiring whose every call that leaves the process is a point before, and a point after."""

    shift = 0.0

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self._fate = Fate()

    def clock(self) -> float:
        return time.time() + self.shift

    def is_to(self, die_at: str, shift: float) -> None:
        """Its life ends at that point, and so many seconds from now."""
        self._fate.point, self.shift = die_at, shift

    def prepare(self) -> None:
        """Makes what the functions need, and leaves no connection that several lives would share."""
        self.make("webhook", "chats")
        self.aws.reconnected()

    @cached_property
    def inbox(self) -> Any:
        return Fatal("inbox", super().inbox, self._fate)

    @cached_property
    def wakes(self) -> Any:
        return Fatal("wakes", super().wakes, self._fate)

    @cached_property
    def messages(self) -> Any:
        return Fatal("messages", super().messages, self._fate)

    @cached_property
    def model(self) -> Any:
        return FatalModel(super().model, self._fate)

    @cached_property
    def platforms(self) -> tuple[Platform, ...]:
        made, transport = super().platforms, FatalTransport(self._fate)
        slack = next(platform for platform in made if platform.name == "slack")
        url = self.settings.slack_api_url
        vars(slack)["_api"] = SlackApi(url, lambda: self.settings.slack_bot_token, transport)
        return made


class Fatal:
    """A port on whose calls the process may end."""

    def __init__(self, name: str, port: Any, fate: Fate) -> None:
        self._name, self._port, self._fate = name, port, fate

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._port, method)

        def fatal(*arguments: Any, **named: Any) -> Any:
            self._fate.pass_by(f"before {self._name}.{method}")
            result = call(*arguments, **named)
            self._fate.pass_by(f"after {self._name}.{method}")
            return result

        return fatal


class FatalModel:
    """A model in the middle of whose reply the process may end."""

    def __init__(self, model: Any, fate: Fate) -> None:
        self._model, self._fate = model, fate

    def stream(
        self, prompt: Prompt, hangup: Hangup | None = None
    ) -> Generator[str | Call | Usage, None, None]:
        for number, piece in enumerate(self._model.stream(prompt)):
            if number == PIECES_LIVED:
                self._fate.pass_by("after model.pieces")
            time.sleep(self._fate.pause)
            yield piece


class FatalTransport(httpx2.BaseTransport):
    """The way to Slack, on which the process may end before a call or before its answer."""

    def __init__(self, fate: Fate) -> None:
        self._http, self._fate = httpx2.HTTPTransport(), fate

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        method = request.url.path.rpartition("/")[2]
        self._fate.pass_by(f"before slack.{method}")
        response = self._http.handle_request(request)
        response.read()
        self._fate.pass_by(f"after slack.{method}")
        return response


class Mortals:
    """The processes, as a test starts them."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def live(self, function: str, event: dict[str, Any], point: str, shift: float = 0.0) -> int:
        """Runs the function on the event until the point. Gives the signal that ended it, 0 if none did."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"function": function, "event": event, "point": point, "shift": shift}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def mortals() -> Iterator[Mortals]:
    """The process that forks them, for as long as the block lasts. It has our settings."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("", "shared", "scripts"))
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.mortal"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        yield Mortals(process)
        assert process.stdin is not None
        process.stdin.close()


def _main() -> None:
    mortal = Mortal(os.environ)
    mortal.prepare()
    wiring.install(mortal)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(mortal, order)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}\n")
        sys.stdout.flush()


def _live(mortal: Mortal, order: dict[str, Any]) -> None:
    """The child's whole life."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        mortal.is_to(order["point"], order["shift"])
        lambdas.handler(order["function"])(order["event"], lambdas.Context(order["function"]))
    finally:
        os._exit(0)


if __name__ == "__main__":
    from local.deployment import LOADED

    for module in LOADED:
        __import__(module)
    _main()
