"""Vectors of texts that do not change, on DynamoDB."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
from repartee.errors import BackendError
from repartee.ports import Vector
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    DAY_SECONDS,
    Item,
    batch_get,
    number_attribute,
    primary_key,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VECTORS_KEY_PREFIX = "vectors#"

VECTORS_TTL_SECONDS = 90 * DAY_SECONDS
"""Seconds until they are made anew: texts that nobody asks for any more are gone by then."""

VECTORS_RENEWED_BEFORE_SECONDS = 60 * DAY_SECONDS
"""Seconds before they expire in which a read lets them be kept as long again: once a month at most."""


class DynamoVectors:
    """`ports.Vectors` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def read(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        keys = [primary_key(VECTORS_KEY_PREFIX + name, "vectors") for name in names]
        found = batch_get(self._client, self._table, keys, self._clock())
        for item in found:
            self._renew(item)
        return {item["pk"]["S"].removeprefix(VECTORS_KEY_PREFIX): _decode_vectors(item) for item in found}

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        numbers = array("f", [number for vector in vectors for number in vector])
        with translate_errors(BACKEND_NAME):
            self._client.put_item(
                TableName=self._table,
                Item=primary_key(VECTORS_KEY_PREFIX + name, "vectors")
                | {"vectors": {"B": numbers.tobytes()}, "count": number_attribute(len(vectors))}
                | {"expires": number_attribute(int(self._clock()) + VECTORS_TTL_SECONDS)},
            )

    def _renew(self, item: Item) -> None:
        """Lets vectors that are in use be kept on. Where that cannot be written, the next read does it."""
        now = int(self._clock())
        if int(item["expires"]["N"]) - now > VECTORS_RENEWED_BEFORE_SECONDS:
            return
        with suppress(BackendError), translate_errors(BACKEND_NAME):
            self._client.update_item(
                TableName=self._table,
                Key=primary_key(item["pk"]["S"], item["sk"]["S"]),
                UpdateExpression="SET expires = :until",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":until": number_attribute(now + VECTORS_TTL_SECONDS)},
            )


def _decode_vectors(item: Item) -> Sequence[Vector]:
    numbers = array("f", bytes(item["vectors"]["B"]))
    count = int(item["count"]["N"])
    length = len(numbers) // count if count else 0
    return [numbers[at * length : (at + 1) * length] for at in range(count)]
