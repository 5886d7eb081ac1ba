"""The sections of the console, on the stores of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repartee.wiring import operations, process, stores

if TYPE_CHECKING:
    from repartee.console.app import ConsoleApp, ConsoleSection
    from repartee.wiring.container import Wiring


def console_sections(wiring: Wiring, app: ConsoleApp) -> list[ConsoleSection]:
    """Returns what the console shows wherever it runs."""
    from repartee.console.conversations import ConversationSection
    from repartee.console.health import HealthSection

    get = wiring.get
    clock, statistics = get(process.clock), get(operations.turn_statistics)
    conversations = ConversationSection(
        app, statistics, get(operations.conversations), get(stores.records), get(operations.audit_log), clock
    )
    health = HealthSection(app, statistics, get(stores.wakes).count_waiting, clock)
    return [conversations.section(), health.section()]
