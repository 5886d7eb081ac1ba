"""*Set-up*, what goes on in the background: starts jobs, and shows how they go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from repartee.console.access import Operator
from repartee.console.setup_tab import TabPart
from repartee.errors import BackendError
from repartee.ports.operator_jobs import (
    JobKind,
    JobOrder,
    JobSlot,
    JobStarter,
    OperatorJob,
    OperatorJobs,
)

STOP_POLLING_STATUS_CODE = 286
"""The status by which htmx asks no more: https://htmx.org/docs/#polling"""

WAITING_SECONDS = 390.0
"""Seconds after which a job that was not begun is given up: Lambda keeps its event for 300."""

NOT_STARTED_LINE = "It could not be started."


class SetupJobs:
    """The jobs of operators. A slot has one at a time."""

    def __init__(
        self,
        jobs: OperatorJobs,
        starter: JobStarter,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._jobs, self._starter, self._clock, self._new_id = jobs, starter, clock, new_id

    def reserve(
        self, kind: JobKind, operator: Operator, person: str = "", turn: str = ""
    ) -> OperatorJob | None:
        """Takes the place of a job, which is about the person with that id, as receivers make it, or about a
        turn. Returns None while another has it."""
        now = self._clock()
        job = OperatorJob(
            id=self._new_id(),
            kind=kind,
            operator=operator.id,
            person=person,
            turn=turn,
            started_at=now,
            due_at=now + WAITING_SECONDS,
        )
        return job if self._jobs.start(job) else None

    def start(self, job: OperatorJob, typed_person: str = "") -> bool:
        """Has the job carried out. `typed_person` is the id as it was typed, which is kept nowhere. Returns
        False if nothing takes it, which the job says then."""
        return self.hand_over(job, JobOrder(job.id, job.kind, typed_person))

    def hand_over(self, job: OperatorJob, order: JobOrder) -> bool:
        """Has the job carried out as its order says. Returns like `start`."""
        try:
            self._starter.start_job(order)
        except BackendError:
            failed = msgspec.structs.replace(
                job, state="failed", ended_at=self._clock(), lines=(NOT_STARTED_LINE,)
            )
            self._jobs.save(failed, after="waiting")
            return False
        return True

    def find(self, slot: JobSlot) -> OperatorJob | None:
        """Returns the newest job of the slot."""
        return self._jobs.find(slot)

    def show(self, slot: JobSlot) -> Mapping[str, Any]:
        """Returns the newest job of the slot, and how it stands, for a template."""
        job = self._jobs.find(slot)
        return {"job": job, "state": job.state_at(self._clock()) if job else ""}

    def show_part(self, slot: JobSlot) -> TabPart:
        """Returns the part of the page that tells of the job. Once it is over, the page asks no more."""
        shown = self.show(slot)
        is_open = shown["state"] in ("waiting", "running")
        return TabPart("setup_job.html", shown, status=200 if is_open else STOP_POLLING_STATUS_CODE)
