"""Tells the model what of the company's records it can look up."""

from __future__ import annotations

from collections.abc import Sequence

from repartee.assistants.office.erp import ErpSchema
from repartee.assistants.office.routes import ERP_SOURCE, Route
from repartee.domain.message import Message

ERP_UNAVAILABLE_PROMPT = (
    "The company's records cannot be looked up now, and nothing in them changed: say so where it matters."
)
SEVERAL_PEOPLE_ERP_PROMPT = (
    "Several people ask at once, who may not see the same of the company's records, so they cannot be looked "
    "up now: answer what you can, and ask whoever wants to know of them to ask again alone."
)


def erp_prompt_lines(
    route: Route, erp_schema: ErpSchema | None, incoming: tuple[Message, ...]
) -> Sequence[str]:
    """Returns the lines that tell the model what of the company's records it can look up, or why nothing."""
    if erp_schema:
        return (erp_schema.text,)
    if not route.uses_source(ERP_SOURCE):
        return ()
    return (SEVERAL_PEOPLE_ERP_PROMPT if has_several_senders(incoming) else ERP_UNAVAILABLE_PROMPT,)


def has_several_senders(incoming: tuple[Message, ...]) -> bool:
    """Returns whether several people ask at once."""
    return len({message.sender for message in incoming}) > 1
