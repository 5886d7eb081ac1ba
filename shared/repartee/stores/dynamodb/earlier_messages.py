"""Finds what was said before in a chat, by the ids of messages: a person's, or those of a reply."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from repartee.aws.calls import translate_errors
from repartee.domain.message import Exchange, Message
from repartee.stores.dynamodb.codec import MESSAGE_KEY_PREFIX, decode_exchange, decode_message
from repartee.stores.dynamodb.items import BACKEND_NAME, batch_get, primary_key, text_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MAX_EXCHANGE_PAGES = 4
"""Pages of 1 MB of a chat's exchanges that are looked through for a reply."""


def find_said(
    client: DynamoDBClient, table: str, chat: str, ids: Collection[str]
) -> dict[str, Message | Exchange]:
    """Finds what was said in the chat under these ids: people's messages by their keys, then
    the assistant's among the chat's exchanges."""
    found: dict[str, Message | Exchange] = {}
    keys = [primary_key(chat, f"{MESSAGE_KEY_PREFIX}{id}") for id in ids]
    for item in batch_get(client, table, keys, 0.0):
        message = decode_message(item)
        if isinstance(message, Message):
            found[message.id] = message
    for id in set(ids) - set(found):
        exchange = next(_find_exchanges(client, table, chat, id), None)
        if exchange:
            found[id] = exchange
    return found


def _find_exchanges(client: DynamoDBClient, table: str, chat: str, reply_id: str) -> Iterator[Exchange]:
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :chat AND begins_with(sk, :exchange)",
        FilterExpression="contains(sent_ids, :id)",
        ExpressionAttributeValues={
            ":chat": text_attribute(chat),
            ":exchange": text_attribute("exchange#"),
            ":id": text_attribute(reply_id),
        },
    )
    with translate_errors(BACKEND_NAME):
        for _, page in zip(range(MAX_EXCHANGE_PAGES), pages, strict=False):
            yield from map(decode_exchange, page["Items"])
