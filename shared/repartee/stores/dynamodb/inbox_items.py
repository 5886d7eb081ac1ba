"""Builds and reads the items of the inbox: messages, exchanges and leases."""

from __future__ import annotations

from typing import Any

from repartee.domain.message import Exchange, Incoming, Message
from repartee.ports import AnswerStatus
from repartee.stores.dynamodb.codec import decode_exchange, exchange_attributes, message_attributes
from repartee.stores.dynamodb.feedback import list_feedback
from repartee.stores.dynamodb.items import (
    INBOX_TTL_SECONDS,
    Item,
    number_attribute,
    primary_key,
    sortable_time,
    text_attribute,
)


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


def message_item(message: Incoming) -> dict[str, Any]:
    """Returns the item of a message, open until it is answered."""
    is_overheard = isinstance(message, Message) and message.overheard
    return (
        primary_key(message.chat, f"message#{message.id}")
        | {
            "room": text_attribute(message.room),
            "open": text_attribute(f"{sortable_time(message.sent)}#{message.id}"),
            "kept": number_attribute(message.received),
            "expires": number_attribute(int(message.received) + INBOX_TTL_SECONDS),
        }
        | message_attributes(message)
        | ({"overheard": {"BOOL": True}} if is_overheard else {})
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
