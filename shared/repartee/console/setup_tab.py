"""A tab of *Set-up*: what it shows, what may be done in it, and the note of it in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import msgspec
from starlette.responses import Response

from repartee.console.app import ConsoleRequest
from repartee.ports.operations import AuditEntry, AuditLog


class SetupProblem(msgspec.Struct, frozen=True):
    """A mistake, and the line of the file that it is in; 0 where no line is."""

    words: str
    line: int = 0


class TabView(msgspec.Struct, frozen=True):
    """A tab as it is shown: the values of its template, what was done, and what is wrong."""

    values: Mapping[str, Any]
    told: str = ""
    problems: tuple[SetupProblem, ...] = ()


class TabNotice(msgspec.Struct, frozen=True):
    """Leads back to the tab, which says what was done. `query` says more of which page of it."""

    told: str
    query: Mapping[str, str] = {}


class TabPart(msgspec.Struct, frozen=True):
    """A part of a tab, which its page asks for: a template, its values, and the status of the answer."""

    template: str
    values: Mapping[str, Any]
    status: int = 200


TabAct = Callable[[ConsoleRequest], TabView | TabNotice | TabPart | Response]


class SetupTab(Protocol):
    """A tab of *Set-up*. Its template is `setup_<key>.html`. All of it is for administrators."""

    @property
    def key(self) -> str:
        """Returns its name in addresses, and its template's."""

    @property
    def title(self) -> str:
        """Returns its name on the page."""

    def read(self, request: ConsoleRequest) -> TabView:
        """Returns what it shows when it is opened."""

    def acts(self) -> Mapping[str, TabAct]:
        """Returns what may be done, by the last part of its address."""


@runtime_checkable
class WatchedTab(SetupTab, Protocol):
    """A tab with parts that its page asks for again, or with files."""

    def parts(self) -> Mapping[str, TabAct]:
        """Returns what may be read besides the page, by the last part of its address."""


class ActNotes:
    """Notes in the audit log what an operator does."""

    def __init__(self, audit: AuditLog, clock: Callable[[], float]) -> None:
        self._audit, self._clock = audit, clock

    def note(self, request: ConsoleRequest, action: str, target: str, detail: str = "") -> None:
        """Notes an act of the operator whose request this is."""
        at, operator = self._clock(), request.operator.id
        self._audit.append(AuditEntry(at=at, operator=operator, action=action, target=target, detail=detail))
