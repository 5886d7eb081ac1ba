"""The sender of e-mails: jobs from its queue in, those that must come back out. From another queue it takes
what SES tells of mails that it was given."""

from __future__ import annotations

from typing import Any

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.aws.ses_events import is_bus_event, read_ses_event
from repartee.domain.email import EmailJob
from repartee.wiring import current_wiring, start_process
from repartee.wiring.emails import email_events, email_jobs
from repartee.wiring.process import exit_if_exhausted
from repartee.wiring.queue_batches import answer_failures, end_of_invocation, take_records

start_process(email_jobs, email_events)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the queues of mails and of their events. It reports partial batch
    failures."""
    wiring = current_wiring()
    until, records = end_of_invocation(wiring, context), event["Records"]
    told = {one["messageId"]: read_ses_event(one["body"]) for one in records if is_bus_event(one["body"])}
    failed = wiring.get(email_events).apply_all(told)
    if jobs := [one for one in records if one["messageId"] not in told]:
        answer = take_records(wiring, jobs, EmailJob, until, wiring.get(email_jobs).send_all)
        failed += [one["itemIdentifier"] for one in answer["batchItemFailures"]]
    exit_if_exhausted(wiring)
    return answer_failures(failed)
