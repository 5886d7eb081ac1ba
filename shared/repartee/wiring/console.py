"""The sections of the console, on the stores of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.wiring import process, stores

if TYPE_CHECKING:
    from repartee.console.app import ConsoleApp, ConsoleSection
    from repartee.wiring.container import Wiring


def console_sections(wiring: Wiring, app: ConsoleApp) -> list[ConsoleSection]:
    """Returns what the console shows wherever it runs."""
    from repartee.console.conversations import ConversationSection
    from repartee.console.health import HealthSection

    get = wiring.get
    clock, statistics = get(process.clock), get(stores.turn_statistics)
    conversations = ConversationSection(
        app, statistics, get(stores.conversations), get(stores.records), get(stores.audit_log), clock
    )
    health = HealthSection(app, statistics, get(stores.wakes).count_waiting, clock)
    return [conversations.section(), health.section()]
