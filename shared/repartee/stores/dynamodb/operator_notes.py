"""Notes of operators about conversations on DynamoDB: an item each, in the partition of the chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
from repartee.ports.operations import OperatorNote
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    INBOX_TTL_SECONDS,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    sortable_time,
    text_attribute,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOTE_PREFIX = "note#"


class DynamoOperatorNotes:
    """`ports.OperatorNotes` on DynamoDB."""

    def __init__(
        self, client: DynamoDBClient, table: str, clock: Callable[[], float], new_id: Callable[[], str]
    ) -> None:
        self._client, self._table, self._clock, self._new_id = client, table, clock, new_id

    def append(self, chat: str, note: OperatorNote) -> None:
        key = primary_key(chat, f"{NOTE_PREFIX}{sortable_time(note.at)}#{self._new_id()}")
        expires = number_attribute(int(note.at) + INBOX_TTL_SECONDS)
        item = {**key, "payload": payload_attributes(note), "expires": expires}
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)

    def list_newest(self, chat: str, limit: int) -> Sequence[OperatorNote]:
        with translate_errors(BACKEND_NAME):
            found = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :chat AND begins_with(sk, :note)",
                ExpressionAttributeValues={
                    ":chat": text_attribute(chat),
                    ":note": text_attribute(NOTE_PREFIX),
                },
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=limit,
            )["Items"]
        now = self._clock()
        kept = [item for item in found if float(item["expires"]["N"]) > now]
        return [decode_payload(item, OperatorNote) for item in reversed(kept)]
