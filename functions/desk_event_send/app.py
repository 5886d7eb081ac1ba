"""The sender of desks' events: lanes that have something to send in, those that must come back out."""

from __future__ import annotations

from typing import Any

import msgspec

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.domain.desk_event import EventLane
from repartee.wiring import current_wiring, start_process
from repartee.wiring.desk_events import event_delivery
from repartee.wiring.process import clock

start_process(event_delivery)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the queue of events. It reports partial batch failures."""
    wiring = current_wiring()
    until = wiring.get(clock)() + context.get_remaining_time_in_millis() / 1000
    lanes = {
        record["messageId"]: msgspec.json.decode(record["body"], type=EventLane)
        for record in event["Records"]
    }
    failed = wiring.get(event_delivery).deliver_all(lanes, until)
    return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}
