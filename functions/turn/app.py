"""The turn's Lambda: wakes from the queue in, those that must come back out."""

from __future__ import annotations

from typing import Any

import msgspec

import repartee.beginning  # noqa: F401 - before what is large
from repartee.conversation.answer import AnswerChat
from repartee.services.sqs import Wake
from repartee.wiring import start, wired

start("chats", "early")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the queue of wakes. It reports partial batch failures."""
    until = wired().clock() + context.get_remaining_time_in_millis() / 1000
    orders = {_order(record, until): record["messageId"] for record in event["Records"]}
    failed = wired().chats.answer_all(orders)
    wired().retire()
    return {"batchItemFailures": [{"itemIdentifier": orders[order]} for order in failed]}


def _order(record: dict[str, Any], until: float) -> AnswerChat:
    wake = msgspec.json.decode(record["body"], type=Wake)
    return AnswerChat(wake.chat, record["receiptHandle"], until, wake.correlation)
