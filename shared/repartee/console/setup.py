"""*Set-up*: checks, routes with a box to try a sentence, desks, knowledge, briefs, a person's data."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from repartee.console.access import Role
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute, ConsoleSection
from repartee.console.pages import PREFIX, NavigationItem
from repartee.console.setup_stage import SetupStage
from repartee.domain.desk import DeskConfigError
from repartee.ports.operations import AuditEntry, AuditLog

TAB_TITLES = {
    "checks": "Checks",
    "routes": "Routes",
    "desk": "Desk",
    "knowledge": "Knowledge",
    "briefs": "Briefs",
    "people": "A person's data",
}
MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
"""Bytes of a document that is uploaded."""

MAX_CONFIG_CHARS = 40_000
MAX_QUESTION_CHARS = 2_000


class SetupSection:
    """The pages of *Set-up*. All of them are for administrators."""

    def __init__(
        self, app: ConsoleApp, stage: SetupStage, audit: AuditLog, clock: Callable[[], float]
    ) -> None:
        self._app, self._stage, self._audit, self._clock = app, stage, audit, clock

    def section(self) -> ConsoleSection:
        """Returns the entry and the routes."""
        acts = {
            "routes/try": self.try_route,
            "desk/check": self.check_desk,
            "desk/set": self.set_desk,
            "knowledge/add": self.add_document,
            "knowledge/remove": self.remove_document,
            "briefs/stop": self.stop_brief,
            "people/export": self.export_person,
            "people/forget": self.forget_person,
        }
        posts = (ConsoleRoute(f"/setup/{path}", act, Role.ADMIN, ("POST",)) for path, act in acts.items())
        page = ConsoleRoute("/setup", self.show_page, Role.ADMIN)
        tabs = ConsoleRoute("/setup/{tab}/{act}", self.show_tab, Role.ADMIN)
        return ConsoleSection(NavigationItem("/setup", "Set-up"), (page, *posts, tabs))

    def show_page(self, request: ConsoleRequest) -> Response:
        """One tab of the page."""
        tab = request.query("tab") if request.query("tab") in TAB_TITLES else "checks"
        told = {"told": request.query("told")[:500], "problems": ()}
        return self._render(request, tab, **(told | self._read_tab(request, tab)))

    def show_tab(self, request: ConsoleRequest) -> Response:
        """Leads from the address of a form, which a check of the role came back to, to its page."""
        return RedirectResponse(f"{PREFIX}/setup?{urlencode({'tab': request.path['tab']})}", 303)

    def try_route(self, request: ConsoleRequest) -> Response:
        """Shows which route a sentence takes."""
        text = request.field("text").strip()[:MAX_QUESTION_CHARS]
        trial = self._stage.try_route(text) if text else None
        return self._render(request, "routes", routes=self._stage.list_routes(), sentence=text, trial=trial)

    def check_desk(self, request: ConsoleRequest) -> Response:
        """Says what is wrong with a configuration, line by line."""
        return self._take_desk(request, only_check=True)

    def set_desk(self, request: ConsoleRequest) -> Response:
        """Keeps a configuration that may be used."""
        return self._take_desk(request, only_check=False)

    def add_document(self, request: ConsoleRequest) -> Response:
        """Takes an uploaded document in."""
        upload, namespace = request.upload("document"), request.field("namespace")
        if upload is None or not upload.filename:
            return self._go_back("knowledge", "Choose a file first.", namespace=namespace)
        if (upload.size or 0) > MAX_DOCUMENT_BYTES:
            told = f"{upload.filename} is larger than {MAX_DOCUMENT_BYTES // 1024 // 1024} MB."
            return self._go_back("knowledge", told, namespace=namespace)
        name = re.sub(r"[^\w .()-]", "_", upload.filename.rpartition("/")[2])[:120]
        self._require_namespace(namespace)
        try:
            told = self._stage.add_document(namespace, name, upload.file.read())
        except ValueError as problem:
            return self._go_back("knowledge", str(problem), namespace=namespace)
        self._note(request, "add document", f"{namespace or 'coach'}/{name}")
        return self._go_back("knowledge", told, namespace=namespace)

    def remove_document(self, request: ConsoleRequest) -> Response:
        """Takes a document out of a library."""
        namespace, name = request.field("namespace"), request.field("name")
        self._require_namespace(namespace)
        count = self._stage.remove_document(namespace, name)
        self._note(request, "remove document", f"{namespace or 'coach'}/{name}")
        return self._go_back("knowledge", f"{name}: {count} passages removed.", namespace=namespace)

    def stop_brief(self, request: ConsoleRequest) -> Response:
        """Ends a person's brief."""
        person, id = request.field("person"), request.field("id")
        stopped = self._stage.stop_brief(person, id)
        if stopped:
            self._note(request, "stop brief", person)
        return self._go_back("briefs", "Stopped." if stopped else "There is no such brief any more.")

    def export_person(self, request: ConsoleRequest) -> Response:
        """Hands out all that is kept about a person."""
        id = self._read_person(request)
        content = self._stage.export_person(id)
        self._note(request, "export person", id)
        name = re.sub(r"\W", "-", id)
        headers = {"Content-Disposition": f'attachment; filename="export-{name}.zip"'}
        return Response(content, media_type="application/zip", headers=headers)

    def forget_person(self, request: ConsoleRequest) -> Response:
        """Erases a person, if their id was typed once more."""
        id = self._read_person(request)
        if request.field("confirmation").strip() != id:
            problem = f"Nothing was erased: type {id} in the second box as well."
            return self._render(request, "people", person=id, lines=(), problems=(problem,))
        lines = self._stage.forget_person(id)
        self._note(request, "forget person", "", "done")
        return self._render(request, "people", person="", lines=lines)

    def _read_tab(self, request: ConsoleRequest, tab: str) -> dict[str, Any]:
        if tab == "checks":
            return {"findings": self._stage.list_findings()}
        if tab == "routes":
            return {"routes": self._stage.list_routes(), "sentence": "", "trial": None}
        if tab == "desk":
            number = request.query("number")
            return {
                "desks": self._stage.list_desks(),
                "toml": self._stage.show_desk(number),
                "number": number,
            }
        if tab == "knowledge":
            return self._read_library(request)
        if tab == "briefs":
            return {"briefs": self._stage.list_briefs()}
        return {"person": "", "lines": ()}

    def _read_library(self, request: ConsoleRequest) -> dict[str, Any]:
        namespaces, question = (
            self._stage.list_namespaces(),
            request.query("ask").strip()[:MAX_QUESTION_CHARS],
        )
        namespace = request.query("namespace") if request.query("namespace") in namespaces else namespaces[0]
        return {
            "namespaces": namespaces,
            "namespace": namespace,
            "documents": self._stage.list_documents(namespace),
            "question": question,
            "passages": self._stage.search_documents(namespace, question) if question else (),
        }

    def _take_desk(self, request: ConsoleRequest, *, only_check: bool) -> Response:
        toml, told = request.field("toml")[:MAX_CONFIG_CHARS], ""
        problems: tuple[tuple[int, str], ...] = ()
        try:
            number = self._stage.save_desk(toml, only_check=only_check)
        except DeskConfigError as refused:
            problems = tuple(place_problem(one, toml) for one in refused.problems)
        else:
            told = f"{number} may be used." if only_check else f"{number} is kept, and in use within seconds."
            if not only_check:
                self._note(request, "set desk", number)
        desks = self._stage.list_desks()
        return self._render(request, "desk", desks=desks, toml=toml, number="", told=told, problems=problems)

    def _require_namespace(self, namespace: str) -> None:
        if namespace not in self._stage.list_namespaces():
            raise HTTPException(404, "there is no such library")

    def _read_person(self, request: ConsoleRequest) -> str:
        id = request.field("person").strip()
        if ":" not in id:
            raise HTTPException(
                400, "a person's id is slack:<workspace>:<user>, telegram:<user>, whatsapp:… or web:…"
            )
        return id

    def _render(self, request: ConsoleRequest, tab: str, **context: Any) -> Response:
        shown = {"told": "", "problems": (), **context}
        return self._app.render("setup.html", request, tab=tab, tabs=TAB_TITLES, **shown)

    def _go_back(self, tab: str, told: str, **more: str) -> Response:
        return RedirectResponse(f"{PREFIX}/setup?{urlencode({'tab': tab, 'told': told, **more})}", 303)

    def _note(self, request: ConsoleRequest, action: str, target: str, detail: str = "") -> None:
        at, operator = self._clock(), request.operator.id
        self._audit.append(AuditEntry(at=at, operator=operator, action=action, target=target, detail=detail))


def place_problem(problem: str, toml: str) -> tuple[int, str]:
    """Returns a problem with the line of the file that it is about: the one that it names, or that of the
    field before its colon; 0 where no line is."""
    named = re.search(r"line (\d+)", problem)
    if named:
        return int(named[1]), problem
    field = re.match(r"(?:.*at `)?([\w.]+)", problem)
    last = field[1].rpartition(".")[2] if field else ""
    pattern = re.compile(rf"^\s*\[*{re.escape(last)}\b") if last else None
    lines = enumerate(toml.splitlines(), 1)
    return next((number for number, line in lines if pattern and pattern.match(line)), 0), problem
