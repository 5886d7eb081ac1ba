"""Records of rooms, chats and people on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.conversation.control import Control
from repartee.conversation.limits import Spent, day_of
from repartee.conversation.meeting import Meeting
from repartee.conversation.message import workspace_of
from repartee.conversation.reply import Crowd, Showing
from repartee.ports import Standing, Summary
from repartee.services.aws import translating
from repartee.stores.dynamodb.items import (
    BACKEND,
    DAY,
    KEPT_FOR,
    ConditionFailed,
    Item,
    batch_get,
    conditionally,
    key,
    number,
    payload,
    text,
)
from repartee.stores.dynamodb.standings import control_of, keys_of, orders, standing_of, today

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SUMMARY_KEPT_FOR = 365 * DAY
"""Seconds that a summary outlives what it sums up."""

SHOWN = "shown:"
"""What begins the names of the attributes that say what is being shown in a workspace."""


class DynamoRecords:
    """`ports.Records` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def standing(self, room: str, chat: str, sender: str) -> Standing:
        now = self._clock()
        return standing_of(batch_get(self._client, self._table, keys_of(room, chat, sender, now), now))

    def control(self, room: str, chat: str) -> Control:
        keys = [*orders(room, chat), key(workspace_of(room), "crowd")]
        items = batch_get(self._client, self._table, keys, self._clock())
        crowd = next((item for item in items if item["sk"]["S"] == "crowd"), {})
        return msgspec.structs.replace(control_of(items), crowd=_crowd(crowd))

    def mute(self, place: str, until: float, ordered: float, by: str = "") -> None:
        told = {":until": number(until), ":ordered": number(ordered), ":by": text(by)}
        self._order(
            place,
            "SET muted_until = :until, mute_ordered = :ordered, muted_by = :by, expires = :expires",
            "attribute_not_exists(mute_ordered) OR mute_ordered <= :ordered",
            told | {":expires": _expiry(max(until, ordered))},
        )

    def stop(self, chat: str, at: float) -> None:
        self._order(
            chat,
            "SET stopped_at = :at, expires = if_not_exists(expires, :expires)",
            "attribute_not_exists(stopped_at) OR stopped_at <= :at",
            {":at": number(at), ":expires": _expiry(at)},
        )

    def convene(self, room: str, meeting: Meeting) -> None:
        with suppress(ConditionFailed), conditionally():
            self._client.put_item(
                TableName=self._table,
                Item=key(room, "meeting")
                | {"payload": text(msgspec.json.encode(meeting).decode())}
                | {"began": number(meeting.began), "ended": number(meeting.ended)}
                | {"expires": _expiry(max(meeting.began, min(meeting.ended, self._clock())))},
                ConditionExpression="attribute_not_exists(began) OR began < :began "
                "OR (began = :began AND ended <= :ended)",
                ExpressionAttributeValues={":began": number(meeting.began), ":ended": number(meeting.ended)},
            )

    def learn(self, person: str, facts: Mapping[str, str]) -> None:
        names = {f"#{place}": name for place, name in enumerate(facts)}
        values = {at.replace("#", ":"): text(facts[name]) for at, name in names.items() if facts[name]}
        kept = ", ".join(f"{at} = {at.replace('#', ':')}" for at, name in names.items() if facts[name])
        gone = ", ".join(at for at, name in names.items() if not facts[name])
        parts = [f"{verb} {what}" for verb, what in (("SET", kept), ("REMOVE", gone)) if what]
        given: Any = {"ExpressionAttributeValues": values} if values else {}
        if not parts:
            return
        with translating(BACKEND):
            self._client.update_item(
                TableName=self._table,
                Key=key(person, "profile"),
                UpdateExpression=" ".join(parts),
                ExpressionAttributeNames=names,
                **given,
            )

    def summarise(self, chat: str, summary: Summary, after: float) -> None:
        with suppress(ConditionFailed), conditionally():
            self._client.put_item(
                TableName=self._table,
                Item=key(chat, "summary")
                | {"payload": payload(summary), "upto": number(summary.upto)}
                | {"expires": number(int(summary.upto) + SUMMARY_KEPT_FOR)},
                ConditionExpression="upto = :after"
                if after
                else "attribute_not_exists(upto) OR upto = :after",
                ExpressionAttributeValues={":after": number(after)},
            )

    def spend(self, turn: str, room: str, spent: Spent) -> None:
        counted = {
            ":turn": text(turn),
            ":tokens": number(spent.tokens),
            ":cost": number(round(spent.cost, 9)),
            ":expires": number((day_of(self._clock()) + 2) * DAY),
        }
        for place in (room, workspace_of(room)):
            with suppress(ConditionFailed), conditionally():
                self._client.update_item(
                    TableName=self._table,
                    Key=key(place, today(self._clock())),
                    UpdateExpression="ADD tokens :tokens, cost :cost SET expires = :expires, newest = :turn",
                    ConditionExpression="attribute_not_exists(newest) OR newest <> :turn",
                    ExpressionAttributeValues=counted,
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
