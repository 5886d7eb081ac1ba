"""Polls the queue as Lambda does: takes wakes, hands them to the turn, deletes those that are done."""

from __future__ import annotations

import time
from typing import Any

from local.lambda_handlers import Handler, LambdaContext
from local.sample_events import samples

MAX_POLL_SECONDS = 1
"""Seconds; the client's own timeout is not much longer."""


class QueuePoller:
    """Polls one queue for one handler. `undone` are the ids of wakes that are to come back; `invoked_at` says
    when the handler was called (epoch seconds)."""

    def __init__(self, sqs: Any, queue: str, turn: Handler) -> None:
        self._sqs, self._queue, self._turn = sqs, queue, turn
        self.undone: set[str] = set()
        self.invoked_at: list[float] = []

    def poll_queue(self, wait: int = MAX_POLL_SECONDS) -> int:
        """Hands over the wakes that come within that time. Gives how many were done with."""
        answer = self._sqs.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=1, WaitTimeSeconds=wait, AttributeNames=["All"]
        )
        messages = answer.get("Messages", [])
        return self._invoke_handler(messages) if messages else 0

    @property
    def has_delayed_wakes(self) -> bool:
        """Whether wakes are on their way that nobody can see yet."""
        name = "ApproximateNumberOfMessagesDelayed"
        answer = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=[name])
        return int(answer["Attributes"][name]) > 0

    def _invoke_handler(self, messages: list[dict[str, Any]]) -> int:
        self.invoked_at.append(time.time())
        answer = self._turn(samples.wrap_wakes(messages, self._queue), LambdaContext("turn"))
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        done = [message for message in messages if message["MessageId"] not in failed]
        self.undone = self.undone | failed
        for message in done:
            self.undone.discard(message["MessageId"])
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return len(done)
