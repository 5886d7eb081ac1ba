"""Records of turns on DynamoDB: an item each, by the hour in which the turn was closed.

Hours are parted into shards, so that no partition takes all of a busy hour. An exchange's item names its
turn's record, by which feedback and erasure find it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zlib import crc32

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.turn_record import TurnRecord
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    DAY_SECONDS,
    Item,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    sortable_time,
    text_attribute,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHARDS_PER_HOUR = 8
"""Partitions of an hour."""

HOUR_SECONDS = 3600
RECORD_KEY_ATTRIBUTE = "turn_record"
"""The attribute of an exchange that names the partition and the sort key of its turn's record."""


def turn_record_key(record: TurnRecord) -> tuple[str, str]:
    """Returns the partition and the sort key of a turn's record."""
    shard = crc32(record.turn.encode()) % SHARDS_PER_HOUR
    return _partition(record.closed_at, shard), f"{sortable_time(record.closed_at)}#{record.turn}"


def turn_record_item(record: TurnRecord, days: int) -> dict[str, Any]:
    """Returns the item of a turn's record, which lives so many days."""
    partition, sort = turn_record_key(record)
    return primary_key(partition, sort) | {
        "chat": text_attribute(record.chat),
        "payload": payload_attributes(record),
        "expires": number_attribute(int(record.closed_at) + days * DAY_SECONDS),
    }


def record_key_attribute(record: TurnRecord) -> dict[str, Any]:
    """Returns the attribute by which an exchange names its turn's record."""
    return {RECORD_KEY_ATTRIBUTE: {"L": [text_attribute(part) for part in turn_record_key(record)]}}


def record_key_of(exchange: Item) -> dict[str, Any] | None:
    """Returns the primary key of the record that an exchange names."""
    if RECORD_KEY_ATTRIBUTE not in exchange:
        return None
    partition, sort = (part["S"] for part in exchange[RECORD_KEY_ATTRIBUTE]["L"])
    return primary_key(partition, sort)


class DynamoTurnRecords:
    """`ports.TurnRecords` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def list_newest(self, until: float, since: float) -> Iterator[TurnRecord]:
        for hour in range(int(until // HOUR_SECONDS), int(since // HOUR_SECONDS) - 1, -1):
            began = hour * HOUR_SECONDS
            span = (max(since, began), min(until, began + HOUR_SECONDS))
            found = [record for shard in range(SHARDS_PER_HOUR) for record in self._read_shard(shard, *span)]
            for record in sorted(found, key=lambda one: -one.closed_at):
                if since <= record.closed_at < until:
                    yield record

    def _read_shard(self, shard: int, since: float, until: float) -> Iterator[TurnRecord]:
        """Reads the records of one shard of the hour in which `since` is."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :since AND :until",
            ExpressionAttributeValues={
                ":pk": text_attribute(_partition(since, shard)),
                ":since": text_attribute(sortable_time(since)),
                ":until": text_attribute(f"{sortable_time(until)}~"),
            },
        )
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from map(decode_record, page["Items"])


def _partition(when: float, shard: int) -> str:
    return f"turns#{datetime.fromtimestamp(when, UTC):%Y-%m-%dT%H}#{shard}"


def decode_record(item: Item) -> TurnRecord:
    """Returns the record that an item holds, with what people thought of the reply."""
    record = decode_payload(item, TurnRecord)
    opinions = [value["BOOL"] for name, value in item.items() if name.startswith("feedback:")]
    return msgspec.structs.replace(record, helpful=sum(opinions), not_helpful=len(opinions) - sum(opinions))
