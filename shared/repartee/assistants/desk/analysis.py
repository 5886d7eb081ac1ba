"""The small model's view of a customer's message of which rules and vectors are unsure."""

from __future__ import annotations

from typing import Literal

import msgspec


class MessageAnalysis(msgspec.Struct, frozen=True):
    """The small model's view of a message of which rules and vectors are unsure."""

    intent: str
    language: str
    mood: Literal["calm", "unhappy", "angry"]
    asks_for_person: bool
    wants_money_back: bool
    threatens_law: bool
    is_in_danger: bool


def list_analysed_reasons(analysis: MessageAnalysis | None) -> frozenset[str]:
    """Returns the reasons that the small model found."""
    if analysis is None:
        return frozenset()
    found = (
        ("asked", analysis.asks_for_person),
        ("money_back", analysis.wants_money_back),
        ("legal", analysis.threatens_law),
        ("emergency", analysis.is_in_danger),
        ("mood", analysis.mood == "angry"),
    )
    return frozenset(reason for reason, is_given in found if is_given)
