"""Whose rights the ERP is read with, and what the prompt says where it cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from repartee.assistants.office.erp import ErpSchema, ErpToolset
from repartee.assistants.office.routes import ERP_SOURCE, Route
from repartee.domain.message import Message
from repartee.domain.prompt import Tool
from repartee.domain.proposal import Proposal
from repartee.language import texts
from repartee.plan import Pool

ERP_UNAVAILABLE_PROMPT = (
    "The company's records cannot be looked up now, and nothing in them changed: say so where it matters."
)
OPENING_TOOL_DESCRIPTION = (
    "Opens the company's records in Odoo (customers, contacts, sales, orders, invoices, stock, projects, "
    "hours). Call it first where the answer, or what is to be done, needs them: their tools can be called "
    "after it."
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
    return erp_toolset.load_schema(incoming[-1], pool)


class OpenErp(msgspec.Struct, frozen=True):
    """Takes no arguments."""


class ErpAccess:
    """The way of one turn's model to the ERP, with the rights of the person who asks. Where people say
    nothing of their own nothing can be proposed: others' words propose nothing."""

    def __init__(
        self,
        erp_toolset: ErpToolset | None,
        turn_id: str,
        incoming: tuple[Message, ...],
        transcribed: tuple[Message, ...],
        show_proposal: Callable[[Proposal], None],
        pool: Pool,
    ) -> None:
        self._toolset = None if _has_several_senders(incoming) else erp_toolset
        self._turn_id, self._incoming, self._pool = turn_id, incoming, pool
        self._show_proposal = show_proposal
        self._may_propose = any(one.text.strip() for one in transcribed)
        self._opened: tuple[Tool, ...] = ()

    def build_tools(self, erp_schema: ErpSchema | None) -> tuple[Tool, ...]:
        """Returns the tools by which the model works in the ERP, as far as its schema could be read."""
        if self._toolset is None or erp_schema is None:
            return ()
        return self._toolset.build_tools(
            self._incoming[-1],
            self._turn_id,
            erp_schema,
            self._show_proposal,
            may_propose=self._may_propose,
        )

    def build_opening_tool(self) -> tuple[Tool, ...]:
        """Returns the one tool that gives the model the others, for a message that did not look as if it was
        about the ERP. Nothing is read for it until the model asks."""
        if self._toolset is None:
            return ()
        opening = Tool(
            name="erp_open",
            description=OPENING_TOOL_DESCRIPTION,
            arguments=OpenErp,
            run=self._open,
            status=texts.LOOKING_INTO_ODOO,
            opened=lambda: self._opened,
        )
        return (opening,)

    def _open(self, arguments: OpenErp) -> str:
        schema = load_erp_schema(self._incoming, self._toolset, self._pool)
        self._opened = self.build_tools(schema)
        return schema.text if schema else ERP_UNAVAILABLE_PROMPT


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
