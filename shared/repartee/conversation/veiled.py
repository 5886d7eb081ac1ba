"""Prompts and models behind a veil: whoever asks a model through these cannot tell it what is personal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from repartee.conversation.prompt import CLEAR, Line, Prompt, Veil
from repartee.conversation.veil import NOTE, PLACEHOLDER, Veils
from repartee.errors import Rejected
from repartee.ports import Embedder, SmallModel, Vector

A = TypeVar("A", bound=msgspec.Struct)


def covered(prompt: Prompt, veil: Veil) -> Prompt:
    """The prompt with all that was said and gathered hidden. Its instructions are ours, and say so. What is
    covered already stays as it is, and so do pictures."""
    if veil is CLEAR or prompt.veil is not CLEAR:
        return prompt
    lines = (*prompt.history, *prompt.asked)
    context, *texts = veil.hide_all([prompt.context, *(line.text for line in lines)])
    hidden = [_with_text(line, text) for line, text in zip(lines, texts, strict=True)]
    return msgspec.structs.replace(
        prompt,
        instructions=f"{prompt.instructions}\n{NOTE}",
        context=context,
        history=tuple(hidden[: len(prompt.history)]),
        asked=tuple(hidden[len(prompt.history) :]),
        veil=veil,
    )


class VeiledSmallModel:
    """`ports.SmallModel` that reads placeholders; whoever asks it reads the values."""

    def __init__(self, model: SmallModel, veils: Veils) -> None:
        self._model, self._veils = model, veils

    def write(self, instructions: str, text: str, limit: int = 120) -> str:
        veil = self._veils("")
        hidden = veil.hide(text)
        return veil.show(self._model.write(_told(instructions, hidden), hidden, limit))

    def analyse(self, instructions: str, text: str, answer: type[A]) -> A:
        veil = self._veils("")
        hidden = veil.hide(text)
        found = self._model.analyse(_told(instructions, hidden), hidden, answer)
        try:
            return msgspec.convert(shown(msgspec.to_builtins(found), veil), answer)
        except msgspec.ValidationError:
            raise Rejected("small", "an answer that cannot hold the values behind its placeholders") from None


class VeiledEmbedder:
    """`ports.Embedder` that is given placeholders."""

    def __init__(self, embedder: Embedder, veils: Veils) -> None:
        self._embedder, self._veils = embedder, veils

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return self._embedder.embed(self._veils("").hide_all(texts))


def shown(given: Any, veil: Veil) -> Any:
    """What was read from JSON, with nothing hidden in its texts any more."""
    if isinstance(given, str):
        return veil.show(given)
    if isinstance(given, (list, tuple)):
        return [shown(one, veil) for one in given]
    if isinstance(given, dict):
        return {name: shown(value, veil) for name, value in given.items()}
    return given


def _told(instructions: str, hidden: str) -> str:
    """The instructions, which tell of placeholders where there are some."""
    return f"{instructions}\n{NOTE}" if PLACEHOLDER.search(hidden) else instructions


def _with_text(line: Line, text: str) -> Line:
    return msgspec.structs.replace(line, text=text)
