"""A prompt that is too long for its model, made shorter: what is oldest and least needed goes first."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from repartee.domain.prompt import Prompt, PromptMessage, ToolRound
from repartee.domain.truncation import truncate_redactable

MIN_TEXT_CHARS = 200
"""Characters of a text below which it is not cut."""

CUT = "\n[The rest is left out here, as it is too long. Say so in your answer.]"


def shortened(prompt: Prompt, keep: float) -> Prompt | None:
    """Returns the prompt with about this share of its characters, None if nothing is left to leave out.

    The oldest history goes first, then what tools found, then the context, and at last the end of what came
    with the question. Instructions stay whole.
    """
    size = _size(prompt)
    excess = size - int(size * keep)
    history = _newest(prompt.history, excess)
    cut = _Cut(excess - sum(map(_chars, prompt.history)) + sum(map(_chars, history)))
    rounds = tuple(ToolRound(one.text, one.calls, tuple(map(cut.text, one.results))) for one in prompt.rounds)
    context = cut.text(prompt.context)
    incoming = tuple(replace(line, text=cut.text(line.text)) for line in prompt.incoming)
    shorter = replace(prompt, history=history, rounds=rounds, context=context, incoming=incoming)
    return shorter if _size(shorter) < size else None


class _Cut:
    """Cuts texts until so many characters are gone."""

    def __init__(self, excess: int) -> None:
        self._excess = excess

    def text(self, text: str) -> str:
        """Returns the text, or its beginning while there is too much."""
        if self._excess <= 0 or len(text) <= MIN_TEXT_CHARS + len(CUT):
            return text
        kept = max(MIN_TEXT_CHARS, len(text) - self._excess - len(CUT))
        short = truncate_redactable(text.removesuffix(CUT), kept) + CUT
        self._excess -= len(text) - len(short)
        return short


def _newest(history: Sequence[PromptMessage], excess: int) -> tuple[PromptMessage, ...]:
    """Returns the history without its oldest lines, as many as hold so many characters."""
    first = 0
    while first < len(history) and excess > 0:
        excess -= _chars(history[first])
        first += 1
    return tuple(history[first:])


def _size(prompt: Prompt) -> int:
    results = sum(len(one.text) + sum(map(len, one.results)) for one in prompt.rounds)
    lines = sum(map(_chars, (*prompt.history, *prompt.incoming)))
    return len(prompt.instructions) + len(prompt.context) + lines + results


def _chars(line: PromptMessage) -> int:
    return len(line.text)
