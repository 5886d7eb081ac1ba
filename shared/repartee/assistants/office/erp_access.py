"""Whose rights the ERP is read with, and what the prompt says where it cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from repartee.assistants.office.erp import ErpSchema, ErpToolset
from repartee.assistants.office.routes import ERP_SOURCE, Route
from repartee.domain.message import Message
from repartee.domain.prompt import Tool
from repartee.domain.proposal import Proposal
from repartee.plan import Pool

ERP_UNAVAILABLE_PROMPT = (
    "The company's records cannot be looked up now, and nothing in them changed: say so where it matters."
)
SEVERAL_PEOPLE_ERP_PROMPT = (
    "Several people ask at once, who may not see the same of the company's records, so they cannot be looked "
    "up now: answer what you can, and ask each of them to ask again alone."
)


def load_erp_schema(
    incoming: tuple[Message, ...], erp_toolset: ErpToolset | None, pool: Pool
) -> ErpSchema | None:
    """Returns what the person may read. None without an ERP, and where several people ask at once: one would
    be answered with another's rights."""
    if erp_toolset is None or _has_several_senders(incoming):
        return None
    return erp_toolset.load_schema(incoming[-1].sender, pool)


def build_erp_tools(
    turn_id: str,
    message: Message,
    transcribed: tuple[Message, ...],
    erp_schema: ErpSchema | None,
    erp_toolset: ErpToolset | None,
    show_proposal: Callable[[Proposal], None],
) -> tuple[Tool, ...]:
    """Returns the tools by which the model works in the ERP, as far as its schema could be read. Where people
    say nothing of their own nothing can be proposed: others' words propose nothing."""
    if erp_toolset is None or erp_schema is None:
        return ()
    says_something = any(one.text.strip() for one in transcribed)
    return erp_toolset.build_tools(message, turn_id, erp_schema, show_proposal, may_propose=says_something)


def erp_prompt_lines(
    route: Route, erp_schema: ErpSchema | None, incoming: tuple[Message, ...]
) -> Sequence[str]:
    """Returns what the prompt says of the ERP where the route reads it: its schema, or why there is none."""
    if erp_schema:
        return (erp_schema.text,)
    if not route.uses_source(ERP_SOURCE):
        return ()
    return (SEVERAL_PEOPLE_ERP_PROMPT if _has_several_senders(incoming) else ERP_UNAVAILABLE_PROMPT,)


def _has_several_senders(incoming: tuple[Message, ...]) -> bool:
    return len({message.sender for message in incoming}) > 1
