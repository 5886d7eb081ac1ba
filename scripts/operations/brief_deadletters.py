"""Briefs that could not be written: shown and replayed by scripts/deadletters, beside what got no answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from repartee.domain.brief import BriefJob

RECEIVE_WAIT_SECONDS = 1
"""Seconds until an empty answer is believed."""

HIDE_SECONDS = 60
"""Seconds that a job is hidden from others while it is looked at."""


class DeadBrief(NamedTuple):
    """A job that five writers could not carry out."""

    id: str
    received_at: float
    receipt: str
    body: str

    def describe(self) -> str:
        """Returns what it was for, without the person's words."""
        try:
            job = msgspec.json.decode(self.body, type=BriefJob)
        except msgspec.DecodeError:
            return "?  nothing that we know"
        return f"{job.person}  the brief of {job.day}, tried five times in vain"


class DeadBriefs:
    """The queue of dead jobs, and the queue to which they go back."""

    def __init__(self, sqs: Any, dead: str, briefs: str) -> None:
        self._sqs, self._dead, self._briefs = sqs, dead, briefs

    def list_jobs(self) -> Iterator[DeadBrief]:
        """Yields all that lies there, each once. For a minute nobody else sees it."""
        seen: set[str] = set()
        while found := self._receive_unseen(seen):
            for message in found:
                seen.add(message["MessageId"])
                at = int(message["Attributes"]["SentTimestamp"]) / 1000
                yield DeadBrief(message["MessageId"], at, message["ReceiptHandle"], message["Body"])

    def _receive_unseen(self, seen: set[str]) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._dead,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDE_SECONDS,
            WaitTimeSeconds=RECEIVE_WAIT_SECONDS,
            AttributeNames=["SentTimestamp"],
        )
        return [message for message in answer.get("Messages", []) if message["MessageId"] not in seen]

    def replay(self, job: DeadBrief) -> None:
        """Has it written again, and takes it out. A brief that was written meanwhile is not written twice."""
        self._sqs.send_message(QueueUrl=self._briefs, MessageBody=job.body)
        self._sqs.delete_message(QueueUrl=self._dead, ReceiptHandle=job.receipt)

    def put_back(self, job: DeadBrief) -> None:
        """Lets others see it again."""
        self._sqs.change_message_visibility(
            QueueUrl=self._dead, ReceiptHandle=job.receipt, VisibilityTimeout=0
        )
