"""Sessions of operators on DynamoDB: an item each, found by the hash of what the browser shows."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.ports.operations import OperatorSession
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoOperatorSessions:
    """`ports.OperatorSessions` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def find(self, id: str) -> OperatorSession | None:
        with translate_errors(BACKEND_NAME):
            found = self._client.get_item(TableName=self._table, Key=_key(id), ConsistentRead=True)
        if "Item" not in found:
            return None
        session = decode_payload(found["Item"], OperatorSession)
        return msgspec.structs.replace(session, seen_at=float(found["Item"]["seen"]["N"]))

    def save(self, session: OperatorSession, expires_at: float) -> None:
        with translate_errors(BACKEND_NAME):
            self._client.put_item(
                TableName=self._table,
                Item={
                    **_key(session.id),
                    "payload": payload_attributes(session),
                    "seen": number_attribute(session.seen_at),
                    "expires": number_attribute(int(expires_at)),
                },
            )

    def mark_seen(self, id: str, at: float) -> None:
        gone = self._client.exceptions.ConditionalCheckFailedException
        with translate_errors(BACKEND_NAME), suppress(gone):
            self._client.update_item(
                TableName=self._table,
                Key=_key(id),
                UpdateExpression="SET seen = :at",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":at": number_attribute(at)},
            )

    def delete(self, id: str) -> None:
        with translate_errors(BACKEND_NAME):
            self._client.delete_item(TableName=self._table, Key=_key(id))


def _key(id: str) -> dict[str, Any]:
    return primary_key(f"operator#{id}", "session")
