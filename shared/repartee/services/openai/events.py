"""The Responses API's stream, read as raw server-sent events: the SDK's typed events cost ten times the CPU.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from repartee.conversation.prompt import Usage
from repartee.errors import ReplyBroken, Throttled
from repartee.services.openai.client import BACKEND

CUT_SHORT = " …"
"""Ends a reply that met the limit on its length."""

TEXT = {"response.output_text.delta", "response.refusal.delta"}
ENDS = {"response.completed", "response.incomplete", "response.failed", "error"}


class _Cached(msgspec.Struct):
    cached_tokens: int = 0


class _Usage(msgspec.Struct):
    input_tokens: int = 0
    output_tokens: int = 0
    input_tokens_details: _Cached | None = None


class _Problem(msgspec.Struct):
    code: str | None = None
    reason: str | None = None


class _Response(msgspec.Struct):
    usage: _Usage | None = None
    error: _Problem | None = None
    incomplete_details: _Problem | None = None


class _Event(msgspec.Struct):
    """A server-sent event, of which only the few fields are read that we use."""

    type: str
    delta: str | None = None
    code: str | None = None
    response: _Response | None = None


class _Type(msgspec.Struct):
    type: str


def pieces(lines: Iterable[str]) -> Iterator[str | Usage]:
    """The text in a stream's lines, then what it took. Raises `ReplyBroken` if it ends incomplete."""
    said_anything = False
    for event in _events(lines):
        if event.type in TEXT:
            said_anything = True
            yield event.delta or ""
        else:
            yield from _ending(event, said_anything)
            return
    raise ReplyBroken("the stream ended without saying so")


def _events(lines: Iterable[str]) -> Iterator[_Event]:
    """The events that matter. All others are left alone, whatever they hold."""
    try:
        for line in lines:
            if line.startswith("data: {") and msgspec.json.decode(line[6:], type=_Type).type in TEXT | ENDS:
                yield msgspec.json.decode(line[6:], type=_Event)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ReplyBroken(f"an event that cannot be read ({error})") from None


def _ending(event: _Event, said_anything: bool) -> Iterator[str | Usage]:
    response = event.response or _Response()
    if event.type in ("response.failed", "error"):
        code = (response.error and response.error.code) or event.code or "unknown"
        raise Throttled(BACKEND, code) if code == "rate_limit_exceeded" else ReplyBroken(code)
    if not said_anything:
        raise ReplyBroken("the model said nothing")
    if event.type == "response.incomplete":
        if response.incomplete_details and response.incomplete_details.reason != "max_output_tokens":
            raise ReplyBroken(response.incomplete_details.reason or "incomplete")
        yield CUT_SHORT
    usage = response.usage or _Usage()
    cached = usage.input_tokens_details.cached_tokens if usage.input_tokens_details else 0
    yield Usage(usage.input_tokens, usage.output_tokens, cached)
