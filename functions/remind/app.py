"""The teller of reminders: their wakes in, those that must come back out."""

from __future__ import annotations

from typing import Any

import msgspec

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.domain.reminder import ReminderWake
from repartee.wiring import current_wiring, start_process
from repartee.wiring.briefs import reminder_teller
from repartee.wiring.process import clock

start_process(reminder_teller)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the queue of reminders. It reports partial batch failures."""
    wiring = current_wiring()
    until = wiring.get(clock)() + context.get_remaining_time_in_millis() / 1000
    wakes = {
        record["messageId"]: msgspec.json.decode(record["body"], type=ReminderWake)
        for record in event["Records"]
    }
    failed = wiring.get(reminder_teller).say_all(wakes, until)
    return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}
