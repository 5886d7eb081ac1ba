"""The sender of e-mails: jobs from its queue in, those that must come back out. From another queue it takes
what SES tells of mails that it was given."""

from __future__ import annotations

from typing import Any

import msgspec

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.aws.ses_events import is_bus_event, read_ses_event
from repartee.domain.email import EmailJob
from repartee.wiring import current_wiring, start_process
from repartee.wiring.emails import email_events, email_jobs
from repartee.wiring.process import clock, exit_if_exhausted

start_process(email_jobs, email_events)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the queues of mails and of their events. It reports partial batch
    failures."""
    wiring = current_wiring()
    until = wiring.get(clock)() + context.get_remaining_time_in_millis() / 1000
    records = event["Records"]
    told = {one["messageId"]: read_ses_event(one["body"]) for one in records if is_bus_event(one["body"])}
    jobs = {
        one["messageId"]: msgspec.json.decode(one["body"], type=EmailJob)
        for one in records
        if one["messageId"] not in told
    }
    failed = wiring.get(email_events).apply_all(told)
    if jobs:
        failed += wiring.get(email_jobs).send_all(jobs, until)
    exit_if_exhausted(wiring)
    return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}
