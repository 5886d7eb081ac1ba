"""Least privilege: what the functions do to AWS, from a message to its reply, is allowed; nothing more is.

Each function has parts of its own here, whose every call is noted by a hook of botocore. Lambda's own calls
with a function's role, which no code of ours makes, are named below.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from local import events
from local.issuer_standin import AUDIENCE, IssuerStandIn
from local.lambdas import Context, Handler, handler
from local.slack_standin import TEAM
from local.stack import SIGNING_SECRET, LocalStack
from local.worker import Poller
from repartee import wiring
from repartee.conversation.answer import AnswerChat
from tests.support import aws
from tests.support.handled import BRISK
from tests.support.rights import RecordedWiring, Right, granted
from tests.support.stack import template
from tests.support.streaming import PATIENCE, Reading, served
from tests.support.training import workout

STACK = template()

LAMBDAS_OWN = {
    ("sqs:ChangeMessageVisibility", "Wakes"),
    ("sqs:DeleteMessage", "Wakes"),
    ("sqs:GetQueueAttributes", "Wakes"),
    ("sqs:ReceiveMessage", "Wakes"),
}
"""What Lambda's poller does in the turn's name, and code of ours need not."""

FUNCTIONS = ("Webhook", "Turn", "Sweep", "Stream")


@dataclass
class Deployed:
    """The functions on a stack, each with parts of its own."""

    stack: LocalStack
    issuer: IssuerStandIn
    parts: dict[str, RecordedWiring]

    def __post_init__(self) -> None:
        self._handlers = {name: self._loaded(name) for name in ("Webhook", "Turn", "Sweep")}
        self._queue = self.stack.settings["WAKES_QUEUE_URL"]
        poll = aws.client("sqs", self.stack.moto)
        self._poller = Poller(poll, self._queue, lambda event, _: self.call("Turn", event))

    def _loaded(self, name: str) -> Handler:
        wiring.install(self.parts[name])
        return handler(name.lower())

    def call(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        wiring.install(self.parts[name])
        answer: dict[str, Any] = self._handlers[name](event, Context(name.lower()))
        return answer

    def post(self, name: str, say: str = "") -> str:
        """A person says it in Slack. Gives the chat."""
        at = time.time()
        posted = events.posted(events.find(name), at, SIGNING_SECRET, lambda: uuid.uuid4().hex, say)
        said = events.said(posted.body)
        self.stack.heard(said)
        assert self.call("Webhook", posted.as_lambda_event(at, str(uuid.uuid4())))["statusCode"] == 200
        return f"slack:{TEAM}:{said['channel']}:{said['ts']}"

    def work(self) -> None:
        """The turn takes what is in the queue."""
        while self._poller.poll(wait=0):
            pass

    def chat(self, text: str) -> None:
        """A web client says it, and reads the reply."""
        headers = {"Authorization": f"Bearer {self.issuer.token()}"}
        with (
            served(self.parts["Stream"].stream) as url,
            httpx2.stream(
                "POST", f"{url}/chat", json={"text": text}, headers=headers, timeout=PATIENCE
            ) as reply,
        ):
            done = Reading(reply).until("done")
            again = httpx2.get(f"{url}/chat/{done['turn']}/events", headers=headers, timeout=PATIENCE)
            assert again.status_code == 200

    @property
    def done(self) -> set[tuple[str, Right]]:
        """What each role was seen to need."""
        return {(f"{name}Role", right) for name, parts in self.parts.items() for right in parts.aws.done}


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    """The functions, after all that people may do to them."""
    before, installed = dict(os.environ), wiring._process[:]
    issuer = IssuerStandIn(time.time)
    try:
        with served(Starlette(routes=issuer.routes())) as login, LocalStack({}, BRISK) as stack:
            os.environ.update(stack.settings)
            stack.ready()
            stack.prepare(*(aws.client(name, stack.moto) for name in ("dynamodb", "sqs", "secretsmanager")))
            aws.client("s3", stack.moto).create_bucket(
                Bucket="media", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
            )
            web = {"WEB_JWKS_URL": f"{login}/issuer/jwks.json", "WEB_AUDIENCE": AUDIENCE}
            settings = stack.settings | web | {"MEDIA_BUCKET": "media", "ASSISTANT": "office,web=coach"}
            os.environ.update(settings)
            running = Deployed(stack, issuer, {name: RecordedWiring(os.environ) for name in FUNCTIONS})
            live(running)
            yield running
    finally:
        os.environ.clear()
        os.environ.update(before)
        wiring._process[:] = installed


def live(deployed: Deployed) -> None:
    """What people do, and what goes wrong."""
    deployed.post("app_mention", "when does the Lisbon office open?")
    deployed.work()
    deployed.post("voice_and_picture")
    deployed.post("direct_message", "mute for 2 hours")
    deployed.post("direct_message", "unmute")
    deployed.post("channel_message")
    deployed.work()
    deployed.chat("what should I train today?")
    first, second = workout("2026-11-20"), workout("2026-11-21")
    deployed.parts["Stream"].workouts.put("web:ada", [first])
    deployed.parts["Stream"].workouts.put("web:ada", [second], instead_of=[first])  # it is put right
    fails(deployed)
    deployed.post("app_mention", "is somebody there?")
    deployed.parts["Sweep"].shift = 1000.0
    deployed.call("Sweep", {})


def fails(deployed: Deployed) -> None:
    """A turn fails three times, and somebody else holds its chat the next time."""
    deployed.stack.ask("faults", at="model:responses", kind="error", status=400, times=-1)
    chat = deployed.post("app_mention", "who has the keys?")
    turn, now = deployed.parts["Turn"], time.time()
    order = AnswerChat(chat, "", now + 270)
    for _ in range(3):
        turn.chats.answer_all([order])
    turn.inbox.acquire(chat, "another", now, now + 20)
    turn.chats.answer_all([order])


def test_what_is_done_is_allowed(deployed: Deployed) -> None:
    """Every call of every function is one that its role may make."""
    allowed = {(role, right) for role, _, right in granted(STACK)}

    assert deployed.done - allowed == set()


def test_what_is_allowed_is_done(deployed: Deployed) -> None:
    """Every right of every statement is used, by one of the roles at least that have the statement."""
    idle = {
        (sid, right)
        for role, sid, right in granted(STACK)
        if right not in LAMBDAS_OWN and not right[0].startswith("logs:") and sid != "FindPersonalDetails"
    }

    used = {(sid, right) for role, sid, right in granted(STACK) if (role, right) in deployed.done}

    assert idle - used == set()
