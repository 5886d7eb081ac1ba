"""*Set-up* of a deployed console, as an operator with a role opens it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount
from starlette.testclient import TestClient

from repartee.console.access import Operator, Role
from repartee.console.app import ConsoleApp
from repartee.console.pages import PREFIX, Pages
from repartee.ports.operations import AuditEntry
from repartee.wiring import Wiring, operations
from repartee.wiring.console_setup import setup_section


class RoleAccess:
    """Lets in one operator, with this role."""

    def __init__(self, role: Role) -> None:
        self.role = role

    def identify_operator(self, request: Request) -> Operator:
        """Returns the operator."""
        return Operator(self.role.name.lower(), "Ada", self.role)


class SetupVisit:
    """An operator's browser in *Set-up*."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def open(self, tab: str, **query: str) -> str:
        """Returns a tab's page, as it is read."""
        answer = self.client.get(f"{PREFIX}/setup", params={"tab": tab, **query})
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text)

    def post(self, act: str, files: Any = None, **fields: str) -> Any:
        """Sends a form of the page. Returns the answer, after where it leads."""
        page = self.client.get(f"{PREFIX}/setup")
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        token = found[1] if found else "none"
        return self.client.post(f"{PREFIX}/setup/{act}", data={"csrf": token, **fields}, files=files)

    def say(self, act: str, **fields: str) -> str:
        """Sends a form, and returns the page that answers it, as it is read."""
        answer = self.post(act, **fields)
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text)


@contextmanager
def visit_setup(wiring: Wiring, role: Role = Role.ADMIN) -> Iterator[SetupVisit]:
    """Yields the browser of an operator with the role."""
    app = ConsoleApp(RoleAccess(role), "for-tests-only", Pages(), secure_cookies=False)
    section = setup_section(wiring, app)
    mounted = Starlette(routes=[Mount(PREFIX, app.make_asgi_app([section]))])
    with TestClient(mounted, base_url="http://localhost") as client:
        yield SetupVisit(client)


def list_acts(wiring: Wiring, until: float) -> list[tuple[str, str, str]]:
    """Returns what the audit log holds, the latest first: who, what, to what."""
    newest: Iterator[AuditEntry] = iter(wiring.get(operations.audit_log).list_newest(until, 50))
    return [(one.operator, one.action, one.target) for one in newest]
