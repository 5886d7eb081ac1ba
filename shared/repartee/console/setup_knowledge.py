"""*Set-up*, the libraries: upload, list, search as an assistant would, delete."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.exceptions import HTTPException

from repartee.console.app import ConsoleRequest
from repartee.console.setup_tab import ActNotes, SetupProblem, TabAct, TabNotice, TabView
from repartee.errors import BackendError
from repartee.knowledge.library import (
    LibraryChange,
    library_name,
    list_documents,
    make_passages,
    remove_document,
    update_library,
)
from repartee.knowledge.uploads import UnreadableDocument, read_upload
from repartee.plan import deadline
from repartee.ports import DocumentParser, Embedder, Knowledge, Passage

MAX_NAME_CHARS, MAX_QUESTION_CHARS = 120, 2_000

MAX_FOUND_PASSAGES = 5
MAX_LISTED_PASSAGES = 5_000
"""Passages of a library that its list is made of."""

WRITING_SECONDS, SEARCH_SECONDS = 16.0, 10.0
"""Seconds after which no further passages are begun to be written, and those that a search has. The gateway
waits for 30, of which reading the document may take 7."""

STORE_SECONDS = 22.0
"""Seconds that the model and the store have together to write passages."""


class LibraryPorts(msgspec.Struct, frozen=True, kw_only=True):
    """The stores and services of libraries. The model and the parser are loaded when they are needed."""

    list_namespaces: Callable[[], Iterable[str]]
    open_library: Callable[[str], Knowledge]
    open_embedder: Callable[[], Embedder]
    open_parser: Callable[[], DocumentParser]
    embedding_model: str
    max_document_bytes: int
    monotonic: Callable[[], float]


class KnowledgeTab:
    """One library at a time: the coach's has an empty name, a desk's that of its namespace."""

    key, title = "knowledge", "Knowledge"

    def __init__(self, ports: LibraryPorts, notes: ActNotes) -> None:
        self._ports, self._notes = ports, notes

    def acts(self) -> Mapping[str, TabAct]:
        return {"add": self.add_document, "remove": self.remove_document}

    def read(self, request: ConsoleRequest) -> TabView:
        """Shows the documents of a library, and what is found for a question. What a backend does not tell
        is missing."""
        namespaces, asked = self._list_namespaces(), request.query("namespace")
        namespace = asked if asked in namespaces else namespaces[0]
        question = request.query("ask").strip()[:MAX_QUESTION_CHARS]
        shown: dict[str, Any] = {"namespaces": namespaces, "namespace": namespace, "question": question}
        shown |= {"passages": (), "documents": (), "is_whole": True}
        shown["max_bytes"] = self._ports.max_document_bytes
        try:
            listed = list_documents(self._ports.open_library(namespace), MAX_LISTED_PASSAGES)
            shown["documents"], shown["is_whole"] = listed
            shown["passages"] = self._search(namespace, question) if question else ()
        except BackendError as failure:
            problem = SetupProblem(f"Not all of it can be shown now: {failure}")
            return TabView(shown, problems=(problem,))
        return TabView(shown)

    def add_document(self, request: ConsoleRequest) -> TabNotice:
        """Takes an uploaded document in, or as much of it as there is time for."""
        upload, namespace = request.upload("document"), request.field("namespace")
        back, most = {"namespace": namespace}, self._ports.max_document_bytes
        if upload is None or not upload.filename:
            return TabNotice("Choose a file first.", back)
        name = _clean_name(upload.filename)
        if (upload.size or 0) > most:
            return TabNotice(f"{name} is larger than {most // 1024 // 1024} MB: use scripts/knowledge.", back)
        self._require_namespace(namespace)
        try:
            told = describe_change(self._take_in(namespace, name, upload.file.read()))
        except UnreadableDocument as problem:
            return TabNotice(f"Not taken in: {problem}", back)
        except BackendError as failure:
            told = f"it broke off ({failure}): add it again, and it goes on from there."
        self._notes.note(request, "add document", f"{namespace or 'coach'}/{name}")
        return TabNotice(f"{name}: {told}", back)

    def remove_document(self, request: ConsoleRequest) -> TabNotice:
        """Takes a document out of a library."""
        namespace, name = request.field("namespace"), request.field("name")
        self._require_namespace(namespace)
        count = remove_document(self._ports.open_library(namespace), name)
        self._notes.note(request, "remove document", f"{namespace or 'coach'}/{name}")
        return TabNotice(f"{name}: {count} passages removed.", {"namespace": namespace})

    def _take_in(self, namespace: str, name: str, content: bytes) -> LibraryChange:
        ports, began = self._ports, self._ports.monotonic()
        sections = read_upload(name, content, ports.open_parser())
        wanted = list(make_passages(name, "", sections, ports.embedding_model))
        own = library_name(name)
        with deadline.limited_to(STORE_SECONDS):
            return update_library(
                ports.open_library(namespace),
                ports.open_embedder(),
                wanted,
                lambda document: document == own,
                is_over=lambda: ports.monotonic() - began >= WRITING_SECONDS,
            )

    def _search(self, namespace: str, question: str) -> Sequence[Passage]:
        with deadline.limited_to(SEARCH_SECONDS):
            (vector,) = self._ports.open_embedder().embed([question])
            return self._ports.open_library(namespace).search(vector, MAX_FOUND_PASSAGES)

    def _list_namespaces(self) -> list[str]:
        return ["", *sorted({one for one in self._ports.list_namespaces() if one})]

    def _require_namespace(self, namespace: str) -> None:
        if namespace not in self._list_namespaces():
            raise HTTPException(404, "there is no such library")


def describe_change(change: LibraryChange) -> str:
    """Returns in words what was done, and whether the rest is to be sent again."""
    written = f"{change.written} passages written"
    if change.missing:
        return f"{written}, {change.missing} are missing: add it again, and it goes on from there."
    return f"{written}, {change.removed} removed, {change.kept} as they were."


def _clean_name(name: str) -> str:
    """Returns the name of an uploaded file, without its folder and without signs that an id cannot have."""
    return re.sub(r"[^\w .()-]", "_", name.rpartition("/")[2])[-MAX_NAME_CHARS:]
