"""People's workouts on DynamoDB: an item each under its person, sorted by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.errors import Throttled
from repartee.ports import Workout
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    Item,
    decode_payload,
    payload_attributes,
    primary_key,
    text_attribute,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_WORKOUTS_READ = 400
"""Workouts that are read at the most: with ten a week, those of more than nine months."""

MAX_BATCH_DELETES = 25
"""Items that one BatchWriteItem deletes, by DynamoDB's limit."""


class DynamoWorkouts:
    """`ports.Workouts` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def list_since(self, person: str, since: str) -> Sequence[Workout]:
        with translate_errors(BACKEND_NAME):
            found = self._client.query(
                **self._query_since(person, since), ScanIndexForward=False, Limit=MAX_WORKOUTS_READ
            )
        return [decode_payload(item, Workout) for item in reversed(found["Items"])]

    def put(self, person: str, workouts: Sequence[Workout], replacing: Sequence[Workout] = ()) -> None:
        kept = {_sort_key(one): one for one in workouts}
        gone = {_sort_key(one) for one in replacing} - kept.keys()
        puts = [
            {
                "Put": {
                    "TableName": self._table,
                    "Item": primary_key(person, sk) | {"payload": payload_attributes(one)},
                }
            }
            for sk, one in kept.items()
        ]
        deletes = [
            {"Delete": {"TableName": self._table, "Key": primary_key(person, sk)}} for sk in sorted(gone)
        ]
        if puts or deletes:
            self._write_transaction([*puts, *deletes])

    def delete_all(self, person: str) -> None:
        with translate_errors(BACKEND_NAME):
            keys = list(self._workout_keys(person))
            for first in range(0, len(keys), MAX_BATCH_DELETES):
                self._delete_batch(keys[first : first + MAX_BATCH_DELETES])

    def _write_transaction(self, actions: Sequence[Any]) -> None:
        with translate_errors(BACKEND_NAME):
            try:
                self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as error:
                raise Throttled(BACKEND_NAME, "another write of the same workouts was under way") from error

    def _delete_batch(self, keys: Sequence[Item]) -> None:
        left: Any = {self._table: [{"DeleteRequest": {"Key": one}} for one in keys]}
        for _ in range(3):
            left = self._client.batch_write_item(RequestItems=left)["UnprocessedItems"]
            if not left:
                return
        raise Throttled(BACKEND_NAME, "items left undeleted three times")

    def _workout_keys(self, person: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            **self._query_since(person, ""), ProjectionExpression="pk, sk"
        )
        for page in pages:
            yield from page["Items"]

    def _query_since(self, person: str, since: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :person AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":person": text_attribute(person),
                ":first": text_attribute(f"workout#{since}"),
                ":last": text_attribute("workout#~"),
            },
            "ConsistentRead": True,
        }


def _sort_key(workout: Workout) -> str:
    return f"workout#{workout.day}#{workout.id}"
