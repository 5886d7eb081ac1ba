"""The writer of briefs: jobs from its queue in, those that must come back out. An operator asks it for a
preview."""

from __future__ import annotations

from typing import Any

import msgspec

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.briefs.operator_orders import OperatorOrder
from repartee.briefs.preview import PreviewRequest
from repartee.domain.brief import BriefJob
from repartee.wiring import current_wiring, start_process
from repartee.wiring.briefs import brief_jobs, operator_orders, preview_of_brief
from repartee.wiring.process import clock, exit_if_exhausted

start_process(brief_jobs)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry of the function behind the queue of briefs. It reports partial batch failures, and answers
    `scripts/briefs preview` and `subscribe`."""
    wiring = current_wiring()
    if "preview" in event:
        request = msgspec.convert(event["preview"], PreviewRequest)
        return dict(msgspec.to_builtins(wiring.get(preview_of_brief)(request)))
    if "subscribe" in event:
        order = msgspec.convert(event["subscribe"], OperatorOrder)
        return dict(wiring.get(operator_orders).subscribe_all(order))
    until = wiring.get(clock)() + context.get_remaining_time_in_millis() / 1000
    jobs = {
        record["messageId"]: msgspec.json.decode(record["body"], type=BriefJob) for record in event["Records"]
    }
    failed = wiring.get(brief_jobs).write_all(jobs, until)
    exit_if_exhausted(wiring)
    return {"batchItemFailures": [{"itemIdentifier": id} for id in failed]}
