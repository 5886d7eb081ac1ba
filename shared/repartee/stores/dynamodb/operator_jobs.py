"""Jobs of operators on DynamoDB: one item for each slot, in one partition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.ports.operator_jobs import JobSlot, JobState, OperatorJob
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    DAY_SECONDS,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

JOBS_KEY = "operator-jobs"

MAX_LINES, MAX_FINDINGS = 50, 200
"""Lines and findings of a job that are kept."""

MAX_TEXT_CHARS = 600
"""Characters of a line, a fact or an advice that are kept."""


class DynamoOperatorJobs:
    """`ports.OperatorJobs` on DynamoDB. A job is kept for a day."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def start(self, job: OperatorJob) -> bool:
        is_free = "attribute_not_exists(pk) OR stands IN (:done, :failed) OR due < :now"
        values = {
            ":done": text_attribute("done"),
            ":failed": text_attribute("failed"),
            ":now": number_attribute(job.started_at),
        }
        return self._put(job, is_free, values)

    def find(self, slot: JobSlot) -> OperatorJob | None:
        with translate_errors(BACKEND_NAME):
            found = self._client.get_item(TableName=self._table, Key=_key(slot), ConsistentRead=True)
        return decode_payload(found["Item"], OperatorJob) if "Item" in found else None

    def save(self, job: OperatorJob, after: JobState) -> bool:
        values = {":id": text_attribute(job.id), ":after": text_attribute(after)}
        return self._put(job, "job = :id AND stands = :after", values)

    def _put(self, job: OperatorJob, condition: str, values: dict[str, Any]) -> bool:
        kept = limit_job(job)
        item = {
            **_key(job.slot),
            "payload": payload_attributes(kept),
            "job": text_attribute(job.id),
            "stands": text_attribute(job.state),
            "due": number_attribute(job.due_at),
            "expires": number_attribute(int(job.started_at) + DAY_SECONDS),
        }
        with translate_errors(BACKEND_NAME):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True


def limit_job(job: OperatorJob) -> OperatorJob:
    """Returns the job with no more than an item has room for."""
    findings = tuple(
        msgspec.structs.replace(one, fact=one.fact[:MAX_TEXT_CHARS], advice=one.advice[:MAX_TEXT_CHARS])
        for one in job.findings[:MAX_FINDINGS]
    )
    lines = tuple(line[:MAX_TEXT_CHARS] for line in job.lines[-MAX_LINES:])
    return msgspec.structs.replace(job, findings=findings, lines=lines)


def _key(slot: JobSlot) -> dict[str, Any]:
    return primary_key(JOBS_KEY, slot)
