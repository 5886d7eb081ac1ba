"""*Set-up*, the libraries: upload, list, search as an assistant would, delete."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
from starlette.exceptions import HTTPException

from repartee.console.app import ConsoleRequest
from repartee.console.setup_tab import ActNotes, TabAct, TabNotice, TabView

MAX_DOCUMENT_BYTES = 20 * 1024 * 1024
"""Bytes of a document that is uploaded."""

MAX_NAME_CHARS, MAX_QUESTION_CHARS = 120, 2_000


class FoundPassage(msgspec.Struct, frozen=True):
    """A passage that is about a question."""

    document: str
    heading: str
    text: str


class Libraries(Protocol):
    """The documents of the assistants. Raises `BackendError`."""

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


class KnowledgeTab:
    """One library at a time."""

    key, title = "knowledge", "Knowledge"

    def __init__(self, libraries: Libraries, notes: ActNotes) -> None:
        self._libraries, self._notes = libraries, notes

    def acts(self) -> Mapping[str, TabAct]:
        return {"add": self.add_document, "remove": self.remove_document}

    def read(self, request: ConsoleRequest) -> TabView:
        """Shows the documents of a library, and what is found for a question."""
        namespaces = self._libraries.list_namespaces()
        question = request.query("ask").strip()[:MAX_QUESTION_CHARS]
        namespace = request.query("namespace") if request.query("namespace") in namespaces else namespaces[0]
        found = self._libraries.search_documents(namespace, question) if question else ()
        return TabView(
            {
                "namespaces": namespaces,
                "namespace": namespace,
                "documents": self._libraries.list_documents(namespace),
                "question": question,
                "passages": found,
            }
        )

    def add_document(self, request: ConsoleRequest) -> TabNotice:
        """Takes an uploaded document in."""
        upload, namespace = request.upload("document"), request.field("namespace")
        back = {"namespace": namespace}
        if upload is None or not upload.filename:
            return TabNotice("Choose a file first.", back)
        if (upload.size or 0) > MAX_DOCUMENT_BYTES:
            megabytes = MAX_DOCUMENT_BYTES // 1024 // 1024
            return TabNotice(f"{upload.filename} is larger than {megabytes} MB.", back)
        self._require_namespace(namespace)
        name = re.sub(r"[^\w .()-]", "_", upload.filename.rpartition("/")[2])[:MAX_NAME_CHARS]
        try:
            told = self._libraries.add_document(namespace, name, upload.file.read())
        except ValueError as problem:
            return TabNotice(str(problem), back)
        self._notes.note(request, "add document", f"{namespace or 'coach'}/{name}")
        return TabNotice(told, back)

    def remove_document(self, request: ConsoleRequest) -> TabNotice:
        """Takes a document out of a library."""
        namespace, name = request.field("namespace"), request.field("name")
        self._require_namespace(namespace)
        count = self._libraries.remove_document(namespace, name)
        self._notes.note(request, "remove document", f"{namespace or 'coach'}/{name}")
        return TabNotice(f"{name}: {count} passages removed.", {"namespace": namespace})

    def _require_namespace(self, namespace: str) -> None:
        if namespace not in self._libraries.list_namespaces():
            raise HTTPException(404, "there is no such library")
