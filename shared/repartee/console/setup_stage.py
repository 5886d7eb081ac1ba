"""The set-up of a deployment, as the console's *Set-up* shows and changes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec


class SetupFinding(msgspec.Struct, frozen=True):
    """A check, as `scripts/doctor` makes it: its kind (ok, note, missing, wrong, unchecked), what was found,
    and what to do."""

    kind: str
    service: str
    fact: str
    advice: str = ""


class RouteView(msgspec.Struct, frozen=True):
    """A kind of message: what it gathers, and some sentences that are of it."""

    name: str
    sources: tuple[str, ...]
    examples: tuple[str, ...]


class RouteTrial(msgspec.Struct, frozen=True):
    """The route that a sentence takes, and how sure that is, from 0 to 1."""

    route: str
    probability: float
    is_unsure: bool


class FoundPassage(msgspec.Struct, frozen=True):
    """A passage that is about a question."""

    document: str
    heading: str
    text: str


class ShownBrief(msgspec.Struct, frozen=True):
    """A subscription to briefs: whose, its id, and what it is, in words."""

    person: str
    id: str
    words: str


class SetupStage(Protocol):
    """The set-up of a deployment, as this page shows and changes it. Raises `BackendError`."""

    def list_findings(self) -> Sequence[SetupFinding]:
        """Makes the checks. Those of services over the network take a moment."""

    def list_routes(self) -> Sequence[RouteView]:
        """Returns the office's routes."""

    def try_route(self, text: str) -> RouteTrial:
        """Returns the route that the sentence takes."""

    def list_desks(self) -> Sequence[tuple[str, str]]:
        """Returns the numbers that have a desk, and the names of the businesses."""

    def show_desk(self, number: str) -> str:
        """Returns a number's configuration as a file; a sample for an unknown one."""

    def save_desk(self, toml: str, *, only_check: bool) -> str:
        """Keeps a configuration, unless it is only checked, and returns its number. Raises
        `DeskConfigError`."""

    def list_namespaces(self) -> Sequence[str]:
        """Returns the libraries: the coach's is called by an empty name, a desk's by its namespace."""

    def list_documents(self, namespace: str) -> Sequence[tuple[str, int]]:
        """Returns a library's documents, and how many passages each has."""

    def add_document(self, namespace: str, name: str, content: bytes) -> str:
        """Takes a document in, in place of one of its name. Returns what was done. Raises `ValueError` for
        one that cannot be read."""

    def remove_document(self, namespace: str, name: str) -> int:
        """Takes a document out. Returns how many passages that were."""

    def search_documents(self, namespace: str, text: str) -> Sequence[FoundPassage]:
        """Returns the passages that an assistant would be given."""

    def list_briefs(self) -> Sequence[ShownBrief]:
        """Returns the subscriptions to briefs."""

    def stop_brief(self, person: str, id: str) -> bool:
        """Ends a subscription. False where there is none."""

    def export_person(self, id: str) -> bytes:
        """Returns all that is kept about a person, as a ZIP file."""

    def forget_person(self, id: str) -> Sequence[str]:
        """Erases a person everywhere. Returns a line for each store."""
