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

from local import lambda_handlers
from local.deployment import LocalDeployment
from local.latency import InjectedLatencies
from local.local_wiring import LocalWiring
from local.sample_events import samples
from local.stack import SIGNING_SECRET, LocalStack
from repartee import wiring
from repartee.stores.dynamodb.items import primary_key
from repartee.turn.turn import Turn
from repartee.wiring import process
from standins.openai.server import Pace
from standins.slack.posts import TEAM_ID

CHANNEL_ID = "C0GENERAL"
FAST_MODEL_PACE = Pace(first_token=0.01, per_second=2000.0)

Event = dict[str, Any]


class SaidEvent(NamedTuple):
    """A person's message: the event as the webhook receives it, and the thread in which it is answered."""

    event: Event
    thread: str


class ShiftedWiring(LocalWiring):
    """The local stack's parts on a clock that a test may put forward."""

    shift_seconds = 0.0

    def __init__(self, environment: Mapping[str, str], latencies: InjectedLatencies) -> None:
        super().__init__(environment, latencies)
        self.put(process.clock, lambda: time.time() + self.shift_seconds)


class LiveHandlers:
    """Webhook, turn and sweep with their queue between them."""

    def __init__(self, stack: LocalStack, seconds: Mapping[str, float]) -> None:
        self.stack = stack
        self._latencies = InjectedLatencies(seconds)
        self._deployment = LocalDeployment(stack, self._latencies, {})
        self.parts = self.install_settings()
        self._sqs = self.parts.get(process.aws_clients).get_client("sqs")

    def install_settings(self, **settings: str) -> ShiftedWiring:
        """Parts of the stack's settings and these, from now on the process's."""
        self.parts = ShiftedWiring({**os.environ, **settings}, self._latencies)
        wiring.set_wiring(self.parts)
        return self.parts

    def build_event(self, say: str, name: str = "app_mention", thread: str = "") -> SaidEvent:
        """A person says it in Slack."""
        at = time.time()
        posted = samples.build_request(
            samples.find_event(name), at, SIGNING_SECRET, lambda: uuid.uuid4().hex, say, thread
        )
        inner = json.loads(posted.body)["event"]
        self.stack.show_person_message(inner)
        event = posted.as_lambda_event(at, str(uuid.uuid4()), in_base64=True)
        return SaidEvent(event, inner.get("thread_ts") or inner["ts"])

    def post_event(self, said: SaidEvent) -> int:
        """The webhook's answer to what Slack posts of it."""
        return int(
            self._deployment.webhook(said.event, lambda_handlers.LambdaContext("webhook"))["statusCode"]
        )

    def say_in_slack(self, text: str, name: str = "app_mention", thread: str = "") -> str:
        """A person says it, and the webhook keeps it. Gives the thread in which it will be answered."""
        said = self.build_event(text, name, thread)
        assert self.post_event(said) == 200
        return said.thread

    def answer_visible_wakes(self) -> list[Turn]:
        """The turn takes wakes until none is visible. Gives the turns that were closed."""
        before = len(self.parts.taken)
        while self._deployment.poller.poll_queue(wait=0):
            pass
        return self.parts.taken[before:]

    def receive_wake(self, thread: str = "") -> Event:
        """Returns a wake of this thread as the turn's handler is given it; it stays in the queue, invisible.
        Those that turns before it sent for their lease's end are taken out of the queue."""
        while True:
            answer = self._sqs.receive_message(QueueUrl=self._open_queue, AttributeNames=["All"])
            wake = samples.wrap_wakes(answer["Messages"], self._open_queue)
            if thread in answer["Messages"][0]["Body"]:
                return wake
            self.delete_wake(wake)

    def run_turn(self, wake: Event) -> bool:
        """Hands a wake to the turn's handler: whether it was done with."""
        handler = lambda_handlers.load_handler("turn")
        answer = handler(wake, lambda_handlers.LambdaContext("turn"))
        return not answer["batchItemFailures"]

    def delete_wake(self, wake: Event) -> None:
        for record in wake["Records"]:
            self._sqs.delete_message(QueueUrl=self._open_queue, ReceiptHandle=record["receiptHandle"])

    def run_sweep(self) -> int:
        """How many chats the sweep has woken."""
        return int(self._deployment.run_sweep({}, lambda_handlers.LambdaContext("sweep"))["woken"])

    @contextmanager
    def shift_time(self, seconds: float) -> Iterator[None]:
        """Within the block it is so many seconds later for the functions."""
        self.parts.shift_seconds += seconds
        try:
            yield
        finally:
            self.parts.shift_seconds -= seconds

    def take_dead_letters(self) -> list[str]:
        """Returns the dead letters, and takes them out of their queue."""
        queue = os.environ["DEAD_LETTERS_QUEUE_URL"]
        found = self._sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            self._sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found]

    def visible_channel(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.stack.call_standins(f"channel/{CHANNEL_ID}")["messages"]
        return found

    def replies_in_thread(self, thread: str) -> list[str]:
        """Returns the assistant's messages in the thread, as people see them."""
        return [
            said["text"] for said in self.visible_channel() if said["bot"] and said["thread_ts"] == thread
        ]

    def is_streaming(self, thread: str) -> bool:
        """Whether a reply in the thread looks unfinished."""
        return any(said["streaming"] for said in self.visible_channel() if said["thread_ts"] == thread)

    def count_delayed_wakes(self) -> int:
        """How many wakes are in the queue that nobody can see yet."""
        name = "ApproximateNumberOfMessagesDelayed"
        answer = self._sqs.get_queue_attributes(QueueUrl=self._open_queue, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def count_open_items(self) -> int:
        """How many messages and exchanges wait for anything, in the whole table."""
        answer = self.parts.get(process.dynamodb_client).scan(
            TableName=os.environ["RECORDS_TABLE"], IndexName="open"
        )
        return int(answer["Count"])

    def inject_fault(self, **fault: Any) -> None:
        """Lets something go wrong at a stand-in (standins/faults.py)."""
        self.stack.call_standins("faults", **fault)

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self._delete_at_standin("faults")

    def reset_rate_limits(self) -> None:
        """Nobody remembers how often Slack was called of late, nor how much a person has said, as it would be
        in a minute."""
        self._delete_at_standin("limits")
        client, table = self.parts.get(process.dynamodb_client), os.environ["RECORDS_TABLE"]
        client.delete_item(TableName=table, Key=primary_key(f"slack:{TEAM_ID}", "crowd"))
        rates = {":prefix": {"S": "rate#"}}
        found = client.scan(
            TableName=table, FilterExpression="begins_with(sk, :prefix)", ExpressionAttributeValues=rates
        )
        for item in found["Items"]:
            client.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})

    def _delete_at_standin(self, path: str) -> None:
        request = urllib.request.Request(f"{self.stack.standins}/standin/{path}", method="DELETE")
        urllib.request.urlopen(request).close()

    def clean_up(self) -> None:
        """Nothing goes wrong any more, and all that was left is done."""
        self.clear_faults()
        self.answer_visible_wakes()
        with self.shift_time(1000.0):
            if self.run_sweep():
                self.answer_visible_wakes()
        self.take_dead_letters()

    @property
    def _open_queue(self) -> str:
        return os.environ["WAKES_QUEUE_URL"]


@contextmanager
def live_handlers(seconds: Mapping[str, float] | None = None) -> Iterator[LiveHandlers]:
    """The functions in this process, on a stack of their own. The environment is as before afterwards."""
    before = dict(os.environ)
    installed = wiring._current_wiring[:]
    try:
        with LocalStack({}, FAST_MODEL_PACE) as stack:
            os.environ["PERSON_RATE"] = "1000"  # one person asks all that a file of tests asks
            yield LiveHandlers(stack, seconds or {})
    finally:
        os.environ.clear()
        os.environ.update(before)
        wiring._current_wiring[:] = installed
