"""Records of rooms, chats and people on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import reduce
from typing import TYPE_CHECKING

from repartee.conversation.control import Control
from repartee.ports import Standing
from repartee.stores.dynamodb.items import (
    KEPT_FOR,
    ConditionFailed,
    Item,
    batch_get,
    conditionally,
    key,
    number,
    text,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoRecords:
    """`ports.Records` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def standing(self, room: str, chat: str, sender: str) -> Standing:
        keys = [key(place, "control") for place in dict.fromkeys((room, chat))]
        items = batch_get(self._client, self._table, [*keys, key(sender, "profile")], self._clock())
        profile = next((item for item in items if item["sk"]["S"] == "profile"), {})
        controls = (item for item in items if item["sk"]["S"] == "control")
        return Standing(
            control=_together(controls),
            profile={
                name: value["S"]
                for name, value in profile.items()
                if "S" in value and name not in ("pk", "sk")
            },
        )

    def control(self, room: str, chat: str) -> Control:
        keys = [key(place, "control") for place in dict.fromkeys((room, chat))]
        return _together(batch_get(self._client, self._table, keys, self._clock()))

    def mute(self, place: str, until: float, ordered: float) -> None:
        self._order(
            place,
            "SET muted_until = :until, mute_ordered = :ordered, expires = :expires",
            "attribute_not_exists(mute_ordered) OR mute_ordered <= :ordered",
            {":until": number(until), ":ordered": number(ordered), ":expires": _expiry(max(until, ordered))},
        )

    def stop(self, chat: str, at: float) -> None:
        self._order(
            chat,
            "SET stopped_at = :at, expires = if_not_exists(expires, :expires)",
            "attribute_not_exists(stopped_at) OR stopped_at <= :at",
            {":at": number(at), ":expires": _expiry(at)},
        )

    def decide(self, subject: str, *, approved: bool, by: str, at: float) -> bool:
        decision = {"approved": {"BOOL": approved}, "by": text(by), "at": number(at), "expires": _expiry(at)}
        try:
            with conditionally():
                self._client.put_item(
                    TableName=self._table,
                    Item=key(subject, "decision") | decision,
                    ConditionExpression="attribute_not_exists(pk) OR (#by = :by AND #at = :at)",
                    ExpressionAttributeNames={"#by": "by", "#at": "at"},
                    ExpressionAttributeValues={":by": text(by), ":at": number(at)},
                )
        except ConditionFailed:
            return False
        return True

    def _order(self, place: str, expression: str, condition: str, values: dict[str, Item]) -> None:
        """Writes an order, unless a newer one is there: deliveries come late, doubled and out of order."""
        with suppress(ConditionFailed), conditionally():
            self._client.update_item(
                TableName=self._table,
                Key=key(place, "control"),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
            )


def _together(items: Iterable[Item]) -> Control:
    return reduce(Control.over, (_control(item) for item in items), Control())


def _control(item: Item) -> Control:
    return Control(
        muted_until=float(item.get("muted_until", number(0))["N"]),
        stopped_at=float(item.get("stopped_at", number(0))["N"]),
    )


def _expiry(when: float) -> Item:
    return number(int(when) + KEPT_FOR)
