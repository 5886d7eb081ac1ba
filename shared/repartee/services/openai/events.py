"""The Responses API's stream, read as raw server-sent events: the SDK's typed events cost ten times the CPU.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec

from repartee.domain.prompt import ToolCall
from repartee.domain.usage import Usage
from repartee.errors import IncompleteReply, Throttled
from repartee.services.openai.client import BACKEND

CUT_SHORT = " …"
"""Ends a reply that met the limit on its length."""

TEXT = {"response.output_text.delta", "response.refusal.delta"}
ITEM = "response.output_item.done"
ENDS = {"response.completed", "response.incomplete", "response.failed", "error"}
READ = TEXT | {ITEM} | ENDS


class _Cached(msgspec.Struct):
    cached_tokens: int = 0


class _ResponseUsage(msgspec.Struct):
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_details: _Cached | None = None


class _ResponseProblem(msgspec.Struct):
    code: str | None = None
    reason: str | None = None


class OpenAIResponse(msgspec.Struct):
    """A response, as far as it tells what it took and how it ended."""

    model: str | None = None
    usage: _ResponseUsage | None = None
    error: _ResponseProblem | None = None
    incomplete_details: _ResponseProblem | None = None


class _OutputItem(msgspec.Struct):
    """Something that the model has completed: a message, a call of a tool, a stretch of reasoning."""

    type: str
    call_id: str = ""
    name: str = ""
    arguments: str = ""


class _StreamEvent(msgspec.Struct):
    """A server-sent event, of which only the few fields are read that we use."""

    type: str
    delta: str | None = None
    code: str | None = None
    response: OpenAIResponse | None = None
    item: msgspec.Raw = msgspec.Raw()


class _EventType(msgspec.Struct):
    type: str


def pieces(lines: Iterable[str]) -> Iterator[str | ToolCall | Usage]:
    """The text in a stream's lines, the calls of tools, then what it took. Raises `ReplyBroken` if it ends
    incomplete."""
    said_anything = False
    thoughts: list[msgspec.Raw] = []
    for event in _events(lines):
        if event.type in TEXT:
            said_anything = True
            yield event.delta or ""
        elif event.type == ITEM:
            with _readable():
                item = msgspec.json.decode(event.item, type=_OutputItem)
            if item.type == "reasoning":
                thoughts.append(event.item.copy())
            elif item.type == "function_call":
                said_anything = True
                yield ToolCall(item.call_id, item.name, item.arguments, tuple(thoughts))
                thoughts.clear()
        else:
            yield from _ending(event, said_anything)
            return
    raise IncompleteReply("the stream ended without saying so")


def _events(lines: Iterable[str]) -> Iterator[_StreamEvent]:
    """The events that matter. All others are left alone, whatever they hold."""
    with _readable():
        for line in lines:
            if line.startswith("data: {") and msgspec.json.decode(line[6:], type=_EventType).type in READ:
                yield msgspec.json.decode(line[6:], type=_StreamEvent)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise IncompleteReply(f"an event that cannot be read ({error})") from None


def _ending(event: _StreamEvent, said_anything: bool) -> Iterator[str | Usage]:
    response = event.response or OpenAIResponse()
    if event.type in ("response.failed", "error"):
        code = (response.error and response.error.code) or event.code or "unknown"
        raise Throttled(BACKEND, code) if code == "rate_limit_exceeded" else IncompleteReply(code)
    if not said_anything:
        raise IncompleteReply("the model said nothing")
    if event.type == "response.incomplete":
        if response.incomplete_details and response.incomplete_details.reason != "max_output_tokens":
            raise IncompleteReply(response.incomplete_details.reason or "incomplete")
        yield CUT_SHORT
    yield usage_of(response)


def usage_of(response: OpenAIResponse) -> Usage:
    """What a response took."""
    usage = response.usage or _ResponseUsage()
    cached = usage.input_tokens_details.cached_tokens if usage.input_tokens_details else 0
    return Usage(usage.input_tokens, usage.output_tokens, cached, response.model or "")
