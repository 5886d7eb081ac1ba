"""What the model is given: instructions that never change, what was said, what is known, what is asked now.

In this order, because a provider caches a request's front: up to the newest history it is as it was before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import msgspec

from repartee.conversation.message import Side


class Redactor(Protocol):
    """Hides what the model must not read behind placeholders, and puts it back in what the model writes."""

    def redact(self, text: str) -> str:
        """The text with placeholders. The same value has the same placeholder, whenever it comes. Raises
        `BackendError` when nobody can say what must be hidden: then nothing may leave."""

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        """Like `hide`, of many texts at once."""

    def restore(self, text: str) -> str:
        """The text with the hidden values back in their places."""

    def restore_stream(self, pieces: Iterable[str]) -> Iterator[str]:
        """Like `show`, of a text that comes in pieces: a placeholder may begin in one and end in another."""


class _NoRedaction:
    """Hides nothing."""

    def redact(self, text: str) -> str:
        return text

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        return list(texts)

    def restore(self, text: str) -> str:
        return text

    def restore_stream(self, pieces: Iterable[str]) -> Iterator[str]:
        return iter(pieces)


NO_REDACTION: Redactor = _NoRedaction()
"""The veil where nothing must be hidden."""


class PromptMessage(msgspec.Struct, frozen=True):
    """One entry of the conversation as the model reads it. `images` are links (https or data) to pictures."""

    side: Side
    text: str
    images: tuple[str, ...] = ()


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the model may have done while it answers.

    `arguments` is the struct into which what the model asks is read, and its JSON schema is what the model is
    told. `run` takes one, and gives the text that the model reads. It raises `Refused` or `BackendError`,
    whose words the model is told, or `Malformed` for arguments that make no sense. `status` is shown to the
    person meanwhile, `timeout` is in seconds.
    """

    name: str
    description: str
    arguments: type[msgspec.Struct]
    run: Callable[[Any], str]
    status: str = ""
    timeout_seconds: float = 10.0


class ToolCall(msgspec.Struct, frozen=True):
    """What the model asks of a tool. `arguments` is JSON as the model wrote it. `thoughts` are the items of
    reasoning before it, as JSON, which the model wants to see again."""

    id: str
    name: str
    arguments: str
    reasoning_items: tuple[msgspec.Raw, ...] = ()


class ToolRound(msgspec.Struct, frozen=True):
    """One answer of the model that asked for tools: what it said before, its calls, and a result for each."""

    text: str
    calls: tuple[ToolCall, ...]
    results: tuple[str, ...]


class Prompt(msgspec.Struct, frozen=True):
    """A request for one reply. What must not be read is hidden behind the `veil` already. With `final` the
    model must answer now, without its tools. A reply that is `known` needs no model."""

    instructions: str
    history: tuple[PromptMessage, ...]
    context: str
    incoming: tuple[PromptMessage, ...]
    tools: tuple[Tool, ...] = ()
    rounds: tuple[ToolRound, ...] = ()
    redactor: Redactor = NO_REDACTION
    cache_key: str = ""
    must_answer: bool = False
    ready_reply: str = ""


class Usage(msgspec.Struct, frozen=True):
    """Tokens that a call of a model took. `cached` is what the provider had seen before of the `input`."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    model: str = ""
