"""*Set-up*, the checks: what `scripts/doctor` finds."""

from __future__ import annotations

from collections.abc import Mapping

from repartee.console.app import ConsoleRequest
from repartee.console.setup_jobs import SetupJobs
from repartee.console.setup_tab import ActNotes, SetupProblem, TabAct, TabNotice, TabPart, TabView


class ChecksTab:
    """The checks, made when an operator asks for them. What they found is kept for a day."""

    key, title = "checks", "Checks"

    def __init__(self, jobs: SetupJobs, notes: ActNotes) -> None:
        self._jobs, self._notes = jobs, notes

    def acts(self) -> Mapping[str, TabAct]:
        return {"run": self.run}

    def parts(self) -> Mapping[str, TabAct]:
        return {"job": self.show_job}

    def read(self, request: ConsoleRequest) -> TabView:
        """Shows what was found last."""
        return TabView(self._jobs.show("checks"))

    def show_job(self, request: ConsoleRequest) -> TabPart:
        """Shows how the checks go."""
        return self._jobs.show_part("checks")

    def run(self, request: ConsoleRequest) -> TabView | TabNotice:
        """Has the checks made."""
        job = self._jobs.reserve("checks", request.operator)
        if job is None:
            return self._say(request, "The checks are being made already.")
        self._notes.note(request, "check services", "")
        if not self._jobs.start(job):
            return self._say(request, "The checks could not be started. Try again in a moment.")
        return TabNotice("")  # the page tells how it goes

    def _say(self, request: ConsoleRequest, words: str) -> TabView:
        return TabView(self.read(request).values, problems=(SetupProblem(words),))
