"""*Set-up* of the console, as far as a function can do it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from repartee.settings import Settings
from repartee.wiring import brief_stores, operations, process, services, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.assistants.office.routes import Router
    from repartee.console.app import ConsoleApp, ConsoleSection
    from repartee.console.setup_tab import ActNotes, SetupTab
    from repartee.ports import DocumentParser


MAX_EVENT_DOCUMENT_BYTES = 4 * 1024 * 1024
"""Bytes of a document that Lambda's event of 6 MB has room for, in base64 and with the form around it."""

MAX_LIBRARY_CHARACTERS = 600_000
"""Characters of a document that a parser reads for a library: some 300 pages."""


@part
def max_document_bytes(wiring: Wiring) -> int:
    """The bytes of a document that may be uploaded."""
    return MAX_EVENT_DOCUMENT_BYTES


@part
def monotonic(wiring: Wiring) -> Callable[[], float]:
    """Seconds that only go forward, by which the time of an upload is measured."""
    return time.monotonic


@part
def library_parser(wiring: Wiring) -> DocumentParser:
    """Reads whole documents for libraries, each in a process of its own."""
    from repartee.services.documents import DocumentReader

    return DocumentReader(max_characters=MAX_LIBRARY_CHARACTERS)


@part
def router(wiring: Wiring) -> Router:
    """The office's routes, with the classifier that is kept for the embedding model."""
    from repartee.assistants.office.routes import Router, load_routes

    get = wiring.get
    model = get(process.settings).embedding_model
    return Router(load_routes(), get(services.redacting_embedder), get(stores.vectors), model)


def setup_section(wiring: Wiring, app: ConsoleApp) -> ConsoleSection:
    """Returns *Set-up* with the tabs for which the deployment has what they need."""
    from repartee.assistants.office.routes import load_routes
    from repartee.console.setup import SetupSection
    from repartee.console.setup_briefs import BriefsTab
    from repartee.console.setup_desk import DeskTab
    from repartee.console.setup_routes import RoutesTab

    get, notes = wiring.get, make_act_notes(wiring)
    desk = DeskTab(get(stores.desk_records), get(stores.event_outbox), notes)
    briefs = BriefsTab(get(brief_stores.briefs), get(brief_stores.reminders), notes, get(process.clock))
    routes = RoutesTab(load_routes(), lambda: get(router), lambda: get(services.redacting_embedder))
    watched = _job_tabs(wiring, notes)
    switch, knowledge = _switch_tabs(wiring, notes), _knowledge_tabs(wiring, notes)
    tabs: list[SetupTab] = [desk, briefs, routes, *switch, *knowledge, *watched]
    return SetupSection(app, tabs).section()


def _switch_tabs(wiring: Wiring, notes: ActNotes) -> Iterator[SetupTab]:
    """Yields the switch's tab where there is a switch."""
    if switch := wiring.get(operations.parallel_switch):
        from repartee.console.setup_switch import SwitchTab

        yield SwitchTab(switch, notes, is_serial=not wiring.get(process.settings).parallel_enabled)


def _job_tabs(wiring: Wiring, notes: ActNotes) -> Iterator[SetupTab]:
    """Yields the tabs of what is done in the background, where a function does it."""
    get = wiring.get
    if starter := get(operations.job_starter):
        from repartee.console.setup_checks import ChecksTab
        from repartee.console.setup_jobs import SetupJobs
        from repartee.console.setup_people import PeopleTab

        jobs = SetupJobs(get(operations.operator_jobs), starter, get(process.clock), get(process.new_id))
        yield ChecksTab(jobs, notes)
        hash_person = partial(process.hash_given_person, wiring)
        yield PeopleTab(jobs, lambda: get(operations.export_files), hash_person, notes)


def make_act_notes(wiring: Wiring) -> ActNotes:
    """Returns what notes acts in the audit log."""
    from repartee.console.setup_tab import ActNotes

    return ActNotes(wiring.get(operations.audit_log), wiring.get(process.clock))


def _knowledge_tabs(wiring: Wiring, notes: ActNotes) -> Iterator[SetupTab]:
    """Yields the libraries' tab where there are libraries."""
    get, settings = wiring.get, wiring.get(process.settings)
    if settings.is_any_set(Settings.pinecone_knowledge_host, Settings.sqlite_path):
        from repartee.console.setup_knowledge import KnowledgeTab, LibraryPorts

        ports = LibraryPorts(
            list_namespaces=lambda: (one.knowledge for one in get(stores.desk_records).list_configs()),
            open_library=partial(stores.open_library, wiring),
            open_embedder=lambda: get(services.embedder),
            open_parser=lambda: get(library_parser),
            embedding_model=settings.embedding_model,
            max_document_bytes=get(max_document_bytes),
            monotonic=get(monotonic),
        )
        yield KnowledgeTab(ports, notes)
