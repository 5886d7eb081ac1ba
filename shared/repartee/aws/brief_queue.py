"""The queue of briefs that are to be written, on SQS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.brief import BriefJob

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
