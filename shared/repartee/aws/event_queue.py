"""The queue of lanes of events, and its dead letters, on SQS."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from repartee.aws.calls import translate_errors
from repartee.aws.queue import MAX_DELAY_SECONDS
from repartee.domain.desk_event import DeadEvent, EventLane

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsEventQueue:
    """`ports.EventQueue` on a standard queue and its dead-letter queue."""

    def __init__(self, client: SQSClient, queue_url: str, dead_letters_queue_url: str = "") -> None:
        self._client, self._queue, self._dead_letters = client, queue_url, dead_letters_queue_url

    def send(self, lane: EventLane, delay: float = 0.0) -> None:
        with translate_errors("sqs"):
            self._client.send_message(
                QueueUrl=self._queue,
                MessageBody=msgspec.json.encode(lane).decode(),
                DelaySeconds=max(0, min(math.ceil(delay), MAX_DELAY_SECONDS)),
            )

    def bury(self, dead: DeadEvent) -> None:
        with translate_errors("sqs"):
            self._client.send_message(
                QueueUrl=self._dead_letters, MessageBody=msgspec.json.encode(dead).decode()
            )
