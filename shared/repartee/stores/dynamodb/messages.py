"""The messages store on DynamoDB: enough for a small team, and one service less than Weaviate.

Words are found however old they are. Vectors are compared here, in the function, up to the number that can be
read in relevance's time (`sign_pages.max_compared_messages`); older messages are found by words alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.message import Side, StoredMessage
from repartee.ports import Vector
from repartee.stores.dynamodb.candidates import DynamoCandidates
from repartee.stores.dynamodb.items import BACKEND_NAME, Item, batch_get, primary_key, text_attribute
from repartee.stores.dynamodb.message_erasure import MessageErasure
from repartee.stores.dynamodb.message_items import (
    NEWEST_INDEX_NAME,
    chat_item,
    decode_stored,
    message_key,
    room_item,
    rooms_pk,
    word_items,
    word_keys,
)
from repartee.stores.dynamodb.sign_pages import MAX_SIGN_BYTES
from repartee.stores.dynamodb.writes import write_items
from repartee.stores.relevance import find_relevant
from repartee.stores.search_tokens import split_asked_tokens

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SEARCH_THREADS_NUMBER = 8
"""Queries of words, or of neighbours, that run at the same time."""


class DynamoMessages:
    """`ports.MessageStore` in the messages table. `max_sign_bytes` is how much of a room's vectors a search
    reads."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        max_sign_bytes: int = MAX_SIGN_BYTES,
    ) -> None:
        self._client, self._table = client, table
        self._max_sign_bytes = max_sign_bytes
        self._erasure = MessageErasure(client, table)

    def list_newest(self, scope: str, side: Side, limit: int) -> Sequence[StoredMessage]:
        found: list[StoredMessage] = []
        start: Any = {}
        while len(found) < limit:
            with translate_errors(BACKEND_NAME):
                page = self._client.query(
                    TableName=self._table,
                    IndexName=NEWEST_INDEX_NAME,
                    KeyConditionExpression="pk = :scope AND begins_with(newest, :side)",
                    Select="ALL_PROJECTED_ATTRIBUTES",  # an expression would read the table as well
                    ExpressionAttributeValues={
                        ":scope": text_attribute(scope),
                        ":side": text_attribute(f"{side}#"),
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
        return sorted(found, key=lambda one: (one.sent, one.id))

    def search(
        self,
        room: str,
        side: Side,
        text: str,
        vector: Vector | None,
        limit: int,
        asked_at: float = 0.0,
    ) -> Sequence[StoredMessage]:
        source = DynamoCandidates(self._client, self._table, room, side, self._threads, self._max_sign_bytes)
        source.begin_matching(split_asked_tokens(text))
        return find_relevant(source, text, vector, limit, asked_at)

    def put(self, messages: Sequence[tuple[StoredMessage, Vector | None]]) -> None:
        newest = {(one.room, one.id): (one, vector) for one, vector in messages}
        if not newest:
            return
        keys = [message_key(room, id) for room, id in newest]
        earlier = {_key_of(item): item for item in batch_get(self._client, self._table, keys, 0.0)}
        wanted = [(one, room_item(one, vector)) for one, vector in newest.values()]
        changed = [(one, item) for one, item in wanted if item != earlier.get(_key_of(item))]
        replaced = [earlier[_key_of(item)] for _, item in changed if _key_of(item) in earlier]
        self._write(changed, replaced)

    def _write(self, changed: Sequence[tuple[StoredMessage, Item]], replaced: Sequence[Item]) -> None:
        """Writes messages after all that they are found by, so that one that is there is complete."""
        words = [item for message, _ in changed for item in word_items(message)]
        places = _places_of([message for message, _ in changed])
        write_items(self._client, self._table, [*places, *words])
        write_items(self._client, self._table, [item for _, item in changed])
        kept = {_key_of(item) for item in words}
        stale = [key for item in replaced for key in word_keys(item) if _key_of(key) not in kept]
        write_items(self._client, self._table, (), stale)

    def delete(self, messages: Sequence[StoredMessage]) -> None:
        self._erasure.delete(messages)

    def delete_all(self, scope: str, sender: str = "") -> int:
        return self._erasure.delete_all(scope, sender)

    def list_all(self, scope: str = "", sender: str = "") -> Iterator[StoredMessage]:
        return self._erasure.list_all(scope, sender)

    def close(self) -> None:
        """Ends the threads that search."""
        if "_threads" in self.__dict__:
            self._threads.shutdown(wait=False, cancel_futures=True)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(SEARCH_THREADS_NUMBER, thread_name_prefix="repartee-words")


def _places_of(messages: Sequence[StoredMessage]) -> list[Item]:
    """Returns the items of the messages' rooms and chats, each once."""
    rooms = {one.room: primary_key(rooms_pk(one.room), one.room) for one in messages}
    return [*rooms.values(), *(chat_item(one, one.chat) for one in messages if one.chat != one.room)]


def _key_of(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]
