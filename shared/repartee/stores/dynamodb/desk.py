"""The records of service desks on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.desk import DeskConfig, desk_numbers
from repartee.domain.message import Exchange
from repartee.ports.desk import MAX_CONFIG_AGE_SECONDS, DeskState
from repartee.stores.dynamodb.active_messages import ActiveMessageItems, ChatStateStore
from repartee.stores.dynamodb.chat_state import chat_state_keys, decode_chat_state
from repartee.stores.dynamodb.coaching import DynamoCoaching, decode_conversation
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    Item,
    batch_get,
    decode_payload,
    payload_attributes,
    primary_key,
    text_attribute,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DESKS_KEY = "desks"
"""The partition key of all configurations; the sort key is the number."""

MAX_KNOWN_CONFIGS = 1000
"""Numbers whose configuration a process keeps."""


class ConfigCache:
    """The configurations that this process has read. Owns what it knows, and since when."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, DeskConfig | None]] = {}

    def unread_numbers(
        self, numbers: Iterable[str], max_age_seconds: float = MAX_CONFIG_AGE_SECONDS
    ) -> list[str]:
        """Returns those that must be read again."""
        now = self._clock()
        known = self._known.copy()
        return [one for one in numbers if one not in known or now - known[one][0] >= max_age_seconds]

    def remember(self, read: Iterable[str], configs: Iterable[DeskConfig]) -> None:
        """Keeps what was read of these numbers, those without a configuration too."""
        now, found = self._clock(), {config.number: config for config in configs}
        for number in read:
            self._known[number] = now, found.get(number)
        for old in list(self._known)[: max(0, len(self._known) - MAX_KNOWN_CONFIGS)]:
            self._known.pop(old, None)

    def find(self, numbers: Iterable[str]) -> DeskConfig | None:
        """Returns the first configuration that is known of these."""
        known = (self._known.get(number, (0.0, None))[1] for number in numbers)
        return next((config for config in known if config), None)

    def forget(self, number: str) -> None:
        """Has the number read again."""
        self._known.pop(number, None)


class DynamoDesk(ChatStateStore):
    """`ports.DeskRecords` on DynamoDB."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        clock: Callable[[], float],
        active_messages: ActiveMessageItems | None = None,
    ) -> None:
        super().__init__(client, table, clock, active_messages)
        self._conversations = DynamoCoaching(client, table, clock, self._active_messages)
        self._configs = ConfigCache(clock)

    def read_desk_state(self, room: str, chat: str, sender: str) -> DeskState:
        numbers = desk_numbers(room)
        unread = self._configs.unread_numbers(numbers)
        keys = [
            *chat_state_keys(room, chat, sender, self._clock()),
            primary_key(chat, "conversation"),
            *(primary_key(DESKS_KEY, number) for number in unread),
        ]
        items, active = self._active_messages.read_beside(room, keys)
        configs = [item for item in items if item["pk"]["S"] == DESKS_KEY]
        others = [item for item in items if item["pk"]["S"] != DESKS_KEY]
        self._configs.remember(unread, map(_decode_config, configs))
        conversation = next((item for item in others if item["sk"]["S"] == "conversation"), {})
        return DeskState(
            **msgspec.structs.asdict(decode_chat_state(others, room, active)),
            config=self._configs.find(numbers),
            history=decode_conversation(conversation),
        )

    def append_history(self, exchange: Exchange) -> None:
        self._conversations.append_history(exchange)

    def find_config(self, room: str, max_age_seconds: float = MAX_CONFIG_AGE_SECONDS) -> DeskConfig | None:
        numbers = desk_numbers(room)
        if unread := self._configs.unread_numbers(numbers, max_age_seconds):
            self._configs.remember(unread, self._read_configs(unread))
        return self._configs.find(numbers)

    def read_config(self, number: str) -> DeskConfig | None:
        return next(iter(self._read_configs([number])), None)

    def list_configs(self) -> Sequence[DeskConfig]:
        with translate_errors(BACKEND_NAME):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                ConsistentRead=True,
                KeyConditionExpression="pk = :desks",
                ExpressionAttributeValues={":desks": text_attribute(DESKS_KEY)},
            )
            return [_decode_config(item) for page in pages for item in page["Items"]]

    def save_config(self, config: DeskConfig) -> None:
        item = primary_key(DESKS_KEY, config.number) | {"payload": payload_attributes(config)}
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)
        self._configs.forget(config.number)

    def delete_config(self, number: str) -> None:
        with translate_errors(BACKEND_NAME):
            self._client.delete_item(TableName=self._table, Key=primary_key(DESKS_KEY, number))
        self._configs.forget(number)

    def _read_configs(self, numbers: Sequence[str]) -> list[DeskConfig]:
        keys = [primary_key(DESKS_KEY, number) for number in numbers]
        return [_decode_config(item) for item in batch_get(self._client, self._table, keys, self._clock())]


def _decode_config(item: Item) -> DeskConfig:
    return decode_payload(item, DeskConfig)
