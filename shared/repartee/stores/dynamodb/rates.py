"""How often who did something, on DynamoDB: one counter a stretch of time."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from repartee.stores.dynamodb.items import (
    ConditionFailed,
    number_attribute,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COUNT_CONDITION = "attribute_not_exists(times) OR times <= :most"

EVENT_NAME_BYTES = 6
"""Bytes of the hash by which an event is known that was counted: of one key there are few in a stretch."""


class DynamoRates:
    """`ports.Rates` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def admit(self, key: str, limit: int, window_seconds: float, amount: int = 1, event: str = "") -> float:
        now = self._clock()
        begun = now - now % window_seconds
        if amount > limit:
            return begun + window_seconds - now
        name = blake2b(event.encode(), digest_size=EVENT_NAME_BYTES).hexdigest() if event else ""
        try:
            with translate_conditional_errors():
                item_key = primary_key(key, f"rate#{begun:.0f}")
                self._count(item_key, limit, begun + window_seconds, amount, name)
        except ConditionFailed as failed:
            is_known = name and name in failed.item.get("events", {}).get("SS", ())
            return 0.0 if is_known else begun + window_seconds - now
        return 0.0

    def _count(self, item_key: dict[str, Any], limit: int, until: float, amount: int, event: str) -> None:
        expression, condition = "SET expires = :expires ADD times :amount", COUNT_CONDITION
        values: dict[str, Any] = {
            ":amount": number_attribute(amount),
            ":most": number_attribute(limit - amount),
            ":expires": number_attribute(int(until) + 1),
        }
        if event:
            expression += ", events :events"
            condition = f"({condition}) AND NOT contains(events, :event)"
            values |= {":events": {"SS": [event]}, ":event": text_attribute(event)}
        self._client.update_item(
            TableName=self._table,
            Key=item_key,
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeValues=values,
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
