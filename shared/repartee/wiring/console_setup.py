"""*Set-up* of the console, as far as a function can do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from repartee.wiring import brief_stores, operations, process, services, stores
from repartee.wiring.container import Wiring, part

if TYPE_CHECKING:
    from repartee.assistants.office.routes import Router
    from repartee.console.app import ConsoleApp, ConsoleSection
    from repartee.console.setup_tab import ActNotes, SetupTab


@part
def router(wiring: Wiring) -> Router:
    """The office's routes, with the classifier that is kept for the embedding model."""
    from repartee.assistants.office.routes import Router, load_routes

    get = wiring.get
    model = get(process.settings).embedding_model
    return Router(load_routes(), get(services.redacting_embedder), get(stores.vectors), model)


def setup_section(wiring: Wiring, app: ConsoleApp, more_tabs: Sequence[SetupTab] = ()) -> ConsoleSection:
    """Returns *Set-up* with the tabs that every console has, and these."""
    from repartee.assistants.office.routes import load_routes
    from repartee.console.setup import SetupSection
    from repartee.console.setup_briefs import BriefsTab
    from repartee.console.setup_desk import DeskTab
    from repartee.console.setup_routes import RoutesTab

    get, notes = wiring.get, make_act_notes(wiring)
    desk = DeskTab(get(stores.desk_records), get(stores.event_outbox), notes)
    briefs = BriefsTab(get(brief_stores.briefs), get(brief_stores.reminders), notes, get(process.clock))
    routes = RoutesTab(load_routes(), lambda: get(router), lambda: get(services.redacting_embedder))
    tabs: list[SetupTab] = [desk, briefs, routes, *_switch_tabs(wiring, notes), *more_tabs]
    return SetupSection(app, tabs).section()


def _switch_tabs(wiring: Wiring, notes: ActNotes) -> Iterator[SetupTab]:
    """Yields the switch's tab where there is a switch."""
    if switch := wiring.get(operations.parallel_switch):
        from repartee.console.setup_switch import SwitchTab

        yield SwitchTab(switch, notes, is_serial=not wiring.get(process.settings).parallel_enabled)


def make_act_notes(wiring: Wiring) -> ActNotes:
    """Returns what notes acts in the audit log."""
    from repartee.console.setup_tab import ActNotes

    return ActNotes(wiring.get(operations.audit_log), wiring.get(process.clock))
