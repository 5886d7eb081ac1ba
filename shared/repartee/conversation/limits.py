"""Budgets: what the calls of models may take in a day, in a room and in a whole workspace."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from repartee.conversation.prompt import Usage

USED_UP = "I have used up what I may spend {where} today. I am back at midnight UTC."
HERE, ALL_OVER = "in this conversation", "in this workspace"

DAY = 24 * 3600.0


class Spent(msgspec.Struct, frozen=True):
    """What was spent in a place today: tokens of all models, and their price in US dollars."""

    tokens: int = 0
    cost: float = 0.0


class Limit(msgspec.Struct, frozen=True):
    """What may be spent in a place and day; 0 is without a limit."""

    tokens: int = 0
    cost: float = 0.0

    def reached(self, spent: Spent) -> bool:
        """Whether nothing is left of it."""
        return bool((self.tokens and spent.tokens >= self.tokens) or (self.cost and spent.cost >= self.cost))


class Limits(msgspec.Struct, frozen=True):
    """The limits of every room, and of every workspace."""

    room: Limit = Limit()
    workspace: Limit = Limit()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self != Limits()

    def refusal(self, room: Spent, workspace: Spent) -> str:
        """What is said instead of an answer, empty as long as something is left."""
        if self.room.reached(room):
            return USED_UP.format(where=HERE)
        return USED_UP.format(where=ALL_OVER) if self.workspace.reached(workspace) else ""


def in_tokens(calls: Iterable[Usage]) -> Spent:
    """What calls of models took, where nobody knows what they cost."""
    return Spent(sum(one.input + one.output for one in calls))


def day_of(now: float) -> int:
    """The day for which is counted, in days since the epoch: UTC's, which is the same for everybody."""
    return int(now // DAY)
