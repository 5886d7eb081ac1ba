"""Plans what a desk's customers write in a run of the load bench: some of them need a person."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields
from typing import Any

from benches.load_test.scenario import LoadMessage, LoadScenario, plan_messages

ESCALATED_SHARE = 0.05
ASKS_FOR_PERSON = "I want to talk to a real person about the plan for the spring, is that possible?"


@dataclass(frozen=True)
class DeskMessage(LoadMessage):
    """A customer's message. With the first of an escalated chat the customer asks for a person."""

    is_escalated: bool = False

    @property
    def text(self) -> str:
        if self.is_escalated and self.number == 0:
            return f"{self.token}: {ASKS_FOR_PERSON}"
        return super().text


def plan_desk_messages(scenario: LoadScenario) -> list[DeskMessage]:
    """Returns all messages of the run. Customers write in WhatsApp and Telegram, the team reads in Slack."""
    planned = plan_messages(scenario)
    chats = sorted({message.chat for message in planned} - {0})
    count = max(1, round(len(chats) * ESCALATED_SHARE))
    escalated = set(random.Random(scenario.seed).sample(chats, count))
    return [_make_desk_message(message, message.chat in escalated) for message in planned]


def _make_desk_message(message: LoadMessage, is_escalated: bool) -> DeskMessage:
    values: dict[str, Any] = {one.name: getattr(message, one.name) for one in fields(LoadMessage)}
    if message.platform == "slack":
        values["platform"] = "whatsapp"
    if is_escalated:
        values["is_long"] = False
    return DeskMessage(**values, is_escalated=is_escalated)
