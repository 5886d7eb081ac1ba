"""When the office assistant's optional steps run: gates, by the route, and predicates of speculation."""

from __future__ import annotations

from repartee.assistants.office.erp import ErpToolset
from repartee.assistants.office.routes import COMMANDS_SOURCE, ERP_SOURCE, MEETING_SOURCE, RouteChoice


def has_words(redacted_text: str) -> bool:
    """Returns whether there is anything to embed."""
    return bool(redacted_text.strip())


def has_other_names(early_embedded_text: str, embedded_text: str) -> bool:
    """Returns whether the chat's state told names that are in the question and were not known before."""
    return embedded_text != early_embedded_text and bool(embedded_text.strip())


def wants_command(route: RouteChoice) -> bool:
    """Returns whether the message may be a command in plain words."""
    return COMMANDS_SOURCE in route.sources


def wants_meeting(route: RouteChoice) -> bool:
    """Returns whether the prompt is given what was said in the meeting."""
    return MEETING_SOURCE in route.sources


def wants_erp(route: RouteChoice) -> bool:
    """Returns whether the model is given the ERP at once. Else it may ask for it (`erp_access.py`)."""
    return ERP_SOURCE in route.sources


def has_erp(erp_toolset: ErpToolset | None) -> bool:
    """Returns whether there is an ERP whose schema can be read before the route is known."""
    return erp_toolset is not None
