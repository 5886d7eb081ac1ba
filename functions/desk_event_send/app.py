"""The sender of desks' events: lanes that have something to send in, those that must come back out."""

from __future__ import annotations

from typing import Any

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.domain.desk_event import EventLane
from repartee.wiring import current_wiring, start_process
from repartee.wiring.desk_events import event_delivery
from repartee.wiring.queue_batches import end_of_invocation, take_records

start_process(event_delivery)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the queue of events. It reports partial batch failures."""
    wiring = current_wiring()
    until = end_of_invocation(wiring, context)
    return take_records(wiring, event["Records"], EventLane, until, wiring.get(event_delivery).deliver_all)
