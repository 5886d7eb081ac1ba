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

from local.latency import InjectedLatencies
from local.sample_events import samples
from local.stack import LocalStack, StackFailed

if TYPE_CHECKING:
    from local.deployment import LocalDeployment
    from repartee.domain.message import Incoming
    from repartee.plan import CriticalPath
    from repartee.turn.metrics import TurnReport
    from repartee.turn.turn import Turn

MAX_ANSWER_SECONDS = 120.0
"""Seconds for the whole turn, retries included."""

UNAWAITED_STATUSES = {"skipped", "discarded"}
"""How steps end that nothing waits for."""

POSTS_PATHS = {"slack": "posts", "telegram": "telegram/posts", "whatsapp": "whatsapp/posts"}
"""Where the stand-ins list what they were called for."""


@dataclass(frozen=True)
class RunRequest:
    """One run: which event, what the person says instead, and how."""

    event: Path
    say: str = ""
    assistant: str = ""
    serial: bool = False
    latencies: InjectedLatencies = field(default_factory=lambda: InjectedLatencies({}))


@dataclass(frozen=True)
class Acknowledgement:
    """The webhook's answer, and how many milliseconds it took."""

    status: int
    body: str
    ms: float


@dataclass(frozen=True)
class AnsweredTurn:
    """A closed turn: the reply as people see it, what was printed and posted."""

    turn: Turn
    visible_reply: str
    metrics: Mapping[str, Any]
    posts: list[dict[str, Any]]

    @cached_property
    def report(self) -> TurnReport:
        from repartee.turn.metrics import build_report

        return build_report(self.turn)

    @cached_property
    def durations(self) -> Mapping[str, float]:
        """Seconds that each step took in this very run, as its consumers waited for it. Empty if none ran.

        A step that a gate left out or whose speculation was discarded made nobody wait: it counts as none.
        """
        return {
            outcome.name: 0.0 if outcome.status in UNAWAITED_STATUSES else outcome.seconds
            for outcome in self.report.outcomes
        }

    @cached_property
    def critical_path(self) -> CriticalPath:
        """The longest chain of steps that needed each other, by this run's own durations."""
        return self.turn.assistant.graph.critical_path(self.durations)

    @property
    def serial_ms(self) -> float:
        """An estimate of what the same steps take one after another: the sum of this run's durations."""
        return 1000 * sum(self.durations.values())

    def as_json(self) -> dict[str, Any]:
        """The object that `scripts/run --json` prints."""
        fields = ("chat", "channel", "assistant", "mode")
        return {
            **{name: getattr(self.report, name) for name in fields},
            "reply": self.visible_reply,
            "posts": self.posts,
            "steps": [
                {
                    "name": outcome.name,
                    "outcome": outcome.status,
                    "start_ms": _to_milliseconds(outcome.start),
                    "end_ms": _to_milliseconds(outcome.end),
                    "attempts": outcome.attempts,
                    "hedged": outcome.hedged,
                    "speculated": outcome.speculated,
                }
                for outcome in self.report.outcomes
            ],
            "gather_ms": round(self.report.gather_ms, 3),
            "critical_path_ms": _to_milliseconds(self.critical_path.seconds),
            "first_token_ms": round(self.report.first_token_ms, 3),
            "total_ms": round(self.report.total_ms, 3),
            "metrics": self.metrics,
        }


class JobRunner:
    """Runs a job on a stack that is up: `deploy`, `post`, `acknowledge`, `answer`, `examine`, in that order.

    What the functions print is kept in `printed`.
    """

    deployed: LocalDeployment

    def __init__(self, stack: LocalStack, job: RunRequest) -> None:
        self.stack, self.job = stack, job
        self.platform = samples.platform_of(job.event)
        self.printed = io.StringIO()
        self._at = 0.0

    def deploy_functions(self) -> None:
        """Loads the functions, while the stack's servers start."""
        from local.deployment import LocalDeployment

        with self._capture_output():
            self.deployed = LocalDeployment(self.stack, self.job.latencies, self._execution_modes())
            self.deployed.load_coach_library()

    def build_post(self) -> tuple[samples.PostedRequest, dict[str, Any]]:
        """The signed event, and who said what in it (empty where nothing is said)."""
        self._at = time.time()
        posted = samples.build_request(
            self.job.event,
            self._at,
            self.stack.platform_secret(self.platform),
            lambda: uuid.uuid4().hex,
            self.job.say,
        )
        event = samples.extract_said(posted.body)
        self.stack.show_person_message(event)
        return posted, event

    def post_to_webhook(self, posted: samples.PostedRequest) -> Acknowledgement:
        """Hands the event to the webhook."""
        from local.lambda_handlers import LambdaContext

        event = posted.as_lambda_event(self._at, str(uuid.uuid4()))
        began = time.perf_counter()
        with self._capture_output():
            answer = self.deployed.webhook(event, LambdaContext("webhook"))
        self.stack.apply_webhook_answer(posted.path, answer["body"])
        return Acknowledgement(answer["statusCode"], answer["body"], 1000 * (time.perf_counter() - began))

    def wait_for_turn(self) -> Turn | None:
        """Hands the wakes to the turn until one is closed. None if nothing woke it."""
        poller, taken = self.deployed.poller, self.deployed.parts.taken
        until = time.monotonic() + MAX_ANSWER_SECONDS
        with self._capture_output():
            while not taken and time.monotonic() < until:
                later = poller.has_delayed_wakes
                if not (poller.poll_queue() or poller.undone or later):
                    return None
        if not taken:
            raise StackFailed(
                f"no turn was closed within {MAX_ANSWER_SECONDS:.0f} s:\n{self.logged_errors()}"
            )
        return taken[-1]

    def logged_errors(self) -> str:
        """Returns the errors that the functions logged."""
        return "\n".join(line for line in self.printed.getvalue().splitlines() if '"level":"ERROR"' in line)

    def examine_turn(self, turn: Turn) -> AnsweredTurn:
        """Collects what the turn left behind. Runs nothing again."""
        posts = (
            self.stack.call_standins(POSTS_PATHS[self.platform])
            if self.stack.is_standin(self.platform)
            else []
        )
        since = [_posts_since(self._at, post) for post in posts]
        return AnsweredTurn(turn, self._read_visible_reply(turn), self._read_metrics(), since)

    def _read_visible_reply(self, turn: Turn) -> str:
        """The reply as it stands in the channel. A real platform is not asked: there it is what was sent."""
        if not self.stack.is_standin(self.platform):
            return turn.reply
        messages = self.stack.call_standins(_channel_path(turn.incoming[-1]))["messages"]
        return "\n".join(message["text"] for message in messages if message["bot"])

    def _read_metrics(self) -> dict[str, Any]:
        """The EMF line among what was printed."""
        lines = (line for line in self.printed.getvalue().splitlines() if '"_aws"' in line)
        return dict(json.loads(next(lines, "{}")))

    def _execution_modes(self) -> dict[str, str]:
        modes = {"PARALLEL_ENABLED": "false"} if self.job.serial else {}
        return modes | ({"ASSISTANT": self.job.assistant} if self.job.assistant else {})

    def _capture_output(self) -> contextlib.redirect_stdout[io.StringIO]:
        return contextlib.redirect_stdout(self.printed)


def _channel_path(message: Incoming) -> str:
    """Where the stand-in shows the place in which a message was said."""
    place = message.platform
    if message.channel == "slack":
        return f"channel/{place['channel']}"
    if message.channel == "telegram":
        return f"telegram/chat/{place['chat']}"
    return f"whatsapp/chat/{message.room.rpartition(':')[2]}"


def _posts_since(at: float, post: Mapping[str, Any]) -> dict[str, Any]:
    return {"at_ms": round(1000 * (post["at"] - at), 1), **{k: v for k, v in post.items() if k != "at"}}


def _to_milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 3)
