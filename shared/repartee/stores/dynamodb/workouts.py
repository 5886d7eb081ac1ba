"""People's workouts on DynamoDB: an item each under its person, sorted by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from repartee.errors import Throttled
from repartee.ports import Workout
from repartee.services.aws import translating
from repartee.stores.dynamodb.items import BACKEND, Item, decoded, key, payload, text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NEWEST = 400
"""Workouts that are read at the most: with ten a week, those of more than nine months."""

AT_ONCE = 25
"""Items that one BatchWriteItem deletes, by DynamoDB's limit."""


class DynamoWorkouts:
    """`ports.Workouts` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def of(self, person: str, since: str) -> Sequence[Workout]:
        with translating(BACKEND):
            found = self._client.query(**self._between(person, since), ScanIndexForward=False, Limit=NEWEST)
        return [decoded(item, Workout) for item in reversed(found["Items"])]

    def put(self, person: str, workouts: Sequence[Workout], instead_of: Sequence[Workout] = ()) -> None:
        kept = {_sk(one): one for one in workouts}
        gone = {_sk(one) for one in instead_of} - kept.keys()
        puts = [
            {"Put": {"TableName": self._table, "Item": key(person, sk) | {"payload": payload(one)}}}
            for sk, one in kept.items()
        ]
        deletes = [{"Delete": {"TableName": self._table, "Key": key(person, sk)}} for sk in sorted(gone)]
        if puts or deletes:
            self._transact([*puts, *deletes])

    def forget(self, person: str) -> None:
        with translating(BACKEND):
            keys = list(self._keys(person))
            for first in range(0, len(keys), AT_ONCE):
                self._delete(keys[first : first + AT_ONCE])

    def _transact(self, actions: Sequence[Any]) -> None:
        with translating(BACKEND):
            try:
                self._client.transact_write_items(TransactItems=actions)
            except self._client.exceptions.TransactionCanceledException as error:
                raise Throttled(BACKEND, "another write of the same workouts was under way") from error

    def _delete(self, keys: Sequence[Item]) -> None:
        left: Any = {self._table: [{"DeleteRequest": {"Key": one}} for one in keys]}
        for _ in range(3):
            left = self._client.batch_write_item(RequestItems=left)["UnprocessedItems"]
            if not left:
                return
        raise Throttled(BACKEND, "items left undeleted three times")

    def _keys(self, person: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            **self._between(person, ""), ProjectionExpression="pk, sk"
        )
        for page in pages:
            yield from page["Items"]

    def _between(self, person: str, since: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :person AND sk BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":person": text(person),
                ":first": text(f"workout#{since}"),
                ":last": text("workout#~"),
            },
            "ConsistentRead": True,
        }


def _sk(workout: Workout) -> str:
    return f"workout#{workout.day}#{workout.id}"
