"""`console.SetupStage` on the local stack: what the commands of scripts/ know and do, in the browser."""

from __future__ import annotations

import io
import os
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ingestion.documents import DocumentFile, UnreadableDocument, read_sections
from ingestion.library import document_name, library_name, make_passages, update_library
from local import desk_seeds
from local.local_wiring import LocalWiring
from local.routes_command import make_packaged_router
from operations.desk import format_config
from operations.doctor import examine
from operations.personal_data import export_subject, forget_subject
from repartee.briefs.orders import describe_subscription
from repartee.console.setup_stage import (
    FoundPassage,
    RouteTrial,
    RouteView,
    SetupFinding,
    ShownBrief,
)
from repartee.domain.brief import BRIEF_SHARDS
from repartee.domain.desk import parse_desk_config
from repartee.language.catalogue import LANGUAGES
from repartee.ports import Knowledge
from repartee.ports.personal_data import Footprint
from repartee.wiring import brief_stores, personal_data, process, services, stores

MAX_EXAMPLES = 6
"""Sentences that are shown of a route."""

MAX_PASSAGES = 5


class LocalSetup:
    """The set-up of the local stack. `environment` is what `scripts/doctor` looks at."""

    def __init__(self, parts: LocalWiring) -> None:
        self._parts, self._router = parts, make_packaged_router()

    def list_findings(self) -> Sequence[SetupFinding]:
        return [
            SetupFinding(one.kind, one.service, one.fact, one.advice) for one in examine(dict(os.environ), "")
        ]

    def list_routes(self) -> Sequence[RouteView]:
        return [
            RouteView(name, tuple(sorted(route.sources)), _pick_examples(route.examples))
            for name, route in self._router.routes.items()
        ]

    def try_route(self, text: str) -> RouteTrial:
        (vector,) = self._parts.get(services.embedder).embed([text])
        chosen = self._router.choose_or_guess(text, vector, self._router.load_classifier())
        return RouteTrial(chosen.route.name, chosen.probability, chosen.is_unsure)

    def list_desks(self) -> Sequence[tuple[str, str]]:
        return [(one.number, one.name) for one in self._parts.get(stores.desk_records).list_configs()]

    def show_desk(self, number: str) -> str:
        found = self._parts.get(stores.desk_records).read_config(number) if number else None
        return format_config(found) if found else desk_seeds.CONFIG_FILE.read_text()

    def save_desk(self, toml: str, *, only_check: bool) -> str:
        config = parse_desk_config(toml.encode(), LANGUAGES)
        if not only_check:
            self._parts.get(stores.desk_records).save_config(config)
        return config.number

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

    def list_briefs(self) -> Sequence[ShownBrief]:
        store, found, now = self._parts.get(brief_stores.briefs), list[ShownBrief](), time.time()
        for shard in range(BRIEF_SHARDS):
            page = store.list_page(shard)
            found += [
                ShownBrief(one.person, one.id, describe_subscription(one, now)) for one in page.subscriptions
            ]
        return found

    def stop_brief(self, person: str, id: str) -> bool:
        return self._parts.get(brief_stores.briefs).delete_subscription(person, id)

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

    def _open(self, namespace: str) -> Knowledge:
        return stores.open_library(self._parts, namespace)


def _pick_examples(examples: object) -> tuple[str, ...]:
    """Returns some examples, of as many languages as there are."""
    assert isinstance(examples, dict)
    return tuple(texts[0] for texts in examples.values() if texts)[:MAX_EXAMPLES]
