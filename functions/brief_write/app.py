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
from repartee.wiring.process import exit_if_exhausted
from repartee.wiring.queue_batches import end_of_invocation, take_records

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
    until = end_of_invocation(wiring, context)
    answer = take_records(wiring, event["Records"], BriefJob, until, wiring.get(brief_jobs).write_all)
    exit_if_exhausted(wiring)
    return answer
