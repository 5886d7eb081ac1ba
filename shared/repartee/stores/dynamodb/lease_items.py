"""The lease of a chat and the closing of its messages, as DynamoDB's updates and items."""

from __future__ import annotations

from typing import Any

from repartee.domain.reply import VisibleState
from repartee.errors import LeaseLost
from repartee.ports import LeaseRecord, OutageState
from repartee.stores.dynamodb.items import (
    Item,
    decode_attribute,
    number_attribute,
    primary_key,
    text_attribute,
)


def close_message_action(holding: LeaseRecord, id: str, failed: str) -> dict[str, Any]:
    """Closes a message that the turn has answered, or given up."""
    return {
        "Key": primary_key(holding.chat, f"message#{id}"),
        "UpdateExpression": "SET answered = :turn"
        + (", failed = :failed" if failed else "")
        + " REMOVE #open",
        "ExpressionAttributeNames": {"#open": "open"},
        "ExpressionAttributeValues": {":turn": text_attribute(holding.turn)}
        | ({":failed": text_attribute(failed)} if failed else {}),
    }


def fenced_update(holding: LeaseRecord, expression: str, values: dict[str, Any]) -> dict[str, Any]:
    """Returns a change of the chat's lease, if it is still this turn's."""
    return {
        "Key": primary_key(holding.chat, "turn"),
        "UpdateExpression": expression,
        "ConditionExpression": "fence = :fence",
        "ExpressionAttributeNames": {"#until": "until"},
        "ExpressionAttributeValues": values | {":fence": number_attribute(holding.fence)},
    }


def is_attended(lease: Item, now: float) -> bool:
    """Returns whether a worker holds the chat, or its turn waits for the end of an outage."""
    return max(float(lease["until"]["N"]), _decode_outage(lease).retry_at) > now


def _decode_outage(item: Item) -> OutageState:
    """Reads what the turn waits for. What an earlier turn has left is not this one's."""
    outage = decode_attribute(item.get("outage"), OutageState, OutageState())
    return outage if outage.turn == item.get("turn", {}).get("S") else OutageState()


def decode_lease(item: Item) -> LeaseRecord:
    """Returns the lease as it is written."""
    messages = decode_attribute(item.get("messages"), tuple[str, ...], ())
    return LeaseRecord(
        chat=item["pk"]["S"],
        fence=int(item["fence"]["N"]),
        until=float(item["until"]["N"]),
        turn=item["turn"]["S"],
        messages=messages,
        attempts=int(item["attempts"]["N"]) if messages else 1,
        phase=item["phase"]["S"],
        visible=decode_attribute(item.get("shown"), VisibleState, VisibleState()),
        outage=_decode_outage(item),
        wake_due=float(item.get("wake_due", number_attribute(0))["N"]),
    )


def lease_lost(holding: LeaseRecord) -> LeaseLost:
    """Returns the error for a fence that is not the chat's any more."""
    return LeaseLost(f"fence {holding.fence} is not the chat's any more")
