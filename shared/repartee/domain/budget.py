"""Budgets: what the calls of models may take in a day, in a room and in a whole workspace."""

from __future__ import annotations

from typing import Literal

import msgspec

from repartee.domain.usage import UsageTotal

DAY_SECONDS = 24 * 3600.0


class UsageLimit(msgspec.Struct, frozen=True):
    """The most tokens and US dollars that a room or workspace may use in a day; 0 means no limit."""

    max_tokens: int = 0
    max_cost_usd: float = 0.0

    def is_reached(self, usage: UsageTotal) -> bool:
        """Whether nothing is left of it."""
        return bool(
            (self.max_tokens and usage.tokens >= self.max_tokens)
            or (self.max_cost_usd and usage.cost_usd >= self.max_cost_usd)
        )


class Budget(msgspec.Struct, frozen=True):
    """The limits of every room, and of every workspace."""

    room: UsageLimit = UsageLimit()
    workspace: UsageLimit = UsageLimit()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self != Budget()

    def exhausted_place(self, room: UsageTotal, workspace: UsageTotal) -> Literal["", "room", "workspace"]:
        """Where nothing may be spent any more today, empty as long as something is left."""
        if self.room.is_reached(room):
            return "room"
        return "workspace" if self.workspace.is_reached(workspace) else ""


def utc_day_number(now: float) -> int:
    """The day for which is counted, in days since the epoch: UTC's, which is the same for everybody."""
    return int(now // DAY_SECONDS)
