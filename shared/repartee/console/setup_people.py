"""*Set-up*, a person's data: handed out as a file, and erased everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from repartee.console.app import ConsoleRequest
from repartee.console.setup_jobs import SetupJobs
from repartee.console.setup_tab import ActNotes, SetupProblem, TabAct, TabNotice, TabPart, TabView
from repartee.ports.operator_jobs import ExportFiles, JobKind

MAX_PERSON_CHARS = 300
"""Characters of a person's id."""

WRONG_ID = "a person's id is slack:<workspace>:<user>, telegram:<user>, whatsapp:… or web:…"


class PeopleTab:
    """One person at a time, by their id. `hash_person` returns the id as receivers make it, in which numbers
    and addresses are hashed: nothing else is kept of it."""

    key, title = "people", "A person's data"

    def __init__(
        self,
        jobs: SetupJobs,
        files: Callable[[], ExportFiles],
        hash_person: Callable[[str], str],
        notes: ActNotes,
    ) -> None:
        self._jobs, self._files, self._hash_person, self._notes = jobs, files, hash_person, notes

    def acts(self) -> Mapping[str, TabAct]:
        return {"export": self.export_person, "forget": self.forget_person}

    def parts(self) -> Mapping[str, TabAct]:
        return {"job": self.show_job, "download": self.download}

    def read(self, request: ConsoleRequest) -> TabView:
        """Asks whose data it is about, and shows what was done last."""
        return self._show("")

    def show_job(self, request: ConsoleRequest) -> TabPart:
        """Shows how the export or the erasure goes."""
        return self._jobs.show_part("person")

    def export_person(self, request: ConsoleRequest) -> TabView | TabNotice:
        """Has all that is kept about a person put into a file."""
        id = self._read_person(request)
        return self._start(request, "export", id)

    def forget_person(self, request: ConsoleRequest) -> TabView | TabNotice:
        """Has a person erased, if their id was typed once more."""
        id = self._read_person(request)
        if request.field("confirmation").strip() != id:
            return self._show(id, f"Nothing was erased: type {id} in the second box as well.")
        return self._start(request, "forget", id)

    def download(self, request: ConsoleRequest) -> Response:
        """Leads to the file, by a link that works for some minutes."""
        job = self._jobs.find("person")
        if job is None or not job.file or job.id != request.query("id"):
            raise HTTPException(404, "this export is not there any more: start it again")
        self._notes.note(request, "download export", job.person)
        name = f"export-{re.sub('[^A-Za-z0-9]', '-', job.person)}.zip"
        return RedirectResponse(self._files().presign_url(job.file, name), 303)

    def _start(self, request: ConsoleRequest, kind: JobKind, id: str) -> TabView | TabNotice:
        """Notes it and has it done. Who was forgotten is not noted."""
        person = self._hash_person(id)
        job = self._jobs.reserve(kind, request.operator, person)
        if job is None:
            return self._show(
                id, "Nothing was started: another export or erasure is going on. Wait until it has ended."
            )
        self._notes.note(request, f"{kind} person", person if kind == "export" else "")
        if not self._jobs.start(job, id):
            return self._show(id, "It could not be started. Try again in a moment.")
        return TabNotice("")  # the page tells how it goes

    def _show(self, person: str, problem: str = "") -> TabView:
        problems = (SetupProblem(problem),) if problem else ()
        return TabView({"person": person, **self._jobs.show("person")}, problems=problems)

    def _read_person(self, request: ConsoleRequest) -> str:
        id = request.field("person").strip()[:MAX_PERSON_CHARS]
        if ":" not in id:
            raise HTTPException(400, WRONG_ID)
        return id
