"""The Responses API's stream, read as raw server-sent events: the SDK's typed events cost ten times the CPU.

https://platform.openai.com/docs/api-reference/responses-streaming
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import msgspec

from repartee.domain.prompt import CUT_SHORT, ToolCall
from repartee.domain.usage import Usage
from repartee.errors import IncompleteReply
from repartee.services.openai.paragraphs import Paragraphs
from repartee.services.openai.problems import EmptyReply, OutOfTokens, Problem, error_of, problem_in
from repartee.services.openai.sse import ServerSentEvent, read_events
from repartee.services.openai.wire import MAX_OUTPUT_TOKENS, OUTPUT_ITEM, RESPONSE, Item, Response, call_of

TEXT = {"response.output_text.delta", "response.refusal.delta"}
ITEM = "response.output_item.done"
ENDS = {"response.completed", "response.incomplete"}
FAILURES = {"response.failed", "error"}
DONE = b"[DONE]"
"""The data of a last event that gateways add. Some send it in place of `response.completed`."""

UNKNOWN = Problem()
"""A failure of which nothing is told, or not yet."""

Piece = str | ToolCall | Usage


class _StreamEvent(msgspec.Struct):
    """An event, of which only the few fields are looked at that we use."""

    type: str | None = ""
    delta: msgspec.Raw = msgspec.Raw()
    output_index: msgspec.Raw = msgspec.Raw()
    item: msgspec.Raw = msgspec.Raw()
    response: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()


_EVENT = msgspec.json.Decoder(_StreamEvent)
_DELTA: msgspec.json.Decoder[str | None] = msgspec.json.Decoder(str | None)


def pieces(
    chunks: Iterable[bytes],
    headers: Mapping[str, str] | None = None,
    limit: int = 0,
    continues: bool = False,
) -> Iterator[Piece]:
    """Yields the text in a stream, the calls of tools, then what it took.

    `headers` are those of the answer, which may say when to come back; `limit` is that on the tokens, which
    some servers meet without a word; `continues`: the text goes on from another, in mid-paragraph or not.
    Raises `IncompleteReply` if the stream ends incomplete, and
    `BackendError` for what the API says went wrong.
    """
    reading = _Reading(headers or {}, limit, continues)
    with _readable():
        for event in read_events(chunks, unfinished=True):
            yield from reading.read(event)
            if reading.ended:
                return
            if reading.problem not in (None, UNKNOWN):
                break
    raise (
        error_of(reading.problem)
        if reading.problem
        else IncompleteReply("the stream ended without saying so")
    )


def pieces_of_whole(
    body: bytes, headers: Mapping[str, str], limit: int = 0, continues: bool = False
) -> Iterator[Piece]:
    """Yields the same from an answer in one piece, which some servers give where a stream was asked for."""
    with _readable():
        response = RESPONSE.decode(body)
        problem = problem_in(msgspec.json.decode(body), headers=headers)
        if problem and not response.output:
            raise error_of(problem)
        yield from _Reading(headers, limit, continues).end(response)


class _Reading:
    """Reads one stream's events. Owns what they told so far."""

    def __init__(self, headers: Mapping[str, str], limit: int, continues: bool) -> None:
        self._headers, self._limit = headers, limit
        self._paragraphs = Paragraphs(continues)
        self._streamed = False
        self._half = ""
        self._thoughts: list[msgspec.Raw] = []
        self._calls = 0
        self.problem: Problem | None = None
        self.ended = False

    def read(self, event: ServerSentEvent) -> Iterable[Piece]:
        """Returns what one event adds. What we do not use is left alone, whatever it holds."""
        if not event.data.startswith(b"{"):
            return self.end(Response()) if event.data == DONE and self._said_anything else ()
        try:
            decoded = _EVENT.decode(event.data)
        except msgspec.DecodeError:
            return self._add(*_half_text(event.data))
        kind = decoded.type or ("error" if decoded.error else event.name.decode())
        if kind in TEXT:
            return self._text(decoded)
        if kind == ITEM:
            return self._item(decoded.item, decoded)
        if kind in ENDS:
            return self._end(decoded.response)
        if kind in FAILURES:
            self._fail(event.data)
        return ()

    def _end(self, raw: msgspec.Raw) -> Iterable[Piece]:
        """Returns what the last event adds. Some servers call a response complete that failed, or leave it
        out."""
        told = bytes(raw) or b"null"
        response = Response() if told == b"null" else RESPONSE.decode(told)
        if response.status == "failed" and not self._said_anything:
            self.problem = problem_in(msgspec.json.decode(told), headers=self._headers) or UNKNOWN
            return ()
        return self.end(response)

    def end(self, response: Response) -> Iterator[Piece]:
        """Yields what is left to say, and what the response took. Raises if it is not complete."""
        self.ended = True
        for item in () if self._said_anything else response.output or ():
            yield from self._item(item)
        if rest := self._paragraphs.finish():
            yield rest
        reason = response.reason(self._limit)
        if reason == MAX_OUTPUT_TOKENS and self._said_anything:
            yield CUT_SHORT
        yield response.taken
        self._check(reason)

    @property
    def _said_anything(self) -> bool:
        return bool(self._calls) or not self._paragraphs.empty

    def _text(self, told: _StreamEvent) -> Iterable[str]:
        return self._add(_DELTA.decode(told.delta or b"null") or "", _index(told))

    def _add(self, text: str, index: int | None) -> Iterable[str]:
        self._streamed = True
        if self._half or not text.isprintable():
            text, self._half = _whole(self._half + text)
        shown = self._paragraphs.add(text, index)
        return (shown,) if shown else ()

    def _item(self, raw: msgspec.Raw, told: _StreamEvent | None = None) -> Iterator[Piece]:
        """Yields what a complete item adds: a call, or the text of a message that was not streamed."""
        kind = _EVENT.decode(raw).type
        item = OUTPUT_ITEM.decode(raw) if kind in ("message", "function_call") else None
        if kind == "reasoning":
            self._thoughts.append(raw.copy())
        elif item and kind == "message":
            yield from self._message(item, told)
        elif item and item.status != "incomplete":
            self._calls += 1
            yield call_of(item, self._thoughts, self._calls)
            self._thoughts.clear()

    def _message(self, item: Item, told: _StreamEvent | None) -> Iterator[str]:
        text = "" if self._streamed else item.text
        if shown := self._paragraphs.add(text, _index(told) if told else None):
            yield shown
        self._streamed = False
        self._paragraphs.end_item()

    def _fail(self, data: bytes) -> None:
        """Notes what went wrong. A server may tell it in two events, and say what it was in either."""
        decoded = msgspec.json.decode(data)
        failed = decoded.get("response") if decoded.get("type") == "response.failed" else decoded
        self.problem = problem_in(failed, headers=self._headers) or UNKNOWN

    def _check(self, reason: str) -> None:
        if not self._said_anything:
            raise (
                OutOfTokens(reason) if reason == MAX_OUTPUT_TOKENS else EmptyReply("the model said nothing")
            )
        if reason not in ("", MAX_OUTPUT_TOKENS):
            raise IncompleteReply(reason)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise IncompleteReply(f"an event that cannot be read ({type(error).__name__})") from None


def _half_text(data: bytes) -> tuple[str, int | None]:
    """Returns the text of a delta that holds half of a character, which JSON allows and msgspec does not, and
    the place of its item."""
    try:
        told = json.loads(data)
    except ValueError as error:
        raise msgspec.DecodeError from error
    kind, text, index = told.get("type"), told.get("delta"), told.get("output_index")
    if not (isinstance(kind, str) and kind in TEXT and isinstance(text, str)):
        raise msgspec.DecodeError
    return text, index if isinstance(index, int) else None


def _whole(text: str) -> tuple[str, str]:
    """Returns the text, of which halves of characters are joined, and the half at its end."""
    half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
    units = text.removesuffix(half).encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "replace"), half


def _index(told: _StreamEvent) -> int | None:
    return int(number) if (number := bytes(told.output_index)).isdigit() else None
