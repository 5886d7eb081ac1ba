"""The meetings store in the messages table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.message import StoredMessage
from repartee.stores.dynamodb.items import BACKEND_NAME, primary_key, text_attribute
from repartee.stores.dynamodb.message_items import decode_stored, meeting_items, meeting_prefix, rooms_pk
from repartee.stores.dynamodb.writes import write_items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoMeetings:
    """`ports.MeetingStore` in the messages table. `DynamoMessages` deletes from it."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def put(self, meeting: str, messages: Sequence[StoredMessage]) -> None:
        filed = [meeting_items(meeting, one) for one in messages]
        rooms = {one.room: primary_key(rooms_pk(one.room), one.room) for one in messages}
        write_items(self._client, self._table, [*rooms.values(), *(pointer for pointer, _ in filed)])
        write_items(self._client, self._table, [item for _, item in filed])

    def read_transcript(self, meeting: str, room: str, limit: int) -> Sequence[StoredMessage]:
        found: list[StoredMessage] = []
        start: Any = {}
        while len(found) < limit:
            with translate_errors(BACKEND_NAME):
                page = self._client.query(
                    TableName=self._table,
                    KeyConditionExpression="pk = :room AND begins_with(sk, :meeting)",
                    ExpressionAttributeValues={
                        ":room": text_attribute(room),
                        ":meeting": text_attribute(meeting_prefix(meeting)),
                    },
                    ScanIndexForward=False,
                    ConsistentRead=True,
                    Limit=limit - len(found),
                    **start,
                )
            found += map(decode_stored, page["Items"])
            if not page.get("LastEvaluatedKey"):
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        return found[::-1]

    def close(self) -> None:
        """Does nothing: the client is the process's."""
