"""The rounds of calls that any answer waits for, bare: the floor under the time that ours takes.

Each round is what the one before must have told. Calls that need nothing of each other are made side by side:

1. the message is put, and its wake sent and received: without the put it is lost, without the wake unseen;
2. the lease is taken, and what is open is read: else two workers answer, or what came meanwhile is left;
3. the chat's state is read: who asks and whether the assistant may speak there, which the message tells;
4. the first text is posted.

Nothing is verified, parsed, gathered or written into a prompt here, and the model takes no time.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import boto3
import urllib3

from benches.support.tables import percentile

ROUNDS = ("put beside wake", "lease beside read", "state", "post")
STATE_KEYS = 9
"""Items of a chat's state in a shared room."""

WAKE_BYTES, PAYLOAD_CHARS = 150, 900
SUCCESSOR_DELAY_SECONDS = 600
REST_SECONDS = 0.5
"""Seconds between two messages, so that a poller waits already."""


@dataclass
class BareRounds:
    """Makes the rounds on the servers of the bench, with a queue of its own."""

    table: str
    queue: str
    slack_url: str
    token: str
    dynamodb: Any = field(default_factory=lambda: boto3.client("dynamodb"))
    sqs: Any = field(default_factory=lambda: boto3.client("sqs"))
    http: urllib3.PoolManager = field(default_factory=urllib3.PoolManager)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))

    def measure_message(self) -> tuple[float, ...]:
        """Returns the milliseconds of each round."""
        chat = f"bare:{uuid.uuid4().hex}"
        received = self.threads.submit(self._receive)
        time.sleep(REST_SECONDS)
        times = [time.perf_counter()]
        rounds: Sequence[Sequence[Callable[[], Any] | Future[Any]]] = (
            (lambda: self._put(chat), self._send, received),
            (lambda: self._take_lease(chat), lambda: self._read_open(chat)),
            (lambda: self._read_state(chat),),
            (self._post,),
        )
        for calls in rounds:
            begun = [one if isinstance(one, Future) else self.threads.submit(one) for one in calls]
            for one in begun:
                one.result()
            times.append(time.perf_counter())
        self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=received.result())
        return tuple(1000 * (end - begin) for begin, end in pairwise(times))

    def _receive(self) -> str:
        answer = self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=20)
        return str(answer["Messages"][0]["ReceiptHandle"])

    def _put(self, chat: str) -> None:
        texts = {"open": f"{time.time():.6f}", "payload": "x" * PAYLOAD_CHARS, "room": "bare"}
        item = {name: {"S": text} for name, text in texts.items()} | {"kept": {"N": "1"}}
        self.dynamodb.put_item(
            TableName=self.table,
            Item=_key(chat, "message#1") | item,
            ConditionExpression="attribute_not_exists(pk)",
        )

    def _send(self) -> None:
        bodies = ({"DelaySeconds": 0}, {"DelaySeconds": SUCCESSOR_DELAY_SECONDS})
        entries = [
            {"Id": str(number), "MessageBody": "x" * WAKE_BYTES} | delay
            for number, delay in enumerate(bodies)
        ]
        self.sqs.send_message_batch(QueueUrl=self.queue, Entries=entries)

    def _take_lease(self, chat: str) -> None:
        self.dynamodb.update_item(
            TableName=self.table,
            Key=_key(chat, "turn"),
            UpdateExpression="SET #until = :until, fence = if_not_exists(fence, :none) + :one",
            ConditionExpression="attribute_not_exists(#until) OR #until <= :now",
            ExpressionAttributeNames={"#until": "until"},
            ExpressionAttributeValues={
                ":until": {"N": "20"},
                ":now": {"N": "0"},
                ":none": {"N": "0"},
                ":one": {"N": "1"},
            },
            ReturnValues="ALL_NEW",
        )

    def _read_open(self, chat: str) -> None:
        self.dynamodb.query(
            TableName=self.table,
            IndexName="open",
            KeyConditionExpression="pk = :chat",
            ExpressionAttributeValues={":chat": {"S": chat}},
            ConsistentRead=True,
        )

    def _read_state(self, chat: str) -> None:
        keys = [_key(chat, f"state#{number}") for number in range(STATE_KEYS)]
        self.dynamodb.batch_get_item(RequestItems={self.table: {"Keys": keys, "ConsistentRead": True}})

    def _post(self) -> None:
        fields = {"channel": "C0BARE", "text": "bare"}
        headers = {"authorization": f"Bearer {self.token}"}
        answer = self.http.request("POST", f"{self.slack_url}chat.postMessage", json=fields, headers=headers)
        assert answer.json()["ok"], answer.json()


def summarize_rounds(measured: Sequence[tuple[float, ...]]) -> dict[str, Any]:
    """Returns the percentiles of the rounds and of their sum."""
    named = {name: [one[at] for one in measured] for at, name in enumerate(ROUNDS)}
    named["all"] = [sum(one) for one in measured]
    return {
        name: {"p50": percentile(values, 0.5), "p99": percentile(values, 0.99)}
        for name, values in named.items()
    }


def _key(pk: str, sk: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
