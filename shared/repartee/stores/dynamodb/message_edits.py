"""Edits of messages that are in the inbox, on DynamoDB."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.domain.edit import MessageEdit, apply_edit
from repartee.domain.merging import erase_from_exchange, erase_words
from repartee.domain.message import Exchange, Incoming, Message
from repartee.ports import PutResult
from repartee.stores.dynamodb.codec import (
    decode_exchange,
    decode_message,
    exchange_attributes,
    message_attributes,
)
from repartee.stores.dynamodb.items import (
    ConditionFailed,
    Item,
    batch_get,
    number_attribute,
    primary_key,
    sortable_time,
    text_attribute,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def edit_message(client: DynamoDBClient, table: str, edit: MessageEdit) -> PutResult | None:
    """Changes the message's item, and the exchange in which it was answered, if it was."""
    key = primary_key(edit.message.chat, f"message#{edit.message.id}")
    found = batch_get(client, table, [key], 0.0)
    if not found:
        return None
    edited = apply_edit(decode_message(found[0]), edit)
    values = {":payload": message_attributes(edited)["payload"]}
    if not _update(client, table, key, "SET payload = :payload", values, "attribute_exists(pk)", {}):
        return None
    if "answered" in found[0]:
        return _edit_exchange(client, table, found[0]["answered"]["S"], edited, edit.message.received)
    return PutResult(is_new=False, is_open="open" in found[0])


def find_exchange_of(client: DynamoDBClient, table: str, chat: str, id: str) -> Exchange | None:
    """Returns the exchange in which a message was answered. None if it was in none."""
    found = batch_get(client, table, [primary_key(chat, f"message#{id}")], 0.0)
    if not found or "answered" not in found[0]:
        return None
    closed = batch_get(client, table, [primary_key(chat, f"exchange#{found[0]['answered']['S']}")], 0.0)
    return decode_exchange(closed[0]) if closed else None


def erase_messages(client: DynamoDBClient, table: str, chat: str, ids: Collection[str]) -> None:
    """Takes the words of messages out of their items and of their exchanges."""
    keys = [primary_key(chat, f"message#{id}") for id in ids]
    for item in batch_get(client, table, keys, 0.0):
        known = decode_message(item) if "payload" in item else None
        if isinstance(known, Message):
            _replace_payload(client, table, item, message_attributes(erase_words(known)))
        if "answered" in item:
            closed = primary_key(chat, f"exchange#{item['answered']['S']}")
            for exchange in batch_get(client, table, [closed], 0.0):
                left = erase_from_exchange(decode_exchange(exchange), ids)
                _replace_payload(client, table, exchange, exchange_attributes(left))


def _replace_payload(client: DynamoDBClient, table: str, item: Item, attributes: Item) -> None:
    """Replaces what an item holds, if it is still there."""
    key = {"pk": item["pk"], "sk": item["sk"]}
    values = {":payload": attributes["payload"], ":format": attributes["format"]}
    names = {"ExpressionAttributeNames": {"#format": "format"}}
    expression = "SET payload = :payload, #format = :format"
    _update(client, table, key, expression, values, "attribute_exists(pk)", names)


def _edit_exchange(
    client: DynamoDBClient, table: str, turn: str, edited: Incoming, edited_at: float
) -> PutResult:
    """Changes the exchange and has it persisted again."""
    key = primary_key(edited.chat, f"exchange#{turn}")
    found = batch_get(client, table, [key], 0.0)
    if not found:
        return PutResult(is_new=False, is_open=False)
    exchange = replace_message(decode_exchange(found[0]), edited)
    values = {
        ":payload": exchange_attributes(exchange)["payload"],
        ":open": text_attribute(f"{sortable_time(exchange.answered_at)}#exchange#{turn}"),
        ":kept": number_attribute(edited_at),
    }
    names = {"ExpressionAttributeNames": {"#open": "open"}}
    expression = "SET payload = :payload, #open = :open, kept = :kept"
    changed = _update(client, table, key, expression, values, "attribute_exists(pk)", names)
    return PutResult(is_new=False, is_open=changed)


def _update(
    client: DynamoDBClient,
    table: str,
    key: Item,
    expression: str,
    values: dict[str, Any],
    condition: str,
    more: Any,
) -> bool:
    try:
        with translate_conditional_errors():
            client.update_item(
                TableName=table,
                Key=key,
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                **more,
            )
    except ConditionFailed:
        return False
    return True


def replace_message(exchange: Exchange, edited: Incoming) -> Exchange:
    """The exchange with the edited message in the place of the earlier one."""
    messages = tuple(edited.without_address() if one.id == edited.id else one for one in exchange.messages)
    return msgspec.structs.replace(exchange, messages=messages)
