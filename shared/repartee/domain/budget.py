"""Budgets: what the calls of models may take in a day, in a room and in a whole workspace."""

from __future__ import annotations

import msgspec

from repartee.domain.usage import UsageTotal

BUDGET_EXHAUSTED_MESSAGE = "I have used up what I may spend {where} today. I am back at midnight UTC."
ROOM_PHRASE, WORKSPACE_PHRASE = "in this conversation", "in this workspace"

DAY_SECONDS = 24 * 3600.0


class UsageLimit(msgspec.Struct, frozen=True):
    """The most tokens and US dollars that a room or workspace may use in a day; 0 means no limit."""

    max_tokens: int = 0
    max_cost_usd: float = 0.0

    def is_reached(self, usage: UsageTotal) -> bool:
        """Returns whether the limit is reached."""
        return bool(
            (self.max_tokens and usage.tokens >= self.max_tokens)
            or (self.max_cost_usd and usage.cost_usd >= self.max_cost_usd)
        )


class Budget(msgspec.Struct, frozen=True):
    """The limits of every room, and of every workspace."""

    room: UsageLimit = UsageLimit()
    workspace: UsageLimit = UsageLimit()

    def __bool__(self) -> bool:
        """Returns whether any limit is set."""
        return self != Budget()

    def refusal_message(self, room: UsageTotal, workspace: UsageTotal) -> str:
        """Returns the text sent instead of an answer, empty while the budget is not used up."""
        if self.room.is_reached(room):
            return BUDGET_EXHAUSTED_MESSAGE.format(where=ROOM_PHRASE)
        return (
            BUDGET_EXHAUSTED_MESSAGE.format(where=WORKSPACE_PHRASE)
            if self.workspace.is_reached(workspace)
            else ""
        )


def utc_day_number(now: float) -> int:
    """Returns the day of a budget, in days since the epoch: UTC's, which is the same for
    everybody."""
    return int(now // DAY_SECONDS)
