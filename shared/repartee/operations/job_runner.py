"""Carries out a job that an operator has started, and tells how it goes while it runs."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterable
from threading import Event, Lock, Thread
from typing import Protocol

import msgspec

from repartee.domain.finding import Finding
from repartee.domain.recording import RepetitionChange
from repartee.errors import BackendError, ReparteeError, log_fields
from repartee.operations.personal_export import (
    PrintLine,
    Stores,
    WriteFile,
    export_subject,
    forget_subject,
)
from repartee.ports.logging import Logger
from repartee.ports.operator_jobs import JOB_SLOTS, ExportFiles, JobOrder, OperatorJob, OperatorJobs
from repartee.ports.personal_data import Footprint

SILENT_SECONDS = 60.0
"""Seconds after which a job of which nothing is heard is given up."""

BEAT_SECONDS = 15.0
"""Seconds between two notes that a job still runs."""

NOT_DONE_LINE = "Not all of it is done: start it again."


class PersonalDataAccess(Protocol):
    """All that is kept about people."""

    def trace_person(self, id: str) -> Footprint:
        """Returns where something is kept of a person. Raises `BackendError`."""

    def list_stores(self) -> Stores:
        """Returns every store by its name."""


class TurnRepeater(Protocol):
    """Runs recorded turns again."""

    def repeat(self, room: str, turn: str, change: RepetitionChange, tell: PrintLine) -> None:
        """Runs a turn again with a change, keeps what comes of it, and tells how it goes. Raises
        `BackendError`."""


class JobProgress:
    """A job that runs, as the operator sees it. Has state: the newest of what is known. Two threads use it:
    one works, the other notes that it still does."""

    def __init__(self, jobs: OperatorJobs, job: OperatorJob, clock: Callable[[], float]) -> None:
        self._jobs, self._clock, self._lock = jobs, clock, Lock()
        self.job = job

    def tell(self, line: str) -> None:
        """Adds a line to what was done."""
        self._save(lines=(*self.job.lines, line))

    def beat(self) -> None:
        """Notes that the job still runs."""
        self._save()

    def end(self, **known: object) -> None:
        """Ends the job: its `state`, and what was found."""
        self._save(**{**known, "ended_at": self._clock()})

    def _save(self, **known: object) -> None:
        with self._lock:
            changed = {**known, "due_at": self._clock() + SILENT_SECONDS}
            self.job = msgspec.structs.replace(self.job, **changed)
            self._jobs.save(self.job, after="running")


class JobRunner:
    """Carries out one job at a time. `check_services` yields what is found of the services."""

    def __init__(
        self,
        jobs: OperatorJobs,
        check_services: Callable[[], Iterable[Finding]],
        people: Callable[[], PersonalDataAccess],
        files: Callable[[], ExportFiles],
        repeater: Callable[[], TurnRepeater],
        clock: Callable[[], float],
        logger: Logger,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._jobs, self._check_services, self._people = jobs, check_services, people
        self._files, self._repeater = files, repeater
        self._clock, self._logger, self._beat_seconds = clock, logger, beat_seconds

    def run(self, order: JobOrder) -> None:
        """Carries out the job, unless it was begun already, or another has its place. What goes wrong is told
        to the operator; a mistake of ours is raised too."""
        kept = self._jobs.find(JOB_SLOTS[order.kind])
        if kept is None or kept.id != order.id or kept.state != "waiting":
            self._logger.warning("operator_job_refused", kind=order.kind)
            return
        now = self._clock()
        job = msgspec.structs.replace(kept, state="running", due_at=now + SILENT_SECONDS)
        if not self._jobs.save(job, after="waiting"):
            return
        progress, ended = JobProgress(self._jobs, job, self._clock), Event()
        beats = Thread(target=self._beat, args=(progress, ended), name="job-beats", daemon=True)
        beats.start()
        try:
            self._carry_out(order, progress)
        except Exception as failure:
            progress.end(state="failed", lines=(*progress.job.lines, _describe_failure(failure)))
            self._logger.warning("operator_job_failed", kind=order.kind, error=type(failure).__name__)
            if not isinstance(failure, (ReparteeError, OSError)):
                raise
        finally:
            ended.set()
            beats.join()

    def _beat(self, progress: JobProgress, ended: Event) -> None:
        while not ended.wait(self._beat_seconds):
            try:
                progress.beat()
            except BackendError as failure:  # the next one may reach the table again
                self._logger.warning("operator_job_beat_failed", **log_fields(failure))

    def _carry_out(self, order: JobOrder, progress: JobProgress) -> None:
        if order.kind == "checks":
            progress.end(state="done", findings=tuple(self._check_services()))
            return
        if order.kind == "again":
            self._repeater().repeat(order.room, order.turn, order.change, progress.tell)
            progress.end(state="done")
            return
        people = self._people()
        footprint, stores = people.trace_person(order.person), people.list_stores()
        if order.kind == "forget":
            if forget_subject(stores, footprint, progress.tell):
                progress.end(state="done", person="")
            else:
                progress.end(state="failed", lines=(*progress.job.lines, NOT_DONE_LINE))
            return
        key, size = self._export(progress.job, stores, footprint, progress.tell)
        progress.end(state="done", file=key, file_bytes=size)

    def _export(
        self, job: OperatorJob, stores: Stores, footprint: Footprint, print_line: PrintLine
    ) -> tuple[str, int]:
        """Keeps a ZIP file of all that there is. Returns its key and its size in bytes."""
        with tempfile.TemporaryFile() as packed:
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                write: WriteFile = archive.writestr
                export_subject(stores, footprint, write, print_line)
            size = packed.tell()
            packed.seek(0)
            return self._files().save(job.person, job.id, packed), size


def _describe_failure(failure: Exception) -> str:
    """Returns what the operator is told. The words of a mistake of ours may hold anything, and stay out."""
    is_told = isinstance(failure, ReparteeError)
    return f"It failed: {failure}" if is_told else f"It failed: {type(failure).__name__}"
