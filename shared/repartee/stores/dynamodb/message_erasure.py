"""Lists messages of the messages table, and deletes them with their words, their copies, and from meetings.

A message's item in its room goes last: as long as it is there, a deletion that was interrupted finds all that
belongs to it when it is repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.message import StoredMessage, workspace_of
from repartee.stores.dynamodb.items import BACKEND_NAME, Item, batch_get, primary_key, text_attribute
from repartee.stores.dynamodb.message_items import (
    FILED_SK_PREFIX,
    MEETING_SK_PREFIX,
    MESSAGE_SK_PREFIX,
    decode_stored,
    hash_id,
    meeting_keys,
    message_key,
    rooms_pk,
    word_keys,
)
from repartee.stores.dynamodb.writes import write_items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class MessageErasure:
    """Lists and deletes single messages, and all of a workspace, room or chat, of one person or of all."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        """Deletes these messages, in meetings too."""
        keys = [message_key(one.room, one.id) for one in messages]
        self._delete_items(batch_get(self._client, self._table, keys, 0.0))
        for one in messages:
            filed = self._query(one.room, f"{FILED_SK_PREFIX}{hash_id(one.id)}#")
            write_items(self._client, self._table, (), meeting_keys(one.room, list(filed)))

    def delete_all(self, scope: str, sender: str = "") -> int:
        """Deletes what was said there, by all or by one sender, and returns how many messages that were."""
        return sum(self._delete_in_room(room, scope, sender) for room in self._list_rooms(scope))

    def list_all(self, scope: str = "", sender: str = "") -> Iterator[StoredMessage]:
        """Yields what was said there or anywhere, by all or by one sender; what is in a meeting twice."""
        for room in self._list_rooms(scope) if scope else self._list_every_room():
            for prefix in (MESSAGE_SK_PREFIX, MEETING_SK_PREFIX):
                for message in map(decode_stored, self._query(room, prefix)):
                    is_meant = scope in ("", message.chat) or _contains(scope, room)
                    if is_meant and message.room == room and sender in ("", message.sender):
                        yield message

    def _list_every_room(self) -> Iterator[str]:
        """Yields all rooms, by reading the whole table: no turn asks for them."""
        pages: Any = self._client.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="begins_with(pk, :rooms)",
            ExpressionAttributeValues={":rooms": text_attribute(rooms_pk(""))},
            ConsistentRead=True,
        )
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from (item["sk"]["S"] for item in page["Items"])

    def _list_rooms(self, scope: str) -> list[str]:
        """Returns the rooms that the scope holds, or the one that holds the scope where it is a chat."""
        rooms = [item["sk"]["S"] for item in self._query(rooms_pk(scope), "")]
        in_chat = {decode_stored(item).room for item in self._query(scope, MESSAGE_SK_PREFIX)}
        return [
            room
            for room in dict.fromkeys((*rooms, *in_chat))
            if _contains(scope, room) or _is_chat_of(scope, room) or room in in_chat
        ]

    def _delete_in_room(self, room: str, scope: str, sender: str) -> int:
        def is_meant(item: Item) -> bool:
            message = decode_stored(item)
            return (_contains(scope, room) or message.chat == scope) and sender in ("", message.sender)

        found = [item for item in self._query(room, MESSAGE_SK_PREFIX) if is_meant(item)]
        own = [item for item in found if decode_stored(item).room == room]
        self._delete_items(own)
        filed = [item for item in self._query(room, MEETING_SK_PREFIX) if is_meant(item)]
        pointers = [_pointer_key(item) for item in filed]
        write_items(self._client, self._table, (), meeting_keys(room, pointers))
        if _contains(scope, room) and not sender:
            write_items(self._client, self._table, (), [primary_key(rooms_pk(room), room)])
        return len(own)

    def _delete_items(self, items: Iterable[Item]) -> None:
        """Deletes messages, from their items in their rooms."""
        found = list(items)
        messages = [decode_stored(item) for item in found]
        belonging = [key for item in found for key in word_keys(item)]
        belonging += [message_key(one.chat, one.id) for one in messages if one.chat != one.room]
        write_items(self._client, self._table, (), belonging)
        write_items(self._client, self._table, (), [message_key(one.room, one.id) for one in messages])

    def _query(self, pk: str, sk_prefix: str) -> Iterator[Item]:
        """Yields a partition's items whose sort keys begin so."""
        condition = "pk = :pk AND begins_with(sk, :prefix)" if sk_prefix else "pk = :pk"
        values = {":pk": text_attribute(pk)} | ({":prefix": text_attribute(sk_prefix)} if sk_prefix else {})
        pages: Any = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
        )
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from page["Items"]


def _contains(scope: str, room: str) -> bool:
    """Whether the scope is the room, its workspace, or what else its id begins with."""
    return room == scope or room.startswith(f"{scope}:") or workspace_of(room) == scope


def _is_chat_of(scope: str, room: str) -> bool:
    return scope.startswith(f"{room}:")


def _pointer_key(item: Item) -> Item:
    """Returns the key of the item that says in which meeting a message is, from its item in the meeting."""
    hashed = hash_id(decode_stored(item).id)
    return primary_key(item["pk"]["S"], f"{FILED_SK_PREFIX}{hashed}#{item['sk']['S']}")
