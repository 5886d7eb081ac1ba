"""Vectors of texts that do not change, on DynamoDB."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from repartee.ports import Vector
from repartee.services.aws import translating
from repartee.stores.dynamodb.items import BACKEND, DAY, Item, batch_get, key, number

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "vectors#"

KEPT_FOR = 90 * DAY
"""Seconds until they are made anew: texts that nobody asks for any more are gone by then."""


class DynamoVectors:
    """`ports.Vectors` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def read(self, names: Sequence[str]) -> Mapping[str, Sequence[Vector]]:
        keys = [key(PREFIX + name, "vectors") for name in names]
        found = batch_get(self._client, self._table, keys, self._clock())
        return {item["pk"]["S"].removeprefix(PREFIX): _vectors(item) for item in found}

    def write(self, name: str, vectors: Sequence[Vector]) -> None:
        numbers = array("f", [number for vector in vectors for number in vector])
        with translating(BACKEND):
            self._client.put_item(
                TableName=self._table,
                Item=key(PREFIX + name, "vectors")
                | {"vectors": {"B": numbers.tobytes()}, "count": number(len(vectors))}
                | {"expires": number(int(self._clock()) + KEPT_FOR)},
            )


def _vectors(item: Item) -> Sequence[Vector]:
    numbers = array("f", bytes(item["vectors"]["B"]))
    count = int(item["count"]["N"])
    length = len(numbers) // count if count else 0
    return [numbers[at * length : (at + 1) * length] for at in range(count)]
