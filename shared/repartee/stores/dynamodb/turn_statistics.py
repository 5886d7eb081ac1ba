"""Sums of turns on DynamoDB: by day, the hours' rollups and workspaces; by hour, its chats.

One process writes, once a minute, an item for each combination of channel, assistant and mode and for each
workspace and chat that had a turn in that minute: so no partition is written often, and none grows with the
number of turns. The records that are read for it are in shards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from repartee.aws.calls import translate_errors
from repartee.domain.rollup import ChatActivity, HourlyRollup, HourlySteps, HourRollups, WorkspaceTally
from repartee.domain.turn_record import TurnRecord
from repartee.stores.dynamodb.items import (
    BACKEND_NAME,
    DAY_SECONDS,
    Item,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
)
from repartee.stores.dynamodb.writes import write_items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Tally = TypeVar("Tally")

HOURS_PER_DAY, HOUR_SECONDS = 24, 3600
ROLLUP_DAYS = 90
"""Days for which the rollups of an hour are kept."""

CHAT_DAYS = 14
"""Days for which it is kept which chats had turns: as long as their records."""

ALL_ATTRIBUTES: Mapping[str, Any] = {}
PAYLOAD_ONLY: Mapping[str, Any] = {"ProjectionExpression": "payload"}
"""For lists: botocore takes as long for each other attribute as for the sums themselves."""

WATERMARK_KEY = primary_key("rollup", "watermark")
GROUP_PREFIX, STEPS_PREFIX, WORKSPACE_PREFIX = "group", "steps", "workspace"


class DynamoTurnStatistics:
    """`ports.TurnStatistics` on DynamoDB."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client, self._table = client, table

    def read_watermark(self) -> float:
        with translate_errors(BACKEND_NAME):
            found = self._client.get_item(TableName=self._table, Key=WATERMARK_KEY, ConsistentRead=True)
        return float(found["Item"]["until"]["N"]) if "Item" in found else 0.0

    def count_until(
        self,
        until: float,
        closed: Mapping[int, Sequence[TurnRecord]],
        read_hour: Callable[[int], Sequence[TurnRecord]],
    ) -> None:
        watermark = self.read_watermark()
        for hour, records in closed.items():
            kept, counted_until = self._read_hour(hour)
            if counted_until > watermark:
                kept, records = HourRollups(), read_hour(hour)  # noqa: PLW2901
            for record in records:
                kept.add(hour, record)
            touched = {record.chat for record in records}
            write_items(self._client, self._table, hour_items(hour, kept, touched, until))
        with translate_errors(BACKEND_NAME):
            self._client.put_item(
                TableName=self._table, Item={**WATERMARK_KEY, "until": number_attribute(until)}
            )

    def list_rollups(self, since: float, until: float) -> Sequence[HourlyRollup]:
        return self._list_tallies(GROUP_PREFIX, HourlyRollup, since, until)

    def list_steps(self, since: float, until: float) -> Sequence[HourlySteps]:
        return self._list_tallies(STEPS_PREFIX, HourlySteps, since, until)

    def list_workspaces(self, since: float, until: float) -> Sequence[WorkspaceTally]:
        return self._list_tallies(WORKSPACE_PREFIX, WorkspaceTally, since, until)

    def list_chats(self, hour: int) -> Sequence[ChatActivity]:
        items = self._query(_chats_partition(hour), attributes=PAYLOAD_ONLY)
        found = [decode_payload(item, ChatActivity) for item in items]
        return sorted(found, key=lambda one: -one.last_at)

    def _list_tallies(self, prefix: str, kind: type[Tally], since: float, until: float) -> Sequence[Tally]:
        first, last = int(since // HOUR_SECONDS), int(until // HOUR_SECONDS)
        found: list[Tally] = []
        for day in range(first // HOURS_PER_DAY, last // HOURS_PER_DAY + 1):
            begin = max(first, day * HOURS_PER_DAY)
            end = min(last, (day + 1) * HOURS_PER_DAY - 1)
            items = self._query(
                _day_partition(begin), f"{prefix}#{begin}#", f"{prefix}#{end}#~", PAYLOAD_ONLY
            )
            found += [decode_payload(item, kind) for item in items]
        return found

    def _read_hour(self, hour: int) -> tuple[HourRollups, float]:
        """Returns what is kept of the hour, and up to when its turns are counted."""
        items = [
            item
            for prefix in (GROUP_PREFIX, STEPS_PREFIX, WORKSPACE_PREFIX)
            for item in self._query(_day_partition(hour), f"{prefix}#{hour}#", f"{prefix}#{hour}#~")
        ]
        items += self._query(_chats_partition(hour))
        kept = HourRollups()
        for item in items:
            kind = item["sk"]["S"].partition("#")[0]
            if kind == GROUP_PREFIX:
                group = decode_payload(item, HourlyRollup)
                kept.groups[group.key] = group
            elif kind == STEPS_PREFIX:
                steps = decode_payload(item, HourlySteps)
                kept.steps[steps.key] = steps
            elif kind == WORKSPACE_PREFIX:
                tally = decode_payload(item, WorkspaceTally)
                kept.workspaces[tally.workspace] = tally
            else:
                activity = decode_payload(item, ChatActivity)
                kept.chats[activity.chat] = activity
        return kept, max((float(item["until"]["N"]) for item in items), default=0.0)

    def _query(
        self,
        partition: str,
        first: str = "",
        last: str = "",
        attributes: Mapping[str, Any] = ALL_ATTRIBUTES,
    ) -> Iterator[Item]:
        values: dict[str, Any] = {":pk": text_attribute(partition)}
        condition = "pk = :pk"
        if first:
            values |= {":first": text_attribute(first), ":last": text_attribute(last)}
            condition += " AND sk BETWEEN :first AND :last"
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values,
            ConsistentRead=True,
            **attributes,
        )
        with translate_errors(BACKEND_NAME):
            for page in pages:
                yield from page["Items"]


def hour_items(
    hour: int, kept: HourRollups, touched_chats: set[str], until: float
) -> Iterator[dict[str, Any]]:
    """Yields the items of an hour that have changed."""
    began = hour * HOUR_SECONDS
    counted = {"until": number_attribute(until)}
    lasting = {**counted, "expires": number_attribute(began + ROLLUP_DAYS * DAY_SECONDS)}
    sums = {
        **{f"{GROUP_PREFIX}#{key}": group for key, group in kept.groups.items()},
        **{f"{STEPS_PREFIX}#{key}": steps for key, steps in kept.steps.items()},
        **{f"{WORKSPACE_PREFIX}#{hour}#{name}": tally for name, tally in kept.workspaces.items()},
    }
    for key, value in sums.items():
        yield {**primary_key(_day_partition(hour), key), "payload": payload_attributes(value), **lasting}
    expires = {**counted, "expires": number_attribute(began + CHAT_DAYS * DAY_SECONDS)}
    for chat in touched_chats:
        yield {
            **primary_key(_chats_partition(hour), f"chat#{chat}"),
            "payload": payload_attributes(kept.chats[chat]),
            **expires,
        }


def _day_partition(hour: int) -> str:
    return f"rollup#{hour // HOURS_PER_DAY}"


def _chats_partition(hour: int) -> str:
    return f"rollup-chats#{hour}"
