"""Reminders on DynamoDB: an item each, in the shard of their person."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.brief import shard_of
from repartee.domain.reminder import Reminder
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    ConditionFailed,
    Item,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REMINDER_PREFIX = "reminder#"
"""Beginning of the sort key, followed by the person and the reminder's id."""


class DynamoReminders:
    """`ports.ReminderStore` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def put_reminder(self, reminder: Reminder) -> None:
        item = _reminder_key(reminder.person, reminder.id) | {
            "payload": payload_attributes(reminder),
            "person": text_attribute(reminder.person),
            "due": number_attribute(reminder.due_at),
        }
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)

    def list_reminders(self, person: str) -> Sequence[Reminder]:
        with translate_errors(BACKEND_NAME):
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :shard AND begins_with(sk, :person)",
                ExpressionAttributeValues={
                    ":shard": text_attribute(_shard_key(shard_of(person))),
                    ":person": text_attribute(f"{REMINDER_PREFIX}{person}#"),
                },
                ConsistentRead=True,
            )
        return sorted(map(_decode_reminder, answer["Items"]), key=lambda one: (one.due_at, one.id))

    def find_reminder(self, person: str, id: str) -> Reminder | None:
        with translate_errors(BACKEND_NAME):
            answer = self._client.get_item(
                TableName=self._table, Key=_reminder_key(person, id), ConsistentRead=True
            )
        return _decode_reminder(answer["Item"]) if "Item" in answer else None

    def delete_reminder(self, person: str, id: str) -> bool:
        with translate_errors(BACKEND_NAME):
            answer = self._client.delete_item(
                TableName=self._table, Key=_reminder_key(person, id), ReturnValues="ALL_OLD"
            )
        return bool(answer.get("Attributes"))

    def list_due(self, shard: int, before: float) -> Sequence[Reminder]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :shard AND begins_with(sk, :prefix)",
            FilterExpression="due <= :before",
            ExpressionAttributeValues={
                ":shard": text_attribute(_shard_key(shard)),
                ":prefix": text_attribute(REMINDER_PREFIX),
                ":before": number_attribute(before),
            },
        )
        with translate_errors(BACKEND_NAME):
            return [_decode_reminder(item) for page in pages for item in page["Items"]]

    def advance(self, reminder: Reminder, due_at: float) -> None:
        key = _reminder_key(reminder.person, reminder.id)
        known: Any = {
            "ConditionExpression": "due = :was",
            "ExpressionAttributeValues": {":was": number_attribute(reminder.due_at)},
        }
        with suppress(ConditionFailed), translate_conditional_errors():
            if not due_at:
                self._client.delete_item(TableName=self._table, Key=key, **known)
                return
            known["ExpressionAttributeValues"][":next"] = number_attribute(due_at)
            self._client.update_item(
                TableName=self._table, Key=key, UpdateExpression="SET due = :next", **known
            )


def _shard_key(shard: int) -> str:
    return f"reminders:{shard}"


def _reminder_key(person: str, id: str) -> dict[str, Any]:
    return primary_key(_shard_key(shard_of(person)), f"{REMINDER_PREFIX}{person}#{id}")


def _decode_reminder(item: Item) -> Reminder:
    """Returns the reminder as it was ordered, with its next time."""
    return msgspec.structs.replace(decode_payload(item, Reminder), due_at=float(item["due"]["N"]))
