"""When the office assistant's optional steps run: gates, by the route, and predicates of speculation."""

from __future__ import annotations

from repartee.assistants.office.erp import ErpToolset
from repartee.assistants.office.routes import COMMANDS_SOURCE, ERP_SOURCE, MEETING_SOURCE, RouteChoice


def has_words(redacted_text: str) -> bool:
    """Returns whether there is anything to embed."""
    return bool(redacted_text.strip())


def wants_command(route: RouteChoice) -> bool:
    """Returns whether the message may be a command in plain words."""
    return route.route.uses_source(COMMANDS_SOURCE)


def wants_meeting(route: RouteChoice) -> bool:
    """Returns whether the prompt is given what was said in the meeting."""
    return route.route.uses_source(MEETING_SOURCE)


def wants_erp(route: RouteChoice) -> bool:
    """Returns whether the model may look into the ERP."""
    return route.route.uses_source(ERP_SOURCE)


def has_erp(erp_toolset: ErpToolset | None) -> bool:
    """Returns whether there is an ERP whose schema can be read before the route is known."""
    return erp_toolset is not None
