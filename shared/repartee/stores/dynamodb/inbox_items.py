"""Builds and reads the items of the inbox: messages, exchanges and leases."""

from __future__ import annotations

from typing import Any

from repartee.domain.message import Exchange
from repartee.ports import AnswerStatus
from repartee.stores.dynamodb.codec import decode_exchange, exchange_attributes
from repartee.stores.dynamodb.feedback import list_feedback
from repartee.stores.dynamodb.items import (
    INBOX_TTL_SECONDS,
    Item,
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

END_LEASE_EXPRESSION = "SET #until = :over REMOVE turn, messages, attempts, phase, shown, outage"
"""Ends the lease of a closed turn: only the fence is kept."""


def answer_status(message: Item, closed: Item | None) -> AnswerStatus:
    """Returns what became of a message that was closed, from its item and its exchange's."""
    failed = message.get("failed", text_attribute(""))["S"]
    if closed is None:
        return AnswerStatus(is_open=False, failure_reason=failed)
    exchange = decode_exchange(closed)
    together = tuple(answered.id for answered in exchange.messages)
    return AnswerStatus(
        is_open=False,
        message_ids=together,
        reply=exchange.reply,
        failure_reason=failed,
        feedback=list_feedback(closed),
    )


def exchange_item(exchange: Exchange) -> dict[str, Any]:
    """Returns the item of an exchange, open until it is persisted."""
    return primary_key(exchange.chat, f"exchange#{exchange.turn}") | {
        "room": text_attribute(exchange.room),
        "open": text_attribute(f"{sortable_time(exchange.answered_at)}#exchange#{exchange.turn}"),
        "kept": number_attribute(exchange.answered_at),
        "expires": number_attribute(int(exchange.answered_at) + INBOX_TTL_SECONDS),
        **exchange_attributes(exchange),
    }
