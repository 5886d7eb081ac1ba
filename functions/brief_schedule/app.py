"""The schedule of briefs and reminders: every five minutes, those that are due are queued."""

from __future__ import annotations

from typing import Any

import msgspec

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.wiring import current_wiring, start_process
from repartee.wiring.briefs import brief_scheduler, observe_schedule, reminder_armer
from repartee.wiring.process import clock

start_process(brief_scheduler, reminder_armer)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the schedule. It returns the report of what was due."""
    wiring = current_wiring()
    began = wiring.get(clock)()
    until = began + context.get_remaining_time_in_millis() / 1000
    armed, failed = wiring.get(reminder_armer).arm_due()
    report = wiring.get(brief_scheduler).queue_due_briefs(until)
    report.reminders = armed
    report.add_failure("reminders", failed)
    wiring.get(observe_schedule)(report, wiring.get(clock)() - began)
    return dict(msgspec.to_builtins(report))
