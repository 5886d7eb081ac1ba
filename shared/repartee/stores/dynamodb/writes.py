"""Writes and deletes of many items, in as few calls as DynamoDB takes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.errors import Throttled
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    UNPROCESSED_PAUSES_SECONDS,
    Item,
    has_time_for,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_BATCH_WRITES = 25
"""Items in one BatchWriteItem, by DynamoDB's limit."""


def write_items(
    client: DynamoDBClient, table: str, items: Iterable[Item], deleted_keys: Iterable[Item] = ()
) -> None:
    """Writes items and deletes others, in any order. Repeating it changes nothing."""
    puts = {_identity(item): {"PutRequest": {"Item": item}} for item in items}
    deletes = {_identity(key): {"DeleteRequest": {"Key": key}} for key in deleted_keys}
    rest = iter([*puts.values(), *(one for key, one in deletes.items() if key not in puts)])
    while batch := list(islice(rest, MAX_BATCH_WRITES)):
        _write_batch(client, {table: batch})


def _write_batch(client: DynamoDBClient, requests: Any) -> None:
    """Asks again for what DynamoDB leaves out under load, after ever longer pauses."""
    for pause in (*UNPROCESSED_PAUSES_SECONDS, None):
        with translate_errors(BACKEND_NAME):
            requests = client.batch_write_item(RequestItems=requests)["UnprocessedItems"]
        if not requests:
            return
        if pause is None or not has_time_for(pause):
            break
        time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - it only spreads the load
    raise Throttled(BACKEND_NAME, "items left unprocessed")


def _identity(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
