"""Rewrites the items of earlier format versions, so that a later version need not read them any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.stores.dynamodb.codec import (
    MESSAGE_KEY_PREFIX,
    decode_exchange,
    decode_message,
    exchange_attributes,
    message_attributes,
)
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    ConditionFailed,
    Item,
    number_attribute,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)
from repartee.stores.dynamodb.wire import FORMAT_VERSION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EXCHANGE_KEY_PREFIX = "exchange#"


def migrate_items(client: DynamoDBClient, table: str) -> int:
    """Rewrites messages and exchanges of earlier versions, and returns how many. It may be repeated, and run
    while people write: an item that changes meanwhile is left to the next run."""
    return sum(_rewrite_item(client, table, item) for item in _scan_earlier_items(client, table))


def _scan_earlier_items(client: DynamoDBClient, table: str) -> Iterator[Item]:
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression=(
            "(begins_with(sk, :message) OR begins_with(sk, :exchange))"
            " AND (attribute_not_exists(#format) OR #format < :version)"
        ),
        ExpressionAttributeNames={"#format": "format"},
        ExpressionAttributeValues={
            ":message": text_attribute(MESSAGE_KEY_PREFIX),
            ":exchange": text_attribute(EXCHANGE_KEY_PREFIX),
            ":version": number_attribute(FORMAT_VERSION),
        },
    )
    with translate_errors(BACKEND_NAME):
        for page in pages:
            yield from page["Items"]


def _rewrite_item(client: DynamoDBClient, table: str, item: Item) -> bool:
    """Rewrites the item, unless it has changed or gone since it was read."""
    attributes = _current_attributes(item)
    try:
        with translate_conditional_errors():
            client.update_item(
                TableName=table,
                Key=primary_key(item["pk"]["S"], item["sk"]["S"]),
                UpdateExpression="SET payload = :payload, #format = :format",
                ConditionExpression="payload = :earlier",
                ExpressionAttributeNames={"#format": "format"},
                ExpressionAttributeValues={
                    ":payload": attributes["payload"],
                    ":format": attributes["format"],
                    ":earlier": item["payload"],
                },
            )
    except ConditionFailed:
        return False
    return True


def _current_attributes(item: Item) -> dict[str, Any]:
    if item["sk"]["S"].startswith(MESSAGE_KEY_PREFIX):
        return message_attributes(decode_message(item))
    return exchange_attributes(decode_exchange(item))
