"""How many streams each person has open, on DynamoDB: a small item for each slot that is taken."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from repartee.stores.dynamodb.items import (
    ConditionFailed,
    number_attribute,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SLOT_TOKEN_BYTES = 6


class DynamoStreamSlots:
    """`ports.StreamSlots` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def acquire(self, person: str, limit: int, seconds: float) -> str:
        token = secrets.token_hex(SLOT_TOKEN_BYTES)
        return next((f"{n}#{token}" for n in range(limit) if self._take(person, n, token, seconds)), "")

    def release(self, person: str, slot: str) -> None:
        number, _, token = slot.partition("#")
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.delete_item(
                TableName=self._table,
                Key=primary_key(person, f"stream#{number}"),
                ConditionExpression="held_by = :token",
                ExpressionAttributeValues={":token": text_attribute(token)},
            )

    def _take(self, person: str, number: int, token: str, seconds: float) -> bool:
        until = self._clock() + seconds
        try:
            with translate_conditional_errors():
                self._client.put_item(
                    TableName=self._table,
                    Item=primary_key(person, f"stream#{number}")
                    | {"held_by": text_attribute(token), "ends": number_attribute(until)}
                    | {"expires": number_attribute(int(until) + 1)},
                    ConditionExpression="attribute_not_exists(pk) OR ends <= :now",
                    ExpressionAttributeValues={":now": number_attribute(self._clock())},
                )
        except ConditionFailed:
            return False
        return True
