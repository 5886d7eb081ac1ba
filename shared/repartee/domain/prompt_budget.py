"""How many tokens of a prompt go to what is read beside the question."""

from __future__ import annotations

import msgspec

DEFAULT_PROMPT_TOKENS = 40_000
"""Tokens of history, relevant messages, what came along and files together."""

MAX_SHARE_OF_ONE_MESSAGE = 0.25
"""The most that one message takes of what its kind may have."""


class PromptBudget(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens for each kind of what a prompt is given. What comes first in the order of its kind (the newest,
    the best) is taken first, until no more fits."""

    history_tokens: int
    relevant_tokens: int
    context_tokens: int
    file_tokens: int

    @classmethod
    def share_out(
        cls, total_tokens: int, *, history: float, relevant: float, context: float, files: float
    ) -> PromptBudget:
        """Returns a budget of so many tokens, in these shares of the sum of the shares."""
        one = total_tokens / (history + relevant + context + files)
        return cls(
            history_tokens=int(one * history),
            relevant_tokens=int(one * relevant),
            context_tokens=int(one * context),
            file_tokens=int(one * files),
        )
