"""Changes of messages that were answered, and of their exchanges, on DynamoDB."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from repartee.domain.merging import erase_from_exchange, erase_words
from repartee.domain.message import Exchange, Incoming, Message
from repartee.domain.stored_size import fit_exchange
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
    primary_key,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def revise_exchange(client: DynamoDBClient, table: str, turn: str, revised: Message) -> None:
    """Gives the message the words that it has now in the exchange in which it was answered."""
    for item in batch_get(client, table, [primary_key(revised.chat, f"exchange#{turn}")], 0.0):
        exchange = fit_exchange(replace_message(decode_exchange(item), revised))
        _replace_payload(client, table, item, exchange_attributes(exchange))


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
    with suppress(ConditionFailed), translate_conditional_errors():
        client.update_item(
            TableName=table,
            Key={"pk": item["pk"], "sk": item["sk"]},
            UpdateExpression="SET payload = :payload, #format = :format",
            ConditionExpression="attribute_exists(pk)",
            ExpressionAttributeNames={"#format": "format"},
            ExpressionAttributeValues={":payload": attributes["payload"], ":format": attributes["format"]},
        )


def replace_message(exchange: Exchange, edited: Incoming) -> Exchange:
    """The exchange with the edited message in the place of the earlier one."""
    messages = tuple(edited.without_address() if one.id == edited.id else one for one in exchange.messages)
    return msgspec.structs.replace(exchange, messages=messages)
