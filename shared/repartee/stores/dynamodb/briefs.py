"""Subscriptions to briefs on DynamoDB: an item each in a shard of their own, and one a person for
engagement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.brief import BRIEF_SHARDS, Subscription, shard_of
from repartee.domain.engagement import Engagement, EngagementKind
from repartee.errors import InvalidArgument
from repartee.ports.briefs import MAX_PAGE_BRIEFS, Cursor, SubscriptionPage
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    ConditionFailed,
    Item,
    batch_get,
    decode_attribute,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SUBSCRIPTION_PREFIX = "subscription#"
"""Beginning of a subscription's sort key, followed by the person and the subscription's id."""

ENGAGEMENT_KEY = "engagement"
CURSOR_KEY = "briefcursor"

MAX_SUBSCRIPTION_BYTES = 16 * 1024
"""Bytes of a subscription: fifteen projects of ten sources each have room."""

RUN_ATTRIBUTES = ("last_day", "last_at")
"""Attributes of a subscription's item that its runs change, beside what the person ordered."""


class DynamoBriefs:
    """`ports.BriefStore` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def put_subscription(self, subscription: Subscription) -> None:
        if len(msgspec.json.encode(subscription)) > MAX_SUBSCRIPTION_BYTES:
            raise InvalidArgument(BACKEND_NAME, "the subscription is too large: give it fewer sources")
        item = _subscription_key(subscription.person, subscription.id) | {
            "payload": payload_attributes(subscription),
            "person": text_attribute(subscription.person),
            "last_day": text_attribute(subscription.last_day or "-"),
            "last_at": number_attribute(subscription.last_at),
        }
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)

    def list_subscriptions(self, person: str) -> Sequence[Subscription]:
        begin = f"{SUBSCRIPTION_PREFIX}{person}#"
        with translate_errors(BACKEND_NAME):
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :shard AND begins_with(sk, :person)",
                ExpressionAttributeValues={
                    ":shard": text_attribute(_shard_key(shard_of(person))),
                    ":person": text_attribute(begin),
                },
                ConsistentRead=True,
            )
        found = [_decode_subscription(item) for item in answer["Items"]]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    def find_subscription(self, person: str, id: str) -> Subscription | None:
        with translate_errors(BACKEND_NAME):
            answer = self._client.get_item(
                TableName=self._table, Key=_subscription_key(person, id), ConsistentRead=True
            )
        return _decode_subscription(answer["Item"]) if "Item" in answer else None

    def delete_subscription(self, person: str, id: str) -> bool:
        with translate_errors(BACKEND_NAME):
            answer = self._client.delete_item(
                TableName=self._table, Key=_subscription_key(person, id), ReturnValues="ALL_OLD"
            )
        return bool(answer.get("Attributes"))

    def list_page(self, shard: int, after: str = "", limit: int = MAX_PAGE_BRIEFS) -> SubscriptionPage:
        start: Any = {"ExclusiveStartKey": primary_key(_shard_key(shard), after)} if after else {}
        with translate_errors(BACKEND_NAME):
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :shard AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={
                    ":shard": text_attribute(_shard_key(shard)),
                    ":prefix": text_attribute(SUBSCRIPTION_PREFIX),
                },
                Limit=limit,
                **start,
            )
        found = [one for item in answer["Items"] if (one := _decode_or_none(item))]
        left = answer.get("LastEvaluatedKey", {}).get("sk", {}).get("S", "")
        return SubscriptionPage(tuple(found), left, len(answer["Items"]) - len(found))

    def note_run(self, person: str, id: str, day: str, gathered_at: float) -> None:
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.update_item(
                TableName=self._table,
                Key=_subscription_key(person, id),
                UpdateExpression="SET last_day = :day, last_at = :at",
                ConditionExpression="attribute_exists(pk) AND last_day < :day",
                ExpressionAttributeValues={
                    ":day": text_attribute(day),
                    ":at": number_attribute(gathered_at),
                },
            )

    def read_engagements(self, people: Sequence[str]) -> Mapping[str, Engagement]:
        keys = [primary_key(person, ENGAGEMENT_KEY) for person in dict.fromkeys(people)]
        items = batch_get(self._client, self._table, keys, self._clock())
        return {item["pk"]["S"]: _decode_engagement(item) for item in items}

    def note_delivered(self, person: str, day: str) -> None:
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.update_item(
                TableName=self._table,
                Key=primary_key(person, ENGAGEMENT_KEY),
                UpdateExpression="ADD unread :one SET counted = :day",
                ConditionExpression="attribute_not_exists(counted) OR counted < :day",
                ExpressionAttributeValues={":one": number_attribute(1), ":day": text_attribute(day)},
            )

    def note_engaged(self, person: str, kind: EngagementKind, at: float) -> None:
        # that a reply was read is told sooner than that its question was written: each has its own order
        newest, also = ("wrote", ", wrote = :at") if kind == "answer" else ("engaged", "")
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.update_item(
                TableName=self._table,
                Key=primary_key(person, ENGAGEMENT_KEY),
                UpdateExpression=f"SET unread = :none, engaged = :at, kind = :kind{also}",
                ConditionExpression="attribute_exists(pk) "
                f"AND (attribute_not_exists({newest}) OR {newest} < :at)",
                ExpressionAttributeValues={
                    ":none": number_attribute(0),
                    ":at": number_attribute(at),
                    ":kind": text_attribute(kind),
                },
            )

    def note_wrote(self, person: str, at: float) -> None:
        with suppress(ConditionFailed), translate_conditional_errors():
            self._client.update_item(
                TableName=self._table,
                Key=primary_key(person, ENGAGEMENT_KEY),
                UpdateExpression="SET wrote = :at",
                ConditionExpression="attribute_not_exists(wrote) OR wrote < :at",
                ExpressionAttributeValues={":at": number_attribute(at)},
            )

    def read_cursor(self) -> Cursor:
        with translate_errors(BACKEND_NAME):
            answer = self._client.get_item(TableName=self._table, Key=_cursor_key(), ConsistentRead=True)
        found = decode_attribute(answer.get("Item", {}).get("payload"), dict[int, str], {})
        return {shard: after for shard, after in found.items() if 0 <= shard < BRIEF_SHARDS}

    def save_cursor(self, cursor: Cursor) -> None:
        item = _cursor_key() | {"payload": payload_attributes(dict(cursor))}
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)


def _shard_key(shard: int) -> str:
    return f"briefs:{shard}"


def _subscription_key(person: str, id: str) -> dict[str, Any]:
    return primary_key(_shard_key(shard_of(person)), f"{SUBSCRIPTION_PREFIX}{person}#{id}")


def _cursor_key() -> dict[str, Any]:
    return primary_key("briefs:schedule", CURSOR_KEY)


def _decode_subscription(item: Item) -> Subscription:
    """Returns the subscription as it was ordered, with its last run."""
    day = item["last_day"]["S"]
    return msgspec.structs.replace(
        decode_payload(item, Subscription),
        last_day="" if day == "-" else day,
        last_at=float(item["last_at"]["N"]),
    )


def _decode_or_none(item: Item) -> Subscription | None:
    try:
        return _decode_subscription(item)
    except (msgspec.DecodeError, msgspec.ValidationError, KeyError, ValueError):
        return None


def _decode_engagement(item: Item) -> Engagement:
    kind, engaged_at = item.get("kind", text_attribute(""))["S"], _read_number(item, "engaged")
    return Engagement(
        unread=int(_read_number(item, "unread")),
        engaged_at=engaged_at,
        kind=kind,
        wrote_at=_read_number(item, "wrote") or (engaged_at if kind == "answer" else 0.0),
    )


def _read_number(item: Item, name: str) -> float:
    return float(item.get(name, number_attribute(0))["N"])
