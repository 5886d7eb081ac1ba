"""How often who did something, on DynamoDB: one counter a stretch of time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from repartee.stores.dynamodb.items import (
    ConditionFailed,
    number_attribute,
    primary_key,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoRates:
    """`ports.Rates` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def admit(self, key: str, limit: int, window_seconds: float, amount: int = 1) -> float:
        now = self._clock()
        begun = now - now % window_seconds
        if amount > limit:
            return begun + window_seconds - now
        try:
            with translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=primary_key(key, f"rate#{begun:.0f}"),
                    UpdateExpression="SET expires = :expires ADD times :amount",
                    ConditionExpression="attribute_not_exists(times) OR times <= :most",
                    ExpressionAttributeValues={
                        ":amount": number_attribute(amount),
                        ":most": number_attribute(limit - amount),
                        ":expires": number_attribute(int(begun + window_seconds) + 1),
                    },
                )
        except ConditionFailed:
            return begun + window_seconds - now
        return 0.0
