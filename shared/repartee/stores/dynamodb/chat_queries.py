"""Queries of one chat in the inbox's table: the latest words, and whether the assistant was spoken to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.message import Message
from repartee.stores.dynamodb.codec import MESSAGE_KEY_PREFIX, decode_message
from repartee.stores.dynamodb.items import BACKEND_NAME, text_attribute

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef


MAX_READ_MESSAGES = 5_000
"""Messages of a chat that are read at most, where their ids do not tell which are the newest."""


def list_latest(client: DynamoDBClient, table: str, chat: str, limit: int) -> Sequence[Message]:
    """Returns the chat's latest messages, at most `limit`, the oldest first.

    Twice as many items are read: notices and revisions lie among the messages. They are the newest where ids
    grow with time, as Slack's and Telegram's do. Where they do not (WhatsApp's are hashes, a team's members
    and the web have ids of their own), the chat is read to its end."""
    page = _query_messages(client, table, chat, ScanIndexForward=False, Limit=2 * limit)
    said = _decode_said(page)
    if "LastEvaluatedKey" in page and not _grow_with_time(said):
        read = len(page["Items"])
        while "LastEvaluatedKey" in page and read < MAX_READ_MESSAGES:
            start = page["LastEvaluatedKey"]
            page = _query_messages(client, table, chat, ScanIndexForward=False, ExclusiveStartKey=start)
            read += len(page["Items"])
            said += _decode_said(page)
    return sorted(said, key=lambda one: (one.sent, one.id))[-limit:]


def _decode_said(page: QueryOutputTypeDef) -> list[Message]:
    known = (decode_message(item) for item in page["Items"] if "payload" in item)
    return [one for one in known if isinstance(one, Message) and not one.revises]


def _grow_with_time(newest_first: Sequence[Message]) -> bool:
    """Whether these say that ids of this chat grow with time: each is a number, and later than the next."""
    times = [one.sent for one in newest_first]
    return all(one.id[:1].isdigit() for one in newest_first) and times == sorted(times, reverse=True)


def participates(client: DynamoDBClient, table: str, chat: str) -> bool:
    """Returns whether anybody has spoken to the assistant in this chat. One item is enough where
    the chat begins with words to the assistant; else its pages are read until one is found."""
    page = _query_addressed(client, table, chat, Limit=1)
    while not page["Items"] and "LastEvaluatedKey" in page:
        page = _query_addressed(client, table, chat, ExclusiveStartKey=page["LastEvaluatedKey"])
    return bool(page["Items"])


def _query_addressed(client: DynamoDBClient, table: str, chat: str, **page: Any) -> QueryOutputTypeDef:
    """Returns a page of the chat's messages, without those that were overheard."""
    return _query_messages(
        client,
        table,
        chat,
        FilterExpression="attribute_not_exists(overheard)",
        ProjectionExpression="pk",
        **page,
    )


def _query_messages(client: DynamoDBClient, table: str, chat: str, **page: Any) -> QueryOutputTypeDef:
    with translate_errors(BACKEND_NAME):
        return client.query(
            TableName=table,
            KeyConditionExpression="pk = :chat AND begins_with(sk, :message)",
            ExpressionAttributeValues={
                ":chat": text_attribute(chat),
                ":message": text_attribute(MESSAGE_KEY_PREFIX),
            },
            ConsistentRead=True,
            **page,
        )
