"""How often who did something, on DynamoDB: one counter a stretch of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from repartee.stores.dynamodb.items import ConditionFailed, conditionally, key, number

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoRates:
    """`ports.Rates` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def admit(self, who: str, limit: int, seconds: float) -> float:
        now = self._clock()
        begun = now - now % seconds
        try:
            with conditionally():
                self._client.update_item(
                    TableName=self._table,
                    Key=key(who, f"rate#{begun:.0f}"),
                    UpdateExpression="SET expires = :expires ADD times :one",
                    ConditionExpression="attribute_not_exists(times) OR times < :limit",
                    ExpressionAttributeValues={
                        ":one": number(1),
                        ":limit": number(limit),
                        ":expires": number(int(begun + seconds) + 1),
                    },
                )
        except ConditionFailed:
            return begun + seconds - now
        return 0.0
