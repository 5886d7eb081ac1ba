"""The jobs of operators, which the console starts: checks of the services, a person's data handed out or
erased, a recorded turn run again."""

from __future__ import annotations

from typing import Any

import msgspec

import repartee.gc_startup  # noqa: F401 - before what is large
from repartee.ports.operator_jobs import JobOrder
from repartee.wiring import current_wiring, start_process
from repartee.wiring.operator_jobs import job_runner

start_process(job_runner)


def handler(event: dict[str, Any], context: Any) -> None:
    """Entry of the function, which the console invokes and does not wait for."""
    current_wiring().get(job_runner).run(msgspec.convert(event["job"], JobOrder))
