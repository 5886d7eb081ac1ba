"""The tabs of *Set-up* that are on the local stack alone: what the commands of scripts/ know and do."""

from __future__ import annotations

import io
import os
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ingestion.documents import DocumentFile, UnreadableDocument, read_sections
from ingestion.library import document_name, library_name, make_passages, update_library
from local.local_wiring import LocalWiring
from operations.doctor import examine
from operations.personal_data import export_subject, forget_subject
from repartee.console.setup_checks import ChecksTab, SetupFinding
from repartee.console.setup_knowledge import FoundPassage, KnowledgeTab
from repartee.console.setup_people import PeopleTab
from repartee.console.setup_tab import SetupTab
from repartee.ports import Knowledge
from repartee.ports.personal_data import Footprint
from repartee.wiring import personal_data, process, services, stores
from repartee.wiring.console_setup import make_act_notes

MAX_PASSAGES = 5


def local_tabs(parts: LocalWiring) -> tuple[SetupTab, ...]:
    """Returns the tabs that a deployed console has not."""
    notes = make_act_notes(parts)
    return (
        ChecksTab(list_findings),
        KnowledgeTab(LocalLibraries(parts), notes),
        PeopleTab(LocalPersonalData(parts), notes),
    )


def list_findings() -> Sequence[SetupFinding]:
    """Returns what `scripts/doctor` finds."""
    return [
        SetupFinding(one.kind, one.service, one.fact, one.advice) for one in examine(dict(os.environ), "")
    ]


class LocalLibraries:
    """`console.Libraries` with the local embedder."""

    def __init__(self, parts: LocalWiring) -> None:
        self._parts = parts

    def list_namespaces(self) -> Sequence[str]:
        known = {one.knowledge for one in self._parts.get(stores.desk_records).list_configs()}
        return ["", *sorted(known - {""})]

    def list_documents(self, namespace: str) -> Sequence[tuple[str, int]]:
        found = Counter(document_name(id) for id in self._open(namespace).list_ids())
        return sorted(found.items())

    def add_document(self, namespace: str, name: str, content: bytes) -> str:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            document = DocumentFile(name, path)
            model = self._parts.get(process.settings).embedding_model
            try:
                wanted = list(make_passages(document, read_sections(document), model))
            except UnreadableDocument as problem:
                raise ValueError(str(problem).replace(f"{folder}/", "")) from None
        own = library_name(name)
        embedder = self._parts.get(services.embedder)
        change = update_library(
            self._open(namespace), embedder, wanted, lambda document: document == own, lambda done, of: None
        )
        kept = f"{change.removed} removed, {change.kept} as they were"
        return f"{name}: {change.written} passages written, {kept}."

    def remove_document(self, namespace: str, name: str) -> int:
        library = self._open(namespace)
        stale = [id for id in library.list_ids() if document_name(id) == name]
        library.remove(stale)
        return len(stale)

    def search_documents(self, namespace: str, text: str) -> Sequence[FoundPassage]:
        (vector,) = self._parts.get(services.embedder).embed([text])
        found = self._open(namespace).search(vector, MAX_PASSAGES)
        return [FoundPassage(one.document, one.heading, one.text) for one in found]

    def _open(self, namespace: str) -> Knowledge:
        return stores.open_library(self._parts, namespace)


class LocalPersonalData:
    """`console.PersonalData` on the local stores."""

    def __init__(self, parts: LocalWiring) -> None:
        self._parts = parts

    def export_person(self, id: str) -> bytes:
        packed = io.BytesIO()
        with (
            tempfile.TemporaryDirectory() as parent,
            zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            folder, lines = Path(parent) / "export", list[str]()
            export_subject(personal_data.make_stores(self._parts), self._trace(id), folder, lines.append)
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder).as_posix())
        return packed.getvalue()

    def forget_person(self, id: str) -> Sequence[str]:
        lines = list[str]()
        forget_subject(personal_data.make_stores(self._parts), self._trace(id), lines.append)
        return lines

    def _trace(self, id: str) -> Footprint:
        subject = personal_data.make_subject(self._parts, "person", id)
        return self._parts.get(personal_data.personal_records).trace(subject)
