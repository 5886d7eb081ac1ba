"""Vectors of texts that do not change, on DynamoDB."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
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


class DynamoVectors:
    """`ports.Vectors` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def read(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        keys = [primary_key(VECTORS_KEY_PREFIX + name, "vectors") for name in names]
        found = batch_get(self._client, self._table, keys, self._clock())
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


def _decode_vectors(item: Item) -> Sequence[Vector]:
    numbers = array("f", bytes(item["vectors"]["B"]))
    count = int(item["count"]["N"])
    length = len(numbers) // count if count else 0
    return [numbers[at * length : (at + 1) * length] for at in range(count)]
