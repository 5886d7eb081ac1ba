"""Records of rooms, chats and people on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import reduce
from typing import TYPE_CHECKING

import msgspec

from repartee.conversation.control import Control
from repartee.conversation.message import workspace_of
from repartee.conversation.reply import Crowd, Showing
from repartee.ports import Standing
from repartee.services.aws import translating
from repartee.stores.dynamodb.items import (
    BACKEND,
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

SHOWN = "shown:"
"""What begins the names of the attributes that say what is being shown in a workspace."""


class DynamoRecords:
    """`ports.Records` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def standing(self, room: str, chat: str, sender: str) -> Standing:
        keys = [key(place, "control") for place in dict.fromkeys((room, chat))]
        return standing_of(
            batch_get(self._client, self._table, [*keys, key(sender, "profile")], self._clock())
        )

    def control(self, room: str, chat: str) -> Control:
        keys = [key(place, "control") for place in dict.fromkeys((room, chat))]
        keys.append(key(workspace_of(room), "crowd"))
        items = batch_get(self._client, self._table, keys, self._clock())
        crowd = next((item for item in items if item["sk"]["S"] == "crowd"), {})
        control = _together(item for item in items if item["sk"]["S"] == "control")
        return msgspec.structs.replace(control, crowd=_crowd(crowd))

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

    def show(self, workspace: str, showing: Showing) -> Crowd:
        noted = text(f"{showing.kind} {showing.since:.6f} {showing.until:.6f}")
        crowd = self._note(
            workspace,
            SHOWN + showing.key,
            {":value": noted, ":expires": _expiry(showing.until)},
        )
        gone = [one.key for one in crowd.showing if _is_over(one, self._clock())]
        if gone:
            self._forget(workspace, gone)
        left = tuple(one for one in crowd.showing if one.key not in gone)
        return msgspec.structs.replace(crowd, showing=left)

    def forbid_streams(self, workspace: str, until: float) -> None:
        self._note(
            workspace,
            "no_streams_until",
            {":value": number(until), ":expires": _expiry(until)},
        )

    def _note(self, workspace: str, name: str, values: dict[str, Item]) -> Crowd:
        """Changes one attribute of the crowd's item, and gives the crowd as it is then."""
        with translating(BACKEND):
            changed = self._client.update_item(
                TableName=self._table,
                Key=key(workspace, "crowd"),
                UpdateExpression="SET #name = :value, expires = :expires",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )
        return _crowd(changed["Attributes"])

    def _forget(self, workspace: str, gone: list[str]) -> None:
        names = {f"#{number}": SHOWN + name for number, name in enumerate(gone)}
        with translating(BACKEND):
            self._client.update_item(
                TableName=self._table,
                Key=key(workspace, "crowd"),
                UpdateExpression="REMOVE " + ", ".join(names),
                ExpressionAttributeNames=names,
            )

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


def standing_of(items: Sequence[Item]) -> Standing:
    """The standing that these items tell, some of which may be about something else."""
    profile = next((item for item in items if item["sk"]["S"] == "profile"), {})
    return Standing(
        control=_together(item for item in items if item["sk"]["S"] == "control"),
        profile=texts(profile),
    )


def texts(item: Item) -> dict[str, str]:
    """The texts of an item, by name."""
    return {name: value["S"] for name, value in item.items() if "S" in value and name not in ("pk", "sk")}


def _together(items: Iterable[Item]) -> Control:
    return reduce(Control.over, (_control(item) for item in items), Control())


def _control(item: Item) -> Control:
    return Control(
        muted_until=float(item.get("muted_until", number(0))["N"]),
        stopped_at=float(item.get("stopped_at", number(0))["N"]),
    )


def _crowd(item: Item) -> Crowd:
    shown = tuple(_showing(name, value["S"]) for name, value in item.items() if name.startswith(SHOWN))
    return Crowd(shown, float(item.get("no_streams_until", number(0))["N"]))


def _showing(name: str, noted: str) -> Showing:
    kind, since, until = noted.split()
    return Showing(key=name.removeprefix(SHOWN), kind=kind, since=float(since), until=float(until))


def _is_over(showing: Showing, now: float) -> bool:
    return showing.until <= now and showing.since < now - 60


def _expiry(when: float) -> Item:
    return number(int(when) + KEPT_FOR)
