"""The turn's Lambda: wakes from the queue in, those that must come back out."""

from __future__ import annotations

from typing import Any

import msgspec

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.aws.queue import Wake
from repartee.turn.received_wake import ReceivedWake
from repartee.wiring import current_wiring, start_process
from repartee.wiring.functions import chat_worker
from repartee.wiring.process import clock, exit_if_exhausted
from repartee.wiring.warm_up import warm_up_thread

start_process(chat_worker, warm_up_thread)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the queue of wakes, for which it reports partial batch failures. The
    webhook invokes it as well, with one wake that no queue knows."""
    until = current_wiring().get(clock)() + context.get_remaining_time_in_millis() / 1000
    if "wake" in event:
        orders = {_received_wake(msgspec.convert(event["wake"], Wake), "", until): ""}
    else:
        orders = {_parse_record(record, until): record["messageId"] for record in event["Records"]}
    failed = current_wiring().get(chat_worker).answer_all(orders)
    exit_if_exhausted(current_wiring())
    return {"batchItemFailures": [{"itemIdentifier": orders[order]} for order in failed if orders[order]]}


def _parse_record(record: dict[str, Any], until: float) -> ReceivedWake:
    return _received_wake(msgspec.json.decode(record["body"], type=Wake), record["receiptHandle"], until)


def _received_wake(wake: Wake, receipt: str, until: float) -> ReceivedWake:
    return ReceivedWake(
        wake.chat,
        receipt,
        until,
        wake.correlation_id,
        wake.successor_due,
        wake.message_id,
        wake.is_safety_net,
    )
