"""The teller of reminders: their wakes in, those that must come back out."""

from __future__ import annotations

from typing import Any

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.domain.reminder import ReminderWake
from repartee.wiring import current_wiring, start_process
from repartee.wiring.briefs import reminder_teller
from repartee.wiring.queue_batches import end_of_invocation, take_records

start_process(reminder_teller)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the queue of reminders. It reports partial batch failures."""
    wiring = current_wiring()
    until = end_of_invocation(wiring, context)
    return take_records(wiring, event["Records"], ReminderWake, until, wiring.get(reminder_teller).say_all)
