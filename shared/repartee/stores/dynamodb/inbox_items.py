"""Builds and reads the items of the inbox: messages, exchanges and leases."""

from __future__ import annotations

from typing import Any

from repartee.domain.message import Exchange
from repartee.domain.reply import VisibleState
from repartee.errors import LeaseLost
from repartee.ports import AnswerStatus, LeaseRecord
from repartee.stores.dynamodb.codec import decode_exchange, exchange_attributes
from repartee.stores.dynamodb.items import (
    INBOX_TTL_SECONDS,
    Item,
    decode_attribute,
    number_attribute,
    primary_key,
    sortable_time,
    text_attribute,
)

ACQUIRE_LEASE_EXPRESSION = (
    "SET #until = :until, expires = :expires, fence = if_not_exists(fence, :none) + :one, "
    "turn = if_not_exists(turn, :turn), phase = if_not_exists(phase, :phase), "
    "attempts = if_not_exists(attempts, :none) + :one"
)
"""Takes a lease: the progress of an unfinished turn is kept."""

END_LEASE_EXPRESSION = "SET #until = :over REMOVE turn, messages, attempts, phase, shown"
"""Ends the lease of a closed turn: only the fence is kept."""


def answer_status(message: Item, closed: Item | None) -> AnswerStatus:
    """Returns what became of a message that was closed, from its item and its exchange's."""
    failed = message.get("failed", text_attribute(""))["S"]
    if closed is None:
        return AnswerStatus(is_open=False, failure_reason=failed)
    exchange = decode_exchange(closed)
    together = tuple(answered.id for answered in exchange.messages)
    return AnswerStatus(is_open=False, message_ids=together, reply=exchange.reply, failure_reason=failed)


def exchange_item(exchange: Exchange) -> dict[str, Any]:
    """Returns the item of an exchange, open until it is persisted."""
    return primary_key(exchange.chat, f"exchange#{exchange.turn}") | {
        "room": text_attribute(exchange.room),
        "open": text_attribute(f"{sortable_time(exchange.answered_at)}#exchange#{exchange.turn}"),
        "kept": number_attribute(exchange.answered_at),
        "expires": number_attribute(int(exchange.answered_at) + INBOX_TTL_SECONDS),
        **exchange_attributes(exchange),
    }


def close_message_action(holding: LeaseRecord, id: str, failed: str) -> dict[str, Any]:
    """Returns the update that closes one message of a turn, with the reason if it failed."""
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
    """Returns an update of a chat's lease that is refused unless the fence is still the holder's."""
    return {
        "Key": primary_key(holding.chat, "turn"),
        "UpdateExpression": expression,
        "ConditionExpression": "fence = :fence",
        "ExpressionAttributeNames": {"#until": "until"},
        "ExpressionAttributeValues": values | {":fence": number_attribute(holding.fence)},
    }


def decode_lease(item: Item) -> LeaseRecord:
    """Returns the lease that an item holds."""
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
    )


def lease_lost(holding: LeaseRecord) -> LeaseLost:
    """Returns the error that another holder has taken the lease since."""
    return LeaseLost(f"fence {holding.fence} is not the chat's any more")
