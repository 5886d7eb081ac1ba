"""Edits of messages that are in the inbox, on DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from repartee.domain.edit import MessageEdit, apply_edit
from repartee.domain.message import Exchange, Incoming
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
    expression = "SET payload = :payload" + (" REMOVE #open" if edit.deleted else "")
    names = {"ExpressionAttributeNames": {"#open": "open"}} if edit.deleted else {}
    values = {":payload": message_attributes(edited)["payload"]}
    if not _update(client, table, key, expression, values, "attribute_exists(pk)", names):
        return None
    if "answered" in found[0]:
        return _edit_exchange(client, table, found[0]["answered"]["S"], edited, edit.message.received)
    return PutResult(is_new=False, is_open="open" in found[0] and not edit.deleted)


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
