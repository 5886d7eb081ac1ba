"""The outbox of a desk's events on DynamoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from repartee.aws.calls import translate_errors
from repartee.domain.desk_event import DeadEvent, EventLane, KeptBatch, LaneState
from repartee.domain.message import Exchange
from repartee.errors import LeaseLost, Throttled
from repartee.stores.dynamodb.codec import decode_exchange
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    INBOX_TTL_SECONDS,
    ConditionFailed,
    Item,
    TransactionCancelled,
    batch_get,
    number_attribute,
    primary_key,
    text_attribute,
    translate_conditional_errors,
)
from repartee.stores.dynamodb.outbox_items import (
    BATCH_PREFIX,
    ENDED_KEY,
    LANE_SHARDS_NUMBER,
    LANES_PREFIX,
    batch_key,
    dead_key,
    decode_batch,
    decode_lane,
    lane_key,
    lane_of,
    make_batch_item,
    state_attributes,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FREE_CONDITION = "attribute_not_exists(#until) OR #until <= :now"
HELD_CONDITION = "#token = :token"
UNKNOCKED_CONDITION = "#token = :token AND (attribute_not_exists(knocks) OR knocks = :knocks)"
LANE_NAMES = {"#until": "until", "#token": "token"}

MAX_ACQUIRE_TRIES = 3
"""How often a lane is tried that is given back at the same moment."""


class DynamoOutbox:
    """`ports.EventOutbox` on DynamoDB. `outbox_items` says which items there are."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._client, self._table, self._clock = client, table, clock

    def acquire_lane(self, lane: EventLane, token: str, now: float, until: float) -> LaneState | None:
        for _ in range(MAX_ACQUIRE_TRIES):
            taken = self._try_acquire(lane, token, now, until)
            if taken or self._knock(lane, now):
                return taken
        raise Throttled(BACKEND_NAME, "the lane changes hands too often")

    def _try_acquire(self, lane: EventLane, token: str, now: float, until: float) -> LaneState | None:
        values = {
            ":token": text_attribute(token),
            ":now": number_attribute(now),
            ":until": number_attribute(until),
            ":expires": number_attribute(int(now) + INBOX_TTL_SECONDS),
        }
        try:
            with translate_conditional_errors():
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=lane_key(lane),
                    UpdateExpression="SET #token = :token, #until = :until, expires = :expires",
                    ConditionExpression=FREE_CONDITION,
                    ExpressionAttributeNames=LANE_NAMES,
                    ExpressionAttributeValues=values,
                    ReturnValues="ALL_NEW",
                )
        except ConditionFailed:
            return None
        return decode_lane(answer["Attributes"], lane)

    def _knock(self, lane: EventLane, now: float) -> bool:
        """Counts a worker that found the lane held. False if nobody holds it any more."""
        try:
            with translate_conditional_errors():
                self._client.update_item(
                    TableName=self._table,
                    Key=lane_key(lane),
                    UpdateExpression="ADD knocks :one",
                    ConditionExpression="#until > :now",
                    ExpressionAttributeNames={"#until": "until"},
                    ExpressionAttributeValues={":one": number_attribute(1), ":now": number_attribute(now)},
                )
        except ConditionFailed:
            return False
        return True

    def write_lane(self, state: LaneState) -> None:
        try:
            with translate_conditional_errors():
                self._client.update_item(TableName=self._table, **_lane_update(state))
        except ConditionFailed:
            raise _lane_lost() from None

    def release_lane(self, state: LaneState) -> LaneState | None:
        values = {":token": text_attribute(state.token), ":knocks": number_attribute(state.knocks)}
        common: dict[str, Any] = {
            "TableName": self._table,
            "Key": lane_key(state.lane),
            "ConditionExpression": UNKNOCKED_CONDITION,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        try:
            with translate_conditional_errors():
                if state.must_be_kept:
                    self._client.update_item(
                        **common,
                        UpdateExpression="SET #until = :never REMOVE #token",
                        ExpressionAttributeNames=LANE_NAMES,
                        ExpressionAttributeValues=values | {":never": number_attribute(0)},
                    )
                else:
                    names = {"#token": "token"}
                    self._client.delete_item(
                        **common, ExpressionAttributeNames=names, ExpressionAttributeValues=values
                    )
        except ConditionFailed as failed:
            found = decode_lane(failed.item, state.lane)
            if found.token != state.token:
                raise _lane_lost() from None
            return msgspec.structs.replace(state, knocks=found.knocks)
        return None

    def list_batches(self, lane: EventLane, limit: int) -> Sequence[KeptBatch]:
        with translate_errors(BACKEND_NAME):
            found = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :chat AND begins_with(sk, :lane)",
                ExpressionAttributeValues={
                    ":chat": text_attribute(lane.chat),
                    ":lane": text_attribute(f"{BATCH_PREFIX}{lane.endpoint}#"),
                },
                ConsistentRead=True,
                Limit=limit,
            )
        return [decode_batch(item) for item in found["Items"]]

    def delete_batch(self, lane: EventLane, position: str) -> None:
        with translate_errors(BACKEND_NAME):
            self._client.delete_item(TableName=self._table, Key=batch_key(lane, position))

    def bury_event(self, state: LaneState, dead: KeptBatch) -> None:
        item = make_batch_item(dead) | dead_key(state.lane, dead.position)
        item["expires"] = number_attribute(int(self._clock()) + INBOX_TTL_SECONDS)
        actions: Any = [
            {"Put": {"TableName": self._table, "Item": item}},
            {"Update": {"TableName": self._table} | _lane_update(state)},
        ]
        self._transact(actions)

    def revive_event(self, dead: DeadEvent, at: float) -> bool:
        lane = EventLane(dead.chat, dead.endpoint)
        key = dead_key(lane, dead.position)
        items = batch_get(self._client, self._table, [key], self._clock())
        if not items:
            return False
        batch = msgspec.structs.replace(decode_batch(items[0]).batch, at=at)
        actions: Any = [
            {"Put": {"TableName": self._table, "Item": make_batch_item(KeptBatch(dead.position, batch))}},
            {"Delete": {"TableName": self._table, "Key": key}},
        ]
        self._transact(actions)
        return True

    def list_idle_lanes(self, before: float) -> Iterator[EventLane]:
        for shard in range(LANE_SHARDS_NUMBER):
            for item in self._query(f"{LANES_PREFIX}{shard}"):
                state = decode_lane(item, lane_of(item))
                is_left = bool(state.token) and state.until < before
                if is_left or (not state.token and 0 < state.due_at < before):
                    yield state.lane

    def find_exchange(self, chat: str, turn: str) -> Exchange | None:
        items = batch_get(self._client, self._table, [primary_key(chat, f"exchange#{turn}")], self._clock())
        return decode_exchange(items[0]) if items else None

    def end_endpoint(self, number: str, endpoint: str, at: float) -> None:
        item = _ended_key(number, endpoint) | {"at": number_attribute(at)}
        with translate_errors(BACKEND_NAME):
            self._client.put_item(TableName=self._table, Item=item)

    def has_ended(self, number: str, endpoint: str) -> bool:
        return bool(batch_get(self._client, self._table, [_ended_key(number, endpoint)], self._clock()))

    def list_ended(self, number: str) -> Sequence[str]:
        found = (item["sk"]["S"].partition(" ") for item in self._query(ENDED_KEY))
        return [endpoint for of, _, endpoint in found if of == number]

    def resume_endpoints(self, number: str) -> None:
        for endpoint in self.list_ended(number):
            with translate_errors(BACKEND_NAME):
                self._client.delete_item(TableName=self._table, Key=_ended_key(number, endpoint))

    def _query(self, partition: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :partition",
            ExpressionAttributeValues={":partition": text_attribute(partition)},
            ConsistentRead=True,
        )
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from page["Items"]

    def _transact(self, actions: Any) -> None:
        try:
            with translate_errors(BACKEND_NAME):
                try:
                    self._client.transact_write_items(TransactItems=actions)
                except self._client.exceptions.TransactionCanceledException as error:
                    raise TransactionCancelled(error) from error
        except TransactionCancelled as cancelled:
            if "ConditionalCheckFailed" in cancelled.reasons:
                raise _lane_lost() from None
            raise Throttled(BACKEND_NAME, ", ".join(cancelled.reasons)) from cancelled


def _lane_update(state: LaneState) -> dict[str, Any]:
    attributes = state_attributes(state)
    names = {f"#{name}": name for name in attributes}
    return {
        "Key": lane_key(state.lane),
        "UpdateExpression": "SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
        "ConditionExpression": HELD_CONDITION,
        "ExpressionAttributeNames": names | {"#token": "token"},
        "ExpressionAttributeValues": {f":{name}": value for name, value in attributes.items()}
        | {":token": text_attribute(state.token)},
    }


def _ended_key(number: str, endpoint: str) -> dict[str, Any]:
    return primary_key(ENDED_KEY, f"{number} {endpoint}")


def _lane_lost() -> LeaseLost:
    return LeaseLost("another worker has the lane")
