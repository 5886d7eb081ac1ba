"""The functions' handlers on a local stack that is up: a test posts to them and watches what comes of it."""

from __future__ import annotations

import json
import os
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from local import events, lambdas
from local.deployment import Deployment
from local.latency import Latencies
from local.model_standin import Pace
from local.parts import LocalWiring
from local.slack_standin import TEAM
from local.stack import SIGNING_SECRET, LocalStack
from repartee import wiring
from repartee.conversation.turn import Turn
from repartee.stores.dynamodb.items import key

CHANNEL = "C0GENERAL"
BRISK = Pace(first_token=0.01, per_second=2000.0)

Event = dict[str, Any]


class Said(NamedTuple):
    """What somebody said: the event as the webhook receives it, and the thread in which it is answered."""

    event: Event
    thread: str


class Shifted(LocalWiring):
    """The local stack's parts on a clock that a test may put forward."""

    shift = 0.0

    def clock(self) -> float:
        return time.time() + self.shift


class Handled:
    """Webhook, turn and sweep with their queue between them."""

    def __init__(self, stack: LocalStack, seconds: Mapping[str, float]) -> None:
        self.stack = stack
        self._latencies = Latencies(seconds)
        self._deployment = Deployment(stack, self._latencies, {})
        self.parts = self.install()
        self._sqs = self.parts.aws.make("sqs")

    def install(self, **settings: str) -> Shifted:
        """Parts of the stack's settings and these, from now on the process's."""
        self.parts = Shifted({**os.environ, **settings}, self._latencies)
        wiring.install(self.parts)
        return self.parts

    def event(self, say: str, name: str = "app_mention", thread: str = "") -> Said:
        """A person says it in Slack."""
        at = time.time()
        posted = events.posted(events.find(name), at, SIGNING_SECRET, lambda: uuid.uuid4().hex, say, thread)
        inner = json.loads(posted.body)["event"]
        self.stack.heard(inner)
        event = posted.as_lambda_event(at, str(uuid.uuid4()), in_base64=True)
        return Said(event, inner.get("thread_ts") or inner["ts"])

    def post(self, said: Said) -> int:
        """The webhook's answer to what Slack posts of it."""
        return int(self._deployment.webhook(said.event, lambdas.Context("webhook"))["statusCode"])

    def say(self, text: str, name: str = "app_mention", thread: str = "") -> str:
        """A person says it, and the webhook keeps it. Gives the thread in which it will be answered."""
        said = self.event(text, name, thread)
        assert self.post(said) == 200
        return said.thread

    def work(self) -> list[Turn]:
        """The turn takes wakes until none is visible. Gives the turns that were closed."""
        before = len(self.parts.taken)
        while self._deployment.poller.poll(wait=0):
            pass
        return self.parts.taken[before:]

    def receive(self) -> Event:
        """A wake as the turn's handler is given it. It stays in the queue, invisible."""
        answer = self._sqs.receive_message(QueueUrl=self._queue, AttributeNames=["All"])
        return events.wakes(answer["Messages"], self._queue)

    def turn(self, wake: Event) -> bool:
        """Hands a wake to the turn's handler: whether it was done with."""
        handler = lambdas.handler("turn")
        answer = handler(wake, lambdas.Context("turn"))
        return not answer["batchItemFailures"]

    def delete(self, wake: Event) -> None:
        for record in wake["Records"]:
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=record["receiptHandle"])

    def sweep(self) -> int:
        """How many chats the sweep has woken."""
        return int(self._deployment.sweep({}, lambdas.Context("sweep"))["woken"])

    @contextmanager
    def later(self, seconds: float) -> Iterator[None]:
        """Within the block it is so many seconds later for the functions."""
        self.parts.shift += seconds
        yield
        self.parts.shift -= seconds

    def dead_letters(self) -> list[str]:
        """What lies in the dead-letter queue, taken out of it."""
        queue = os.environ["DEAD_LETTERS_QUEUE_URL"]
        found = self._sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            self._sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found]

    def channel(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.stack.ask(f"channel/{CHANNEL}")["messages"]
        return found

    def replies(self, thread: str) -> list[str]:
        """What the assistant said in the thread, as people see it."""
        return [said["text"] for said in self.channel() if said["bot"] and said["thread_ts"] == thread]

    def streaming(self, thread: str) -> bool:
        """Whether a reply in the thread looks unfinished."""
        return any(said["streaming"] for said in self.channel() if said["thread_ts"] == thread)

    def delayed_wakes(self) -> int:
        """How many wakes are in the queue that nobody can see yet."""
        name = "ApproximateNumberOfMessagesDelayed"
        answer = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def open_items(self) -> int:
        """How many messages and exchanges wait for anything, in the whole table."""
        answer = self.parts.dynamodb.scan(TableName=os.environ["RECORDS_TABLE"], IndexName="open")
        return int(answer["Count"])

    def fault(self, **fault: Any) -> None:
        """Lets something go wrong at a stand-in (local/faults.py)."""
        self.stack.ask("faults", **fault)

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        self._delete("faults")

    def rest(self) -> None:
        """Nobody remembers how often Slack was called of late, as it would be in a minute."""
        self._delete("limits")
        crowd = key(f"slack:{TEAM}", "crowd")
        self.parts.dynamodb.delete_item(TableName=os.environ["RECORDS_TABLE"], Key=crowd)

    def _delete(self, path: str) -> None:
        request = urllib.request.Request(f"{self.stack.standins}/standin/{path}", method="DELETE")
        urllib.request.urlopen(request).close()

    def settle(self) -> None:
        """Nothing goes wrong any more, and all that was left is done."""
        self.heal()
        self.work()
        with self.later(1000.0):
            if self.sweep():
                self.work()
        self.dead_letters()

    @property
    def _queue(self) -> str:
        return os.environ["WAKES_QUEUE_URL"]


@contextmanager
def handled(seconds: Mapping[str, float] | None = None) -> Iterator[Handled]:
    """The functions in this process, on a stack of their own. The environment is as before afterwards."""
    before = dict(os.environ)
    installed = wiring._process[:]
    try:
        with LocalStack({}, BRISK) as stack:
            yield Handled(stack, seconds or {})
    finally:
        os.environ.clear()
        os.environ.update(before)
        wiring._process[:] = installed
