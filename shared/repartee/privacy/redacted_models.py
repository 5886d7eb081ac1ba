"""Wraps prompts and models so that a model reads placeholders instead of personal data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from repartee.domain.prompt import Prompt, PromptMessage
from repartee.domain.redactor import NO_REDACTION, Redactor, RedactorFactory, current_room
from repartee.errors import InvalidArgument
from repartee.ports import Embedder, SmallModel, Vector
from repartee.privacy.placeholders import PLACEHOLDER_PATTERN
from repartee.privacy.redaction import PLACEHOLDER_PROMPT

AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)


def redact_prompt(prompt: Prompt, redactor: Redactor) -> Prompt:
    """Returns the prompt with history, context and incoming messages redacted, and instructions that explain
    placeholders. A prompt that is redacted already stays as it is, and so do pictures."""
    if redactor is NO_REDACTION or prompt.redactor is not NO_REDACTION:
        return prompt
    lines = (*prompt.history, *prompt.incoming)
    context, *texts = redactor.redact_all([prompt.context, *(line.text for line in lines)])
    hidden = [_replace_line_text(line, text) for line, text in zip(lines, texts, strict=True)]
    return msgspec.structs.replace(
        prompt,
        instructions=f"{prompt.instructions}\n{PLACEHOLDER_PROMPT}",
        context=context,
        history=tuple(hidden[: len(prompt.history)]),
        incoming=tuple(hidden[len(prompt.history) :]),
        redactor=redactor,
    )


class RedactingSmallModel:
    """`ports.SmallModel` that reads placeholders and returns the values."""

    def __init__(self, model: SmallModel, redactor_for: RedactorFactory) -> None:
        self._model, self._redactor_for = model, redactor_for

    def write_text(self, instructions: str, text: str, max_tokens: int = 120) -> str:
        redactor = self._redactor_for(current_room())
        hidden = redactor.redact(text)
        return redactor.restore(
            self._model.write_text(_add_placeholder_prompt(instructions, hidden), hidden, max_tokens)
        )

    def extract(self, instructions: str, text: str, answer_type: type[AnswerT]) -> AnswerT:
        redactor = self._redactor_for(current_room())
        hidden = redactor.redact(text)
        found = self._model.extract(_add_placeholder_prompt(instructions, hidden), hidden, answer_type)
        try:
            return msgspec.convert(restore_values(msgspec.to_builtins(found), redactor), answer_type)
        except msgspec.ValidationError:
            raise InvalidArgument(
                "small", "an answer that cannot hold the values behind its placeholders"
            ) from None


class RedactingEmbedder:
    """`ports.Embedder` that is given placeholders."""

    def __init__(self, embedder: Embedder, redactor_for: RedactorFactory) -> None:
        self._embedder, self._redactor_for = embedder, redactor_for

    def embed(self, texts: Sequence[str]) -> Sequence[Vector]:
        return self._embedder.embed(self._redactor_for(current_room()).redact_all(texts))


def restore_values(decoded: Any, redactor: Redactor) -> Any:
    """Returns decoded JSON with all placeholders in its texts restored."""
    if isinstance(decoded, str):
        return redactor.restore(decoded)
    if isinstance(decoded, (list, tuple)):
        return [restore_values(one, redactor) for one in decoded]
    if isinstance(decoded, dict):
        return {name: restore_values(value, redactor) for name, value in decoded.items()}
    return decoded


def _add_placeholder_prompt(instructions: str, redacted: str) -> str:
    """Returns the instructions, which tell of placeholders where there are some."""
    return f"{instructions}\n{PLACEHOLDER_PROMPT}" if PLACEHOLDER_PATTERN.search(redacted) else instructions


def _replace_line_text(line: PromptMessage, text: str) -> PromptMessage:
    return msgspec.structs.replace(line, text=text)
