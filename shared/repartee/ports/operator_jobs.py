"""Protocols of what operators have done in the background: checks of the services, a person's data, and turns
that are run again."""

from __future__ import annotations

from typing import IO, Literal, Protocol

import msgspec

from repartee.domain.finding import Finding
from repartee.domain.recording import RepetitionChange

JobKind = Literal["checks", "export", "forget", "again"]
JobSlot = Literal["checks", "person", "again"]
JobState = Literal["waiting", "running", "done", "failed"]

JOB_SLOTS: dict[JobKind, JobSlot] = {
    "checks": "checks",
    "export": "person",
    "forget": "person",
    "again": "again",
}
"""The slot of each kind of job. One job at a time runs in a slot."""


class OperatorJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that an operator has started, and what is known of it. Times are seconds since the epoch.

    `person` is the id as receivers make it, without a number or an address; empty once they are forgotten.
    `due_at` is when the job is given up unless more is heard of it. `file` is the key of what was exported.
    `turn` is the turn that is run again: what came of that is beside its recording, not here.
    """

    id: str
    kind: JobKind
    operator: str
    started_at: float
    due_at: float
    state: JobState = "waiting"
    person: str = ""
    ended_at: float = 0.0
    lines: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    file: str = ""
    file_bytes: int = 0
    turn: str = ""

    @property
    def slot(self) -> JobSlot:
        """Returns the slot in which it runs."""
        return JOB_SLOTS[self.kind]

    def state_at(self, now: float) -> JobState | Literal["lost"]:
        """Returns how it stands. `lost`: nothing was heard of it for too long, so it may be started again."""
        is_open = self.state in ("waiting", "running")
        return "lost" if is_open and now > self.due_at else self.state


class JobOrder(msgspec.Struct, frozen=True):
    """Order of a job to its function: which job, and the person's id as the operator typed it; or the room
    and the turn that is run again, and what is changed in it."""

    id: str
    kind: JobKind
    person: str = ""
    room: str = ""
    turn: str = ""
    change: RepetitionChange = RepetitionChange()


class OperatorJobs(Protocol):
    """The newest job of each slot."""

    def start(self, job: OperatorJob) -> bool:
        """Takes the job's slot. Returns False while another job runs in it."""

    def find(self, slot: JobSlot) -> OperatorJob | None:
        """Returns the newest job of the slot, as it was last written; None if there was none for a day."""

    def save(self, job: OperatorJob, after: JobState) -> bool:
        """Keeps what is known of the job. Returns False, and changes nothing, unless it has its slot still
        and was in that state."""


class JobStarter(Protocol):
    """Has jobs carried out in the background."""

    def start_job(self, order: JobOrder) -> None:
        """Hands the job over, and returns before it is done. Raises `BackendError`."""


class ExportFiles(Protocol):
    """Files with what was exported, each kept for a day."""

    def save(self, person: str, id: str, content: IO[bytes]) -> str:
        """Keeps a file about a person. Returns its key."""

    def presign_url(self, key: str, name: str) -> str:
        """Returns an address from which a browser loads the file under that name, for some minutes."""

    def list_keys(self, person: str) -> list[str]:
        """Returns the keys of all files about a person."""

    def list_workspace_keys(self, workspace: str) -> list[str]:
        """Returns the keys of all files about people of a workspace."""

    def delete(self, keys: list[str]) -> int:
        """Deletes these files. Returns how many."""
