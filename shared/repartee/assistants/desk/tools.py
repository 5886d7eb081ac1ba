"""The tools of the desk's model."""

from __future__ import annotations

import msgspec

from repartee.assistants.desk.calling import PersonCaller
from repartee.domain.desk import DeskConfig
from repartee.domain.prompt import Tool

CALLED_RESULT = "A person was called, and the customer is told so. Write nothing more."
NOT_CALLED_RESULT = "A person has this conversation already. Write nothing more."


class HandOver(msgspec.Struct, frozen=True):
    """Why a person is needed, and what they should know, in one or two sentences."""

    reason: str
    summary: str = ""


def build_tools(config: DeskConfig | None, caller: PersonCaller) -> tuple[Tool, ...]:
    """Returns the tools: none where no person can be called."""
    if config is None or not config.team:
        return ()

    def hand_over(arguments: HandOver) -> str:
        called = caller.call("model", f"{arguments.summary} ({arguments.reason})".strip())
        return CALLED_RESULT if called else NOT_CALLED_RESULT

    return (
        Tool(
            name="hand_over",
            description="Calls a person of the business, who takes the conversation over.",
            arguments=HandOver,
            run=hand_over,
        ),
    )
