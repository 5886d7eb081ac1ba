"""*Health*: the messages that got no answer, as dead letters, which an administrator has answered again."""

from __future__ import annotations

from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from repartee.console.access import Role
from repartee.console.app import ConsoleApp, ConsoleRequest, ConsoleRoute
from repartee.console.pages import PREFIX
from repartee.ports.operations import AuditEntry, AuditLog, FailedAnswers

DEAD_LETTERS_PATH = "/health/dead-letters"


class FailedAnswersPage:
    """The page, and the replay."""

    def __init__(
        self, app: ConsoleApp, failed: FailedAnswers, audit: AuditLog, clock: Callable[[], float]
    ) -> None:
        self._app, self._failed, self._audit, self._clock = app, failed, audit, clock

    def routes(self) -> tuple[ConsoleRoute, ...]:
        """Returns the routes, for the section *Health*."""
        return (
            ConsoleRoute(DEAD_LETTERS_PATH, self.show_page, Role.AGENT),
            ConsoleRoute(f"{DEAD_LETTERS_PATH}/replay", self.replay, Role.ADMIN, ("POST",)),
        )

    def show_page(self, request: ConsoleRequest) -> Response:
        """All that got no answer, the oldest first."""
        return self._app.render("dead_letters.html", request, letters=self._failed.list_failed())

    def replay(self, request: ConsoleRequest) -> Response:
        """Has the messages of one letter answered again, which the audit log notes."""
        replayed = self._failed.replay(request.field("id"))
        if replayed is None:
            raise HTTPException(404, "there is no such letter any more, or nothing in it can be answered")
        entry = AuditEntry(
            at=self._clock(), operator=request.operator.id, action="replay dead letter", target=replayed.chat
        )
        self._audit.append(entry)
        return RedirectResponse(f"{PREFIX}{DEAD_LETTERS_PATH}", 303)
