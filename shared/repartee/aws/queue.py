"""The queue of wakes on SQS."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MAX_DELAY_SECONDS = 900
"""Seconds that SQS can delay a message by itself."""

MAX_BATCH_WAKES = 10
"""Messages that SQS takes in one call."""


class Wake(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    rename={"correlation_id": "correlation", "message_id": "message", "is_safety_net": "safety"},
):
    """The body of a wake: which chat to look at, the correlation id of who asked, when another wake of the
    chat is due that was sent with it (epoch seconds), the message that it is about, and whether it comes only
    in case a worker died."""

    chat: str
    correlation_id: str = ""
    successor_due: float = 0.0
    message_id: str = ""
    is_safety_net: bool = False


class DeadLetter(msgspec.Struct, frozen=True, rename={"message_ids": "messages"}):
    """Names the chat and messages that got no answer: ids only, since texts stay in the inbox. An update that
    cannot be read has a route for its chat, and the hash of its bytes for its id."""

    chat: str
    message_ids: tuple[str, ...]
    reason: str


class SqsWakes:
    """`ports.Wakes` on a standard queue and its dead-letter queue."""

    def __init__(self, client: SQSClient, queue_url: str, dead_letters_queue_url: str = "") -> None:
        self._client, self._queue, self._dead_letters = client, queue_url, dead_letters_queue_url

    def send(
        self,
        chat: str,
        delay: float = 0.0,
        correlation: str = "",
        successor_due: float = 0.0,
        *,
        message_id: str = "",
        is_safety_net: bool = False,
    ) -> None:
        wake = Wake(chat, correlation, successor_due, message_id, is_safety_net)
        body, seconds = _wake_body(wake), _delay_seconds(delay)
        with translate_errors("sqs"):
            self._client.send_message(QueueUrl=self._queue, MessageBody=body, DelaySeconds=seconds)

    def send_with_successor(
        self,
        chat: str,
        delay: float,
        correlation: str,
        successor_delay: float,
        successor_due: float,
        *,
        message_id: str = "",
    ) -> None:
        first = _wake_body(Wake(chat, correlation, successor_due, message_id))
        second = _wake_body(Wake(chat, correlation, is_safety_net=True))
        self._send_batch(
            [
                {"Id": "0", "MessageBody": first, "DelaySeconds": _delay_seconds(delay)},
                {"Id": "1", "MessageBody": second, "DelaySeconds": _delay_seconds(successor_delay)},
            ]
        )

    def send_all(self, chats: Sequence[str], correlation: str = "") -> None:
        for begin in range(0, len(chats), MAX_BATCH_WAKES):
            some = chats[begin : begin + MAX_BATCH_WAKES]
            bodies = [_wake_body(Wake(chat, correlation)) for chat in some]
            self._send_batch([{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)])

    def _send_batch(self, entries: Sequence[Any]) -> None:
        """Sends all of them, or raises: who asked tries again, and a doubled wake does no harm."""
        with translate_errors("sqs"):
            sent = self._client.send_message_batch(QueueUrl=self._queue, Entries=entries)
        if sent.get("Failed"):
            raise Unavailable("sqs", f"{len(sent['Failed'])} of {len(entries)} wakes were not taken")

    def count_waiting(self) -> int:
        with translate_errors("sqs"):
            told = self._client.get_queue_attributes(
                QueueUrl=self._queue, AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(told["Attributes"]["ApproximateNumberOfMessages"])

    def extend_visibility(self, receipt: str, seconds: float) -> None:
        with translate_errors("sqs"):
            self._client.change_message_visibility(
                QueueUrl=self._queue, ReceiptHandle=receipt, VisibilityTimeout=math.ceil(seconds)
            )

    def dead_letter(self, chat: str, messages: Iterable[str], reason: str) -> None:
        body = msgspec.json.encode(DeadLetter(chat, tuple(messages), reason)).decode()
        with translate_errors("sqs"):
            self._client.send_message(QueueUrl=self._dead_letters, MessageBody=body)


def _wake_body(wake: Wake) -> str:
    return msgspec.json.encode(wake).decode()


def _delay_seconds(delay: float) -> int:
    return min(math.ceil(delay), MAX_DELAY_SECONDS) if delay > 0 else 0
