"""The prompt of a model: instructions that never change, history, context, incoming messages.

In this order, because a provider caches a request's front: up to the newest history it is as it was before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from repartee.domain.message import Side
from repartee.domain.redactor import NO_REDACTION, Redactor


class PromptMessage(msgspec.Struct, frozen=True):
    """One entry of the conversation as the model reads it. `images` are links (https or data) to pictures."""

    side: Side
    text: str
    images: tuple[str, ...] = ()


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the model may have done while it answers.

    `arguments` is the struct into which what the model asks is read, and its JSON schema is what the model is
    told. `run` takes one, and gives the text that the model reads. It raises `RequestRejected` or
    `BackendError`, whose words the model is told, or `InvalidPayload` for arguments that make no sense.
    `status` is shown to the person meanwhile, `timeout` is in seconds. Where `opened` is given, the tools
    that it returns take this one's place from then on; it returns none until this one was run.
    `uses_own_rights`: what it gives may be for the person alone who asks, so where others read it is in no
    later prompt. `writes`: it leaves something behind, so it is not run where a turn is only repeated.
    """

    name: str
    description: str
    arguments: type[msgspec.Struct]
    run: Callable[[Any], str]
    status: str = ""
    timeout_seconds: float = 10.0
    opened: Callable[[], tuple[Tool, ...]] | None = None
    uses_own_rights: bool = False
    writes: bool = False


class ToolCall(msgspec.Struct, frozen=True):
    """A call of a tool by the model. `arguments` is JSON as the model wrote it. `reasoning_items` are the
    items of reasoning before it, as JSON, which the model needs to see again."""

    id: str
    name: str
    arguments: str
    reasoning_items: tuple[msgspec.Raw, ...] = ()


class CutMark(str):
    """A piece of an answer that says it met the limit on its length: the model has more to say."""

    __slots__ = ()


CUT_SHORT = CutMark(" …")
"""Ends an answer that met that limit, where nobody lets the model go on."""


class ToolRound(msgspec.Struct, frozen=True):
    """One answer of the model that is not its last: what it said, the calls of tools that it asked for, and a
    result for each. Without calls it met the limit on its length, and goes on."""

    text: str
    calls: tuple[ToolCall, ...]
    results: tuple[str, ...]


class Prompt(msgspec.Struct, frozen=True):
    """A request for one reply. Its texts are redacted by `redactor` already. With `must_answer` the
    model must answer now, without its tools. A `ready_reply` needs no model. `screen` is given the reply's
    pieces, of all rounds, with nothing hidden in them, and yields what of them may be seen."""

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
    screen: Callable[[Iterator[str]], Iterator[str]] | None = None
