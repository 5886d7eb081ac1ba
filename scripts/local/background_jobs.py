"""Jobs that operators start in the local console: their function, in a thread of this process."""

from __future__ import annotations

from functools import cached_property
from threading import Thread

import msgspec

from local import lambda_handlers
from repartee.ports.operator_jobs import JobOrder


class ThreadedJobs:
    """`ports.JobStarter` on this machine: calls the function's handler with the event that Lambda brings."""

    @cached_property
    def _handler(self) -> lambda_handlers.Handler:
        return lambda_handlers.load_handler("operator_job")

    def start_job(self, order: JobOrder) -> None:
        event = {"job": msgspec.to_builtins(order)}
        context = lambda_handlers.LambdaContext("operator_job")
        Thread(target=self._handler, args=(event, context), name="operator-job", daemon=True).start()
