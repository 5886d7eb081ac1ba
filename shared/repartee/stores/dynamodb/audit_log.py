"""The audit log on DynamoDB: a partition for each month, which only grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
from repartee.ports.operations import AuditEntry
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    DAY_SECONDS,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    sortable_time,
    text_attribute,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

AUDIT_DAYS = 400
"""Days for which an entry is kept."""

MAX_MONTHS = 14
"""Months in which an entry can be."""


class DynamoAuditLog:
    """`ports.AuditLog` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, new_id: Callable[[], str]) -> None:
        self._client, self._table, self._new_id = client, table, new_id

    def append(self, entry: AuditEntry) -> None:
        key = primary_key(_partition(entry.at), f"{sortable_time(entry.at)}#{self._new_id()}")
        with translate_errors(BACKEND_NAME):
            self._client.put_item(
                TableName=self._table,
                Item={
                    **key,
                    "payload": payload_attributes(entry),
                    "expires": number_attribute(int(entry.at) + AUDIT_DAYS * DAY_SECONDS),
                },
            )

    def list_newest(self, until: float, limit: int) -> Iterator[AuditEntry]:
        yield from islice(self._list_all(until), limit)

    def _list_all(self, until: float) -> Iterator[AuditEntry]:
        month = datetime.fromtimestamp(until, UTC).replace(day=1)
        for _ in range(MAX_MONTHS):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND sk < :until",
                ExpressionAttributeValues={
                    ":pk": text_attribute(_partition(month.timestamp())),
                    ":until": text_attribute(sortable_time(until)),
                },
                ScanIndexForward=False,
            )
            with translate_errors(BACKEND_NAME):
                for page in pages:
                    yield from (decode_payload(item, AuditEntry) for item in page["Items"])
            month = (month - timedelta(days=1)).replace(day=1)


def _partition(at: float) -> str:
    return f"audit#{datetime.fromtimestamp(at, UTC):%Y-%m}"
