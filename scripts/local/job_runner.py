"""The main job on one machine: an event goes into the webhook, its wake into the turn, a reply comes out."""

from __future__ import annotations

import contextlib
import io
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.answered_turn import AnsweredTurn
from local.button_press import build_press
from local.latency import InjectedLatencies
from local.message_way import WebhookCall
from local.sample_events import samples
from local.stack import LocalStack, StackFailed

if TYPE_CHECKING:
    from local.deployment import LocalDeployment
    from repartee.domain.message import Incoming
    from repartee.domain.redactor import Redactor
    from repartee.turn.turn import Turn

MAX_ANSWER_SECONDS = 120.0
"""Seconds for the whole turn, retries included."""

CARD_TIMEOUT_SECONDS, CARD_POLL_SECONDS = 5.0, 0.05
"""How long the team's card is waited for, and how often it is looked for."""

POSTS_PATHS = {"slack": "posts", "telegram": "telegram/posts", "whatsapp": "whatsapp/posts"}
"""Where the stand-ins list what they were called for."""


@dataclass(frozen=True)
class RunRequest:
    """One run: which event, what the person says instead, and how."""

    event: Path
    say: str = ""
    assistant: str = ""
    serial: bool = False
    approve: bool = False
    show: bool = False
    svg: str = ""
    latencies: InjectedLatencies = field(default_factory=lambda: InjectedLatencies({}))


@dataclass(frozen=True)
class Acknowledgement:
    """The webhook's answer, and how many milliseconds it took."""

    status: int
    body: str
    ms: float


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
        self._webhook_call = WebhookCall(0.0, 0.0)
        self._turns_seen = self._injected_before = 0
        self._person: dict[str, Any] = {}

    def deploy_functions(self) -> None:
        """Loads the functions, while the stack's servers start."""
        from local.deployment import LocalDeployment

        with self._capture_output():
            self.deployed = LocalDeployment(self.stack, self.job.latencies, self._execution_modes())
            self.deployed.load_coach_library()
            self.deployed.load_desk()

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
        event = self._person = samples.extract_said(posted.body)
        self.stack.show_person_message(event)
        return posted, event

    def wait_for_card(self, chat: str) -> str:
        """Returns the room in which the team is shown the card of the customer's conversation, empty where
        the assistant has it."""
        from repartee.wiring import stores

        if not self.deployed.has_desk:
            return ""
        handovers = self.deployed.parts.get(stores.handovers)
        end = time.monotonic() + CARD_TIMEOUT_SECONDS
        while (found := handovers.read(chat)).is_active and not found.card.room and time.monotonic() < end:
            time.sleep(CARD_POLL_SECONDS)
        return found.card.room

    def send_events(self) -> list[dict[str, Any]]:
        """Sends the desk's events, and returns those that their receiver has taken."""
        with self._capture_output():
            return self.deployed.send_events()

    def build_approval(self) -> samples.PostedRequest | None:
        """The signed press on Approve, as the person's platform posts it. None if no proposal is shown."""
        self._at = time.time()
        secret = self.stack.platform_secret(self.platform)
        posts = self.stack.call_standins(POSTS_PATHS[self.platform])
        return build_press(self.platform, posts, "approve", self._person, secret, self._at)

    def post_to_webhook(self, posted: samples.PostedRequest) -> Acknowledgement:
        """Hands the event to the webhook."""
        from local.lambda_handlers import LambdaContext

        event = posted.as_lambda_event(self._at, str(uuid.uuid4()))
        began, self._injected_before = time.time(), len(self.job.latencies.injected)
        with self._capture_output():
            answer = self.deployed.webhook(event, LambdaContext("webhook"))
        self._webhook_call = WebhookCall(began, time.time())
        self.stack.apply_webhook_answer(posted.path, answer["body"])
        took = 1000 * (self._webhook_call.ended_at - began)
        return Acknowledgement(answer["statusCode"], answer["body"], took)

    def wait_for_turn(self) -> Turn | None:
        """Hands the wakes to the turn until another one is closed. None if nothing woke it."""
        poller, taken, seen = self.deployed.poller, self.deployed.parts.taken, self._turns_seen
        until = time.monotonic() + MAX_ANSWER_SECONDS
        with self._capture_output():
            while len(taken) == seen and time.monotonic() < until:
                later = poller.has_delayed_wakes
                if not (poller.poll_queue() or poller.undone or later):
                    return None
        if len(taken) == seen:
            raise StackFailed(
                f"no turn was closed within {MAX_ANSWER_SECONDS:.0f} s:\n{self.logged_errors()}"
            )
        self._turns_seen = len(taken)
        return taken[-1]

    def redactor_of(self, turn: Turn) -> Redactor:
        """Returns what hides personal details in the room of the turn, as it is configured."""
        from repartee.wiring import services

        return self.deployed.parts.get(services.redactor_for)(turn.incoming[-1].room)

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
        began, parts = self._webhook_call.began_at, self.deployed.parts
        since = [_posts_since(began, post) for post in posts if post["at"] >= began]
        return AnsweredTurn(
            turn,
            self._read_visible_reply(turn),
            self._read_metrics(turn),
            since,
            self._webhook_call,
            parts.recorder,
            tuple(self.deployed.poller.invoked_at),
            tuple(self.job.latencies.injected[self._injected_before :]),
        )

    def _read_visible_reply(self, turn: Turn) -> str:
        """The reply as it stands in the channel. A real platform is not asked: there it is what was sent."""
        if not self.stack.is_standin(self.platform):
            return turn.reply
        messages = self.stack.call_standins(_channel_path(turn.incoming[-1]))["messages"]
        return "\n".join(message["text"] for message in messages if message["bot"])

    def _read_metrics(self, turn: Turn) -> dict[str, Any]:
        """The EMF line of the turn among what was printed."""
        lines = (line for line in self.printed.getvalue().splitlines() if '"_aws"' in line)
        return dict(json.loads(next((line for line in lines if turn.id in line), "{}")))

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
