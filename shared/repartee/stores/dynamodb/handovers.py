"""The hand-overs of conversations on DynamoDB: in the item of the chat's commands, so that they are read with
these, and one item in a list for each that is active.

    pk         sk       what
    chat       control  `handover`, and `handover_version`, which every change counts up
    handovers  handover#<chat>  the chat has an active hand-over; `due` is when its team is reminded, `since`
                        when it was opened, where the customer waits
    chat       turn     `handed_over` is there while it has one: who takes the chat's lease knows it at once,
                        and who holds it looks again when its turn is closed
    place      serves   the customer's chat that a thread or a message of the team is about
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from repartee.aws.calls import translate_errors
from repartee.domain.handover import Handover, HandoverChange, build_team_event
from repartee.domain.message import TeamAction, TeamActionKind
from repartee.errors import Throttled
from repartee.ports.handovers import Handovers, Transition, WaitingCustomer
from repartee.stores.dynamodb.inbox_items import message_item
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    INBOX_TTL_SECONDS,
    Item,
    TransactionCancelled,
    batch_get,
    decode_attribute,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LINK_KEY = "serves"
LISTED_PREFIX = "handover#"
LIST_KEY = "handovers"
"""The partition of the items that list active hand-overs."""

MAX_CHANGE_TRIES = 6
"""How often a change is tried when others come first: each of these is the change of a person."""

UPDATE_EXPRESSION = (
    "SET handover = :handover, handover_version = if_not_exists(handover_version, :none) + :one, "
    "expires = :expires"
)
UNCHANGED_CONDITION = "handover_version = :version"
UNWRITTEN_CONDITION = "attribute_not_exists(handover_version)"


class DynamoHandovers(Handovers):
    """`ports.Handovers` on DynamoDB."""

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._client, self._table, self._clock, self._make_id = client, table, clock, new_id

    def _new_id(self) -> str:
        return self._make_id()

    def read(self, chat: str) -> Handover:
        return _decode_handover(self._read_item(chat))

    def list_due(self, before: float) -> Iterator[str]:
        due = [item for item in self._query_list() if "due" in item and float(item["due"]["N"]) < before]
        return iter([_listed_chat(item) for item in sorted(due, key=lambda item: float(item["due"]["N"]))])

    def list_active(self) -> Iterator[str]:
        return map(_listed_chat, self._query_list())

    def list_waiting(self) -> Iterator[WaitingCustomer]:
        for item in self._query_list():
            if "due" not in item:
                continue
            chat = _listed_chat(item)
            if "since" in item:
                yield WaitingCustomer(chat, item["room"]["S"], float(item["since"]["N"]))
            elif (found := self.read(chat)).state == "waiting":  # listed by a version before
                yield WaitingCustomer(chat, found.customer.room, found.opened_at)

    def link(self, place: str, chat: str, at: float) -> None:
        item = primary_key(place, LINK_KEY) | {"chat": text_attribute(chat), "expires": _expiry_attribute(at)}
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)

    def find_linked(self, place: str) -> str:
        items = batch_get(self._client, self._table, [primary_key(place, LINK_KEY)], self._clock())
        return str(items[0]["chat"]["S"]) if items else ""

    def _change(
        self, chat: str, transition: Transition, at: float, event: TeamActionKind | None = None
    ) -> HandoverChange:
        for _ in range(MAX_CHANGE_TRIES):
            item = self._read_item(chat)
            found = _decode_handover(item)
            changed = transition(found)
            if changed is None or changed == found:
                return HandoverChange(changed is not None, found)
            notice = build_team_event(changed, chat, event, at) if event else None
            if self._write(chat, item.get("handover_version"), found, changed, at, notice):
                return HandoverChange(True, changed)
        raise Throttled(BACKEND_NAME, "the hand-over is changed too often at once")

    def _write(
        self,
        chat: str,
        version: Item | None,
        found: Handover,
        changed: Handover,
        at: float,
        notice: TeamAction | None,
    ) -> bool:
        """Writes the record, its place in the list where that changes, and what the chat's next turn is to
        do about it. False if another change came first."""
        table = {"TableName": self._table}
        actions = [{"Update": table | _control_update(chat, version, changed, at)}]
        if found.is_active != changed.is_active:
            actions.append({"Update": table | _lease_update(chat, changed.is_active, at)})
        if notice:
            actions.append({"Put": table | {"Item": message_item(notice)}})
        if (found.is_active, found.due_at) != (changed.is_active, changed.due_at):
            actions.append(self._list_action(chat, changed, at))
        try:
            with translate_errors(BACKEND_NAME):
                self._transact(actions)
        except TransactionCancelled as cancelled:
            if {"ConditionalCheckFailed", "TransactionConflict"}.isdisjoint(cancelled.reasons):
                raise Throttled(BACKEND_NAME, ", ".join(cancelled.reasons)) from cancelled
            return False
        return True

    def _transact(self, actions: Any) -> None:
        try:
            self._client.transact_write_items(TransactItems=actions)
        except self._client.exceptions.TransactionCanceledException as error:
            raise TransactionCancelled(error) from error

    def _list_action(self, chat: str, changed: Handover, at: float) -> dict[str, Any]:
        key = primary_key(LIST_KEY, f"{LISTED_PREFIX}{chat}")
        if not changed.is_active:
            return {"Delete": {"TableName": self._table, "Key": key}}
        item = key | {"expires": _expiry_attribute(at)}
        if changed.due_at:
            item |= {
                "due": number_attribute(changed.due_at),
                "since": number_attribute(changed.opened_at),
                "room": text_attribute(changed.customer.room or chat),
            }
        return {"Put": {"TableName": self._table, "Item": item}}

    def _read_item(self, chat: str) -> Item:
        items = batch_get(self._client, self._table, [primary_key(chat, "control")], self._clock())
        return items[0] if items else {}

    def _query_list(self) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :list",
            ExpressionAttributeValues={":list": text_attribute(LIST_KEY)},
            ConsistentRead=True,
        )
        now = self._clock()
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from (item for item in page["Items"] if float(item["expires"]["N"]) > now)


def _control_update(chat: str, version: Item | None, changed: Handover, at: float) -> dict[str, Any]:
    values: dict[str, Any] = {
        ":handover": payload_attributes(changed),
        ":none": number_attribute(0),
        ":one": number_attribute(1),
        ":expires": _expiry_attribute(at),
    }
    return {
        "Key": primary_key(chat, "control"),
        "UpdateExpression": UPDATE_EXPRESSION,
        "ConditionExpression": UNCHANGED_CONDITION if version else UNWRITTEN_CONDITION,
        "ExpressionAttributeValues": values | ({":version": version} if version else {}),
    }


def _lease_update(chat: str, is_active: bool, at: float) -> dict[str, Any]:
    names = {"#until": "until"}
    values: dict[str, Any] = {
        ":none": number_attribute(0),
        ":one": number_attribute(1),
        ":expires": _expiry_attribute(at),
    }
    expression = (
        "SET #until = if_not_exists(#until, :none), expires = :expires, "
        "knocks = if_not_exists(knocks, :none) + :one"
    )
    if is_active:
        expression, values[":yes"] = f"{expression}, handed_over = :yes", {"BOOL": True}
    else:
        expression += " REMOVE handed_over"
    return {
        "Key": primary_key(chat, "turn"),
        "UpdateExpression": expression,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
    }


def _listed_chat(item: Item) -> str:
    return str(item["sk"]["S"]).removeprefix(LISTED_PREFIX)


def _decode_handover(item: Item) -> Handover:
    return decode_attribute(item.get("handover"), Handover, Handover())


def _expiry_attribute(at: float) -> Item:
    return number_attribute(int(at) + INBOX_TTL_SECONDS)
