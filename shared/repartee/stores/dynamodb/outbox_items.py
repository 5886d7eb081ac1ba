"""The items of the outbox.

    pk              sk                                 what
    chat            outbox#<endpoint>#<fence>          a batch of events; a revived one sorts behind its batch
    chat            dead-event#<endpoint>#<fence>#<n>  an event that was given up
    outbox#<shard>  <endpoint>#<chat>                  a lane: who holds it, and how far it has come
    endpoints       <number> <endpoint>                a receiver that wants no more events

A turn writes batches alone, at keys that no other writes: its transaction meets no other's write. The fence
of the chat's lease grows from turn to turn, so that the keys sort as the turns were closed.
"""

from __future__ import annotations

import zlib
from typing import Any

from repartee.domain.desk_event import EventBatch, EventLane, KeptBatch, LaneState
from repartee.stores.dynamodb.items import (
    INBOX_TTL_SECONDS,
    Item,
    decode_attribute,
    decode_payload,
    number_attribute,
    payload_attributes,
    primary_key,
    text_attribute,
)

BATCH_PREFIX = "outbox#"
DEAD_PREFIX = "dead-event#"
LANES_PREFIX = "outbox#"
"""The beginning of the partitions of lanes."""

LANE_SHARDS_NUMBER = 16
"""Partitions over which lanes are spread: one takes 1,000 writes a second."""

ENDED_KEY = "endpoints"

FENCE_DIGITS = 12


def batch_item(batch: EventBatch, fence: int) -> dict[str, Any]:
    """Returns the item of a batch that a turn with this fence closes with."""
    position = f"{fence:0{FENCE_DIGITS}d}"
    return make_batch_item(KeptBatch(position, batch))


def make_batch_item(kept: KeptBatch) -> dict[str, Any]:
    """Returns the item of a batch at its position."""
    lane = EventLane(kept.batch.chat, kept.batch.endpoint)
    return batch_key(lane, kept.position) | {
        "payload": payload_attributes(kept.batch),
        "expires": number_attribute(int(kept.batch.at) + INBOX_TTL_SECONDS),
    }


def batch_key(lane: EventLane, position: str) -> dict[str, Any]:
    """Returns the key of a batch."""
    return primary_key(lane.chat, f"{BATCH_PREFIX}{lane.endpoint}#{position}")


def dead_key(lane: EventLane, position: str) -> dict[str, Any]:
    """Returns the key of an event that was given up."""
    return primary_key(lane.chat, f"{DEAD_PREFIX}{lane.endpoint}#{position}")


def lane_key(lane: EventLane) -> dict[str, Any]:
    """Returns the key of a lane."""
    shard = zlib.crc32(lane.chat.encode()) % LANE_SHARDS_NUMBER
    return primary_key(f"{LANES_PREFIX}{shard}", f"{lane.endpoint}#{lane.chat}")


def lane_of(item: Item) -> EventLane:
    """Returns the lane of an item."""
    endpoint, _, chat = item["sk"]["S"].partition("#")
    return EventLane(chat, endpoint)


def decode_batch(item: Item) -> KeptBatch:
    """Returns a batch as it waits, or an event that was given up."""
    return KeptBatch(item["sk"]["S"].split("#", 2)[2], decode_payload(item, EventBatch))


def state_attributes(state: LaneState) -> dict[str, Any]:
    """Returns how far a lane has come, as attributes of its item."""
    return {
        "until": number_attribute(state.until),
        "head": text_attribute(state.head),
        "done": number_attribute(state.done),
        "failures": number_attribute(state.failures),
        "due": number_attribute(state.due_at),
        "wake_due": number_attribute(state.wake_due),
        "missed": payload_attributes(state.missed),
        "missed_number": number_attribute(state.missed_number),
    }


def decode_lane(item: Item, lane: EventLane) -> LaneState:
    """Returns the state of a lane from its item."""

    def number(name: str) -> float:
        return float(item.get(name, number_attribute(0))["N"])

    return LaneState(
        lane=lane,
        token=item.get("token", {"S": ""})["S"],
        until=number("until"),
        head=item.get("head", {"S": ""})["S"],
        done=int(number("done")),
        failures=int(number("failures")),
        due_at=number("due"),
        wake_due=number("wake_due"),
        missed=decode_attribute(item.get("missed"), tuple[str, ...], ()),
        missed_number=int(number("missed_number")),
        knocks=int(number("knocks")),
    )
