"""Groups that were given another id, on DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
from repartee.stores.dynamodb.items import BACKEND_NAME, batch_get, primary_key, text_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoChatMoves:
    """`ports.ChatMoves` on DynamoDB. An item of a move never expires."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def save(self, former: str, present: str) -> None:
        with translate_errors(BACKEND_NAME):
            self._client.put_item(
                TableName=self._table,
                Item=primary_key(present, "moved") | {"former": text_attribute(self.first_id(former))},
            )

    def first_id(self, present: str) -> str:
        found = batch_get(self._client, self._table, [primary_key(present, "moved")], 0.0)
        return str(found[0]["former"]["S"]) if found else present
