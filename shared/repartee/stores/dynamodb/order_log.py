"""The results of people's orders about briefs and reminders, on DynamoDB, under their person."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    DAY_SECONDS,
    batch_get,
    decode_attribute,
    fit_text,
    number_attribute,
    payload_attributes,
    primary_key,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ORDER_PREFIX = "noticeorder#"
MAX_RESULT_BYTES = 16 * 1024


class DynamoOrderLog:
    """`ports.OrderLog` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def find_result(self, person: str, id: str) -> str:
        found = batch_get(self._client, self._table, [_order_key(person, id)], self._clock())
        return decode_attribute(found[0]["payload"], str, "") if found else ""

    def keep_result(self, person: str, id: str, words: str) -> None:
        item = _order_key(person, id) | {
            "payload": payload_attributes(fit_text(words, MAX_RESULT_BYTES)),
            "expires": number_attribute(int(self._clock()) + DAY_SECONDS),
        }
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)


def _order_key(person: str, id: str) -> dict[str, Any]:
    return primary_key(person, f"{ORDER_PREFIX}{id}")
