"""The words of a chat, read for the people who run the assistant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.turn_record import TurnRecord
from repartee.ports.operations import ChatCondition, Conversation
from repartee.stores.dynamodb.chat_state import decode_control
from repartee.stores.dynamodb.codec import MESSAGE_KEY_PREFIX, decode_exchange, decode_message
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    Item,
    batch_get,
    primary_key,
    split_into_batches,
    text_attribute,
)
from repartee.stores.dynamodb.turn_records import decode_record, record_key_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_EXCHANGES, MAX_READ_EXCHANGES = 300, 3_000
"""Exchanges of a chat that are shown, and read to find the newest: their keys do not tell."""

EXCHANGE_KEY_PREFIX = "exchange#"
CONTROL_KEY = "control"


class DynamoConversations:
    """`ports.Conversations` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def read_conversation(self, chat: str) -> Conversation:
        found, is_whole = self._query(chat, EXCHANGE_KEY_PREFIX, MAX_READ_EXCHANGES)
        by_time = sorted(
            ((decode_exchange(item), item) for item in found), key=lambda one: one[0].answered_at
        )
        exchanges, items = (
            [one for one, _ in by_time[-MAX_EXCHANGES:]],
            [item for _, item in by_time[-MAX_EXCHANGES:]],
        )
        open_items, _ = self._query(chat, MESSAGE_KEY_PREFIX, MAX_EXCHANGES, "attribute_exists(#open)")
        waiting = [decode_message(item) for item in open_items if "payload" in item]
        return Conversation(
            chat=chat,
            exchanges=tuple(exchanges),
            waiting=tuple(sorted(waiting, key=lambda one: one.sent)),
            turns=self._read_records(items),
            is_whole=is_whole and len(found) <= MAX_EXCHANGES,
        )

    def read_conditions(self, chats: Sequence[str]) -> Mapping[str, ChatCondition]:
        places = dict.fromkeys(place for chat in chats for place in _places_of(chat))
        keys = [primary_key(place, CONTROL_KEY) for place in places]
        found = {item["pk"]["S"]: item for item in batch_get(self._client, self._table, keys, self._clock())}
        return {chat: _decode_condition(chat, found) for chat in chats}

    def list_open(self, limit: int) -> Sequence[str]:
        return list(islice(dict.fromkeys(self._scan_open()), limit))

    def _scan_open(self) -> Iterator[str]:
        """Yields the chats of the index of what is open. Exchanges that are not persisted are there too."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table,
            IndexName="open",
            FilterExpression="begins_with(sk, :message)",
            ProjectionExpression="pk",
            ExpressionAttributeValues={":message": text_attribute(MESSAGE_KEY_PREFIX)},
        )
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from (item["pk"]["S"] for item in page["Items"])

    def _query(self, chat: str, prefix: str, limit: int, condition: str = "") -> tuple[list[Item], bool]:
        filtered: dict[str, Any] = (
            {"FilterExpression": condition, "ExpressionAttributeNames": {"#open": "open"}}
            if condition
            else {}
        )
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :chat AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":chat": text_attribute(chat), ":prefix": text_attribute(prefix)},
            **filtered,
        )
        found: list[Item] = []
        with translate_errors(BACKEND_NAME):
            for page in pages:
                found += page["Items"]
                if len(found) > limit:
                    return found[:limit], False
        return found, True

    def _read_records(self, exchanges: list[Item]) -> dict[str, TurnRecord]:
        keys = [key for item in exchanges if (key := record_key_of(item)) is not None]
        records = [
            decode_record(item)
            for some in split_into_batches(keys)
            for item in batch_get(self._client, self._table, some, 0.0)
        ]
        return {record.turn: record for record in records}


def _places_of(chat: str) -> tuple[str, str]:
    """Returns the chat, and its room where that is another: the id before the chat's last part."""
    return chat, chat.rpartition(":")[0] or chat


def _decode_condition(chat: str, found: Mapping[str, Item]) -> ChatCondition:
    control = decode_control([found[place] for place in _places_of(chat) if place in found])
    return ChatCondition(control.muted_until, control.handover)
