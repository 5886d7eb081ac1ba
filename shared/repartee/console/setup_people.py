"""*Set-up*, a person's data: handed out as a file, and erased everywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from starlette.exceptions import HTTPException
from starlette.responses import Response

from repartee.console.app import ConsoleRequest
from repartee.console.setup_tab import ActNotes, SetupProblem, TabAct, TabView


class PersonalData(Protocol):
    """All that is kept about people. Raises `BackendError`."""

    def export_person(self, id: str) -> bytes:
        """Returns all that is kept about a person, as a ZIP file."""

    def forget_person(self, id: str) -> Sequence[str]:
        """Erases a person everywhere. Returns a line for each store."""


class PeopleTab:
    """One person at a time, by their id."""

    key, title = "people", "A person's data"

    def __init__(self, data: PersonalData, notes: ActNotes) -> None:
        self._data, self._notes = data, notes

    def acts(self) -> Mapping[str, TabAct]:
        return {"export": self.export_person, "forget": self.forget_person}

    def read(self, request: ConsoleRequest) -> TabView:
        """Asks whose data it is about."""
        return TabView({"person": "", "lines": ()})

    def export_person(self, request: ConsoleRequest) -> Response:
        """Hands out all that is kept about a person."""
        id = self._read_person(request)
        content = self._data.export_person(id)
        self._notes.note(request, "export person", id)
        name = re.sub(r"\W", "-", id)
        headers = {"Content-Disposition": f'attachment; filename="export-{name}.zip"'}
        return Response(content, media_type="application/zip", headers=headers)

    def forget_person(self, request: ConsoleRequest) -> TabView:
        """Erases a person, if their id was typed once more."""
        id = self._read_person(request)
        if request.field("confirmation").strip() != id:
            problem = SetupProblem(f"Nothing was erased: type {id} in the second box as well.")
            return TabView({"person": id, "lines": ()}, problems=(problem,))
        lines = self._data.forget_person(id)
        self._notes.note(request, "forget person", "", "done")
        return TabView({"person": "", "lines": lines})

    def _read_person(self, request: ConsoleRequest) -> str:
        id = request.field("person").strip()
        if ":" not in id:
            raise HTTPException(
                400, "a person's id is slack:<workspace>:<user>, telegram:<user>, whatsapp:… or web:…"
            )
        return id
