"""The coach's records on DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.message import Exchange, StoredMessage, is_shared_room, workspace_of
from repartee.errors import InvalidArgument
from repartee.ports import CoachState
from repartee.stores.dynamodb.active_messages import ChatStateStore
from repartee.stores.dynamodb.chat_state import chat_state_keys, decode_chat_state, decode_texts
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    INBOX_TTL_SECONDS,
    Item,
    decode_attribute,
    number_attribute,
    payload_attributes,
    primary_key,
    sortable_time,
)

EXCHANGE_ATTRIBUTE_PREFIX = "said:"
"""Prefix of the attributes that hold the exchanges of a conversation; their names sort by time."""

MAX_STORED_EXCHANGES = 12
MAX_STORED_MESSAGE_CHARS = 4_000

MAX_STORED_EXCHANGE_BYTES = 20 * 1024
"""Bytes of one exchange as it is written. One more than `MAX_STORED_EXCHANGES`, until the oldest is dropped,
takes 260 KB at the most: an item has 400 KB."""


SET_EXCHANGE_EXPRESSION = "SET #said = :said, expires = :expires"


class DynamoCoaching(ChatStateStore):
    """`ports.Coaching` on DynamoDB."""

    def read_coach_state(self, room: str, chat: str, sender: str) -> CoachState:
        keys = [
            *chat_state_keys(room, chat, sender, self._clock()),
            primary_key(sender, "course"),
            primary_key(chat, "conversation"),
        ]
        keys.append(primary_key(workspace_of(room), "coach"))
        items, active = self._active_messages.read_beside(room, keys)
        named = {item["sk"]["S"]: item for item in items}
        chat_state = decode_chat_state(items, room, active)
        return CoachState(
            **msgspec.structs.asdict(chat_state),
            coach_config=decode_texts(named.get("coach", {})),
            coaching_plan={} if is_shared_room(room) else decode_texts(named.get("course", {})),
            history=decode_conversation(named.get("conversation", {})),
        )

    def append_history(self, exchange: Exchange) -> None:
        name = f"{EXCHANGE_ATTRIBUTE_PREFIX}{sortable_time(exchange.answered_at)}:{exchange.turn}"
        values = {
            ":said": payload_attributes(_fit_messages(exchange.to_stored())),
            ":expires": number_attribute(int(exchange.answered_at) + INBOX_TTL_SECONDS),
        }
        try:
            after = self._update_item(exchange.chat, SET_EXCHANGE_EXPRESSION, {"#said": name}, values)
        except InvalidArgument:  # a version before has filled the item: its conversation is begun anew
            self._delete_item(exchange.chat)
            after = self._update_item(exchange.chat, SET_EXCHANGE_EXPRESSION, {"#said": name}, values)
        kept = [name for name in _exchange_attributes(after) if not _holds(after[name], exchange.deleted_ids)]
        if old := [name for name in _exchange_attributes(after) if name not in kept[-MAX_STORED_EXCHANGES:]]:
            names = {f"#{number}": name for number, name in enumerate(old)}
            self._update_item(exchange.chat, "REMOVE " + ", ".join(names), names)

    def _delete_item(self, chat: str) -> None:
        with translate_errors(BACKEND_NAME):
            self._client.delete_item(TableName=self._table, Key=primary_key(chat, "conversation"))

    def _update_item(
        self, chat: str, expression: str, names: Mapping[str, str], values: Mapping[str, Any] | None = None
    ) -> Item:
        given: dict[str, Any] = {"ExpressionAttributeValues": values} if values else {}
        with translate_errors(BACKEND_NAME):
            changed = self._client.update_item(
                TableName=self._table,
                Key=primary_key(chat, "conversation"),
                UpdateExpression=expression,
                ExpressionAttributeNames=names,
                ReturnValues="ALL_NEW",
                **given,
            )
        return changed["Attributes"]


def decode_conversation(item: Item) -> tuple[StoredMessage, ...]:
    """Returns what was said in a chat of late, oldest first."""
    return tuple(message for name in _exchange_attributes(item) for message in _decode_exchange(item[name]))


def _decode_exchange(attribute: Item) -> Sequence[StoredMessage]:
    return decode_attribute(attribute, tuple[StoredMessage, ...], ())


def _holds(attribute: Item, ids: frozenset[str]) -> bool:
    """Whether a stored exchange holds one of these messages, which their authors deleted."""
    return bool(ids) and any(message.id in ids for message in _decode_exchange(attribute))


def _exchange_attributes(item: Item) -> list[str]:
    return sorted(name for name in item if name.startswith(EXCHANGE_ATTRIBUTE_PREFIX))


def _fit_messages(messages: Sequence[StoredMessage]) -> Sequence[StoredMessage]:
    """Returns the messages with their texts cut, and the newest alone if there are too many."""
    max_chars = MAX_STORED_MESSAGE_CHARS
    while True:
        cut = [msgspec.structs.replace(one, text=one.text[:max_chars]) for one in messages]
        if len(msgspec.json.encode(cut)) <= MAX_STORED_EXCHANGE_BYTES or not messages:
            return cut
        max_chars //= 2
        if not max_chars:
            messages, max_chars = messages[len(messages) // 2 + len(messages) % 2 :], MAX_STORED_MESSAGE_CHARS
