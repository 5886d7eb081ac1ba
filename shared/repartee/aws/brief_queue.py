"""The queues of briefs that are to be written, of their mails, and of reminders that are to be said, on
SQS."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.aws.queue import MAX_BATCH_WAKES, MAX_DELAY_SECONDS
from repartee.domain.brief import BriefJob
from repartee.domain.email import EmailJob
from repartee.domain.reminder import ReminderWake
from repartee.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsBriefQueue:
    """`ports.BriefQueue` on a standard queue."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client, self._queue = client, queue_url

    def send_jobs(self, jobs: Sequence[BriefJob]) -> Mapping[str, str]:
        entries: Any = [
            {"Id": str(number), "MessageBody": msgspec.json.encode(job).decode()}
            for number, job in enumerate(jobs)
        ]
        with translate_errors("sqs"):
            sent = self._client.send_message_batch(QueueUrl=self._queue, Entries=entries)
        return {jobs[int(one["Id"])].key: one["Code"] for one in sent.get("Failed", ())}


class SqsReminderQueue:
    """`ports.ReminderQueue` on a standard queue."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client, self._queue = client, queue_url

    def send_wakes(self, wakes: Sequence[ReminderWake], now: float) -> None:
        for first in range(0, len(wakes), MAX_BATCH_WAKES):
            entries: Any = [
                {
                    "Id": str(number),
                    "MessageBody": msgspec.json.encode(wake).decode(),
                    "DelaySeconds": max(0, min(math.ceil(wake.due_at - now), MAX_DELAY_SECONDS)),
                }
                for number, wake in enumerate(wakes[first : first + MAX_BATCH_WAKES])
            ]
            with translate_errors("sqs"):
                sent = self._client.send_message_batch(QueueUrl=self._queue, Entries=entries)
            if sent.get("Failed"):
                raise Unavailable("sqs", f"{len(sent['Failed'])} of {len(entries)} wakes were not taken")


class SqsEmailQueue:
    """`ports.EmailQueue` on a standard queue."""

    def __init__(self, client: SQSClient, queue_url: str) -> None:
        self._client, self._queue = client, queue_url

    def send_email_job(self, job: EmailJob) -> None:
        with translate_errors("sqs"):
            self._client.send_message(QueueUrl=self._queue, MessageBody=msgspec.json.encode(job).decode())
