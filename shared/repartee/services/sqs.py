"""The queue of wakes on SQS."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from repartee.services.aws import translating

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

LONGEST_DELAY = 900
"""Seconds that SQS can delay a message by itself."""


class Wake(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a wake: which chat to look at, and the correlation id of who asked."""

    chat: str
    correlation: str = ""


class DeadLetter(msgspec.Struct, frozen=True):
    """What got no answer: ids only, for texts stay in the inbox."""

    chat: str
    messages: tuple[str, ...]
    reason: str


class SqsWakes:
    """`ports.Wakes` on a standard queue and its dead-letter queue."""

    def __init__(self, client: SQSClient, queue: str, dead_letters: str = "") -> None:
        self._client, self._queue, self._dead_letters = client, queue, dead_letters

    def send(self, chat: str, delay: float = 0.0, correlation: str = "") -> None:
        body = msgspec.json.encode(Wake(chat, correlation)).decode()
        seconds = min(math.ceil(delay), LONGEST_DELAY) if delay > 0 else 0
        with translating("sqs"):
            self._client.send_message(QueueUrl=self._queue, MessageBody=body, DelaySeconds=seconds)

    def hide(self, receipt: str, seconds: float) -> None:
        with translating("sqs"):
            self._client.change_message_visibility(
                QueueUrl=self._queue, ReceiptHandle=receipt, VisibilityTimeout=math.ceil(seconds)
            )

    def bury(self, chat: str, messages: Iterable[str], reason: str) -> None:
        body = msgspec.json.encode(DeadLetter(chat, tuple(messages), reason)).decode()
        with translating("sqs"):
            self._client.send_message(QueueUrl=self._dead_letters, MessageBody=body)
