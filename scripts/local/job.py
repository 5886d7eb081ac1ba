"""The main job on one machine: an event goes into the webhook, its wake into the turn, a reply comes out."""

from __future__ import annotations

import contextlib
import io
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local import events
from local.latency import Latencies
from local.stack import LocalStack, StackFailed

if TYPE_CHECKING:
    from local.deployment import Deployment
    from repartee.conversation.message import Message
    from repartee.conversation.turn import Turn
    from repartee.observability import TurnReport
    from repartee.plan import CriticalPath

PATIENCE = 120.0
"""Seconds for the whole turn, retries included."""

POSTS = {"slack": "posts", "telegram": "telegram/posts", "whatsapp": "whatsapp/posts"}
"""Where the stand-ins list what they were called for."""


@dataclass(frozen=True)
class Job:
    """What to run: which event, what the person says instead, and how."""

    event: Path
    say: str = ""
    assistant: str = ""
    serial: bool = False
    latencies: Latencies = field(default_factory=lambda: Latencies({}))


@dataclass(frozen=True)
class Acknowledged:
    """What the webhook answered, and how many milliseconds it took."""

    status: int
    body: str
    ms: float


@dataclass(frozen=True)
class Answered:
    """A closed turn: the reply as people see it, what the steps cost alone, what was printed and posted."""

    turn: Turn
    seen: str
    durations: Mapping[str, float]
    metrics: Mapping[str, Any]
    posts: list[dict[str, Any]]

    @cached_property
    def report(self) -> TurnReport:
        from repartee.observability import report

        return report(self.turn)

    @cached_property
    def critical(self) -> CriticalPath:
        return self.turn.assistant.graph.critical_path(self.durations)

    @property
    def serial_ms(self) -> float:
        return 1000 * sum(self.durations.values())

    def as_json(self) -> dict[str, Any]:
        """The object that `scripts/run --json` prints."""
        told = ("chat", "channel", "assistant", "mode")
        return {
            **{name: getattr(self.report, name) for name in told},
            "reply": self.seen,
            "posts": self.posts,
            "steps": [
                {
                    "name": outcome.name,
                    "outcome": outcome.kind,
                    "start_ms": _ms(outcome.start),
                    "end_ms": _ms(outcome.end),
                    "attempts": outcome.attempts,
                    "hedged": outcome.hedged,
                    "speculated": outcome.speculated,
                }
                for outcome in self.report.outcomes
            ],
            "gather_ms": round(self.report.gather_ms, 3),
            "critical_path_ms": _ms(self.critical.seconds),
            "first_token_ms": round(self.report.first_token_ms, 3),
            "total_ms": round(self.report.total_ms, 3),
            "metrics": self.metrics,
        }


class Runner:
    """Runs a job on a stack that is up: `deploy`, `post`, `acknowledge`, `answer`, `examine`, in that order.

    What the functions print is kept in `printed`.
    """

    deployed: Deployment

    def __init__(self, stack: LocalStack, job: Job) -> None:
        self.stack, self.job = stack, job
        self.platform = events.platform(job.event)
        self.printed = io.StringIO()
        self._at = 0.0

    def deploy(self) -> None:
        """Loads the functions, while the stack's servers start."""
        from local.deployment import Deployment

        with self._printing():
            self.deployed = Deployment(self.stack, self.job.latencies, self._modes())
            self.deployed.teach()

    def post(self) -> tuple[events.Posted, dict[str, Any]]:
        """The signed event, and who said what in it (empty where nothing is said)."""
        self._at = time.time()
        posted = events.posted(
            self.job.event,
            self._at,
            self.stack.secret(self.platform),
            lambda: uuid.uuid4().hex,
            self.job.say,
        )
        event = events.said(posted.body)
        self.stack.heard(event)
        return posted, event

    def acknowledge(self, posted: events.Posted) -> Acknowledged:
        """Hands the event to the webhook."""
        from local.lambdas import Context

        event = posted.as_lambda_event(self._at, str(uuid.uuid4()))
        began = time.perf_counter()
        with self._printing():
            answer = self.deployed.webhook(event, Context("webhook"))
        self.stack.answered(posted.path, answer["body"])
        return Acknowledged(answer["statusCode"], answer["body"], 1000 * (time.perf_counter() - began))

    def answer(self) -> Turn | None:
        """Hands the wakes to the turn until one is closed. None if nothing woke it."""
        poller, taken = self.deployed.poller, self.deployed.parts.taken
        until = time.monotonic() + PATIENCE
        with self._printing():
            while not taken and time.monotonic() < until:
                later = poller.delayed
                if not (poller.poll() or poller.undone or later):
                    return None
        if not taken:
            raise StackFailed(f"no turn was closed within {PATIENCE:.0f} s:\n{self.complaints()}")
        return taken[-1]

    def complaints(self) -> str:
        """What the functions logged as an error."""
        return "\n".join(line for line in self.printed.getvalue().splitlines() if '"level":"ERROR"' in line)

    def examine(self, turn: Turn) -> Answered:
        """Measures what the turn's steps cost alone, and collects what it left behind."""
        posts = self.stack.ask(POSTS[self.platform]) if self.stack.is_standin(self.platform) else []
        durations = self.deployed.parts.durations(turn)
        since = [_since(self._at, post) for post in posts]
        return Answered(turn, self._seen(turn), durations, self._metrics(), since)

    def _seen(self, turn: Turn) -> str:
        """The reply as it stands in the channel. A real platform is not asked: there it is what was sent."""
        if not self.stack.is_standin(self.platform):
            return turn.reply
        messages = self.stack.ask(_path(turn.asked[-1]))["messages"]
        return "\n".join(said["text"] for said in messages if said["bot"])

    def _metrics(self) -> dict[str, Any]:
        """The EMF line among what was printed."""
        lines = (line for line in self.printed.getvalue().splitlines() if '"_aws"' in line)
        return dict(json.loads(next(lines, "{}")))

    def _modes(self) -> dict[str, str]:
        modes = {"PARALLEL_ENABLED": "false"} if self.job.serial else {}
        return modes | ({"ASSISTANT": self.job.assistant} if self.job.assistant else {})

    def _printing(self) -> contextlib.redirect_stdout[io.StringIO]:
        return contextlib.redirect_stdout(self.printed)


def _path(message: Message) -> str:
    """Where the stand-in shows the place in which a message was said."""
    place = message.platform
    if message.channel == "slack":
        return f"channel/{place['channel']}"
    if message.channel == "telegram":
        return f"telegram/chat/{place['chat']}"
    return f"whatsapp/chat/{message.room.rpartition(':')[2]}"


def _since(at: float, post: Mapping[str, Any]) -> dict[str, Any]:
    return {"at_ms": round(1000 * (post["at"] - at), 1), **{k: v for k, v in post.items() if k != "at"}}


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 3)
