"""Stands in for OpenAI: the Responses API with its streaming wire format, and real embeddings.

What it answers is scripted (reply_script.py); how it answers is the API's: event order, usage, errors.
Written after https://platform.openai.com/docs/api-reference/responses-streaming.
"""

from __future__ import annotations

import json
import random
import re
import string
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.model_tokens import tokens
from standins.openai import erp_script, reply_script
from standins.openai.answers import answer_by_rules
from standins.openai.arguments import Request, checked
from standins.openai.errors import ModelError
from standins.openai.limits import CACHE_STEP_TOKENS, MIN_CACHED_TOKENS

KEY = "sk-local-standin"
PIECE = re.compile(r"\s*\S{1,7}|\s+$")
TOO_LONG = "Your input exceeds the context window of this model. Please adjust your input and try again."


@dataclass(frozen=True)
class Pace:
    """How many seconds the model thinks before its first token, and how many tokens a second it writes."""

    first_token: float = 0.35
    per_second: float = 90.0

    def waiting(self, tokens: int) -> float:
        """Returns the scripted waiting of a whole reply."""
        return self.first_token + tokens / self.per_second


@dataclass(frozen=True)
class Scripted:
    """One answer that a test has written: what is said, and the tools that are then asked for."""

    text: str = ""
    calls: tuple[Mapping[str, Any], ...] = ()


@dataclass
class ModelStandIn:
    """The API's state: which prompts it has seen, and what was asked. Not for more than one thread."""

    clock: Callable[[], float]
    pace: Pace = Pace()
    key: str = KEY
    randomness: random.Random = field(default_factory=random.Random)
    asked: list[dict[str, Any]] = field(default_factory=list)
    script: deque[Scripted] = field(default_factory=deque)
    """The next answers, before the stand-in's own."""
    context_tokens: int = 128_000
    """The tokens of a request that the model takes."""
    thinks: Mapping[str, int] = field(default_factory=dict)
    """How many tokens it thinks before it writes, by the effort that is asked for."""
    _seen: list[str] = field(default_factory=list)

    def authenticate(self, authorization: str) -> None:
        key = authorization.removeprefix("Bearer ").strip()
        if not key:
            raise ModelError(401, "You didn't provide an API key. You need to provide your API key in an "
                "Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).")  # fmt: skip
        if key != self.key:
            shown = key[:3] + "*" * 8 + key[-4:]
            raise ModelError(401, f"Incorrect API key provided: {shown}. You can find your API key at "
                "https://platform.openai.com/account/api-keys.", code="invalid_api_key")  # fmt: skip

    def respond(self, request: Request) -> Writing:
        """Begins a reply. Raises `ModelError` for what the API would refuse."""
        items = checked(request)
        self.asked.append(dict(request))
        usage = self._usage(request, items)
        if usage["input_tokens"] > self.context_tokens:
            return self._overflow(request, usage)
        scripted = self.script.popleft() if self.script else None
        begun = reply_script.cut_continuation(items)
        looked_up = erp_script.answered(request, items)
        ours = Scripted(*looked_up) if looked_up else Scripted(answer_by_rules(request, items))
        answer = scripted or ours
        limit = request.get("max_output_tokens") or self.context_tokens
        thoughts = min(limit, self.thinks.get((request.get("reasoning") or {}).get("effort") or "", 0))
        text = answer.text if scripted else answer.text[len(begun) :]
        pieces = PIECE.findall(text)[: limit - thoughts]
        calls_tools = request.get("tools") and thoughts < limit
        calls = [self._call(call) for call in answer.calls] if calls_tools else []
        return Writing(self, request, pieces, usage, calls, thoughts)

    def _overflow(self, request: Request, usage: dict[str, Any]) -> Writing:
        """Returns the refusal of a request that is too long. In a stream it comes after the answer began with
        200."""
        refusal = ModelError(400, TOO_LONG, param="input", code="context_length_exceeded")
        if not request.get("stream"):
            raise refusal
        return Failing(self, request, [], usage, problem=refusal.body["error"])

    def _call(self, call: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "id": self.id("fc_"),
            "type": "function_call",
            "status": "completed",
            "call_id": self.id("call_"),
            "name": call["name"],
            "arguments": json.dumps(call["arguments"]),
        }

    def id(self, prefix: str) -> str:
        return prefix + "".join(self.randomness.choices("0123456789abcdef", k=48))

    def padding(self, piece: str) -> str:
        """Random letters beside a delta, so that its size does not tell what it says."""
        return "".join(self.randomness.choices(string.ascii_letters, k=max(1, 16 - len(piece))))

    def _usage(self, request: Request, items: list[tuple[str, str]]) -> dict[str, Any]:
        prompt = "\n".join([str(request.get("instructions") or ""), *(text for _, text in items)])
        shared = max((_shared(prompt, seen) for seen in self._seen), default=0) // 4
        self._seen = [*self._seen[-20:], prompt]
        cached = shared // CACHE_STEP_TOKENS * CACHE_STEP_TOKENS if shared >= MIN_CACHED_TOKENS else 0
        size = tokens(prompt) + tokens(json.dumps(request.get("tools") or ""))
        return {"input_tokens": size, "input_tokens_details": {"cached_tokens": cached}}


@dataclass(frozen=True)
class Writing:
    """One reply on its way: as events, or at once."""

    model: ModelStandIn
    request: Request
    pieces: list[str]
    usage: dict[str, Any]
    calls: list[dict[str, Any]] = field(default_factory=list)
    thoughts: int = 0

    def whole(self) -> dict[str, Any]:
        """Returns the answer without streaming."""
        return self._response("completed", self._output(self.model.id("msg_")))

    def _output(self, item: str) -> list[dict[str, Any]]:
        thought = [self._thought(f"rs_{item}")] if self.thoughts else []
        output = [self._message(item, "".join(self.pieces))] if self.pieces else []
        return [*thought, *output, *self.calls]

    def events(self) -> Iterator[tuple[float, dict[str, Any]]]:
        """Yields the stream's events, each after so many seconds of waiting."""
        for number, (wait, event) in enumerate(self._unnumbered()):
            yield wait, {**event, "sequence_number": number}

    def _unnumbered(self) -> Iterator[tuple[float, dict[str, Any]]]:
        response_id, item = self.model.id("resp_"), self.model.id("msg_")
        started = self._response("in_progress", [], response_id)
        yield 0, {"type": "response.created", "response": started}
        yield 0, {"type": "response.in_progress", "response": started}
        if self.thoughts:
            yield from self._thinks(f"rs_{item}")
        if self.pieces:
            yield from self._said(item)
        for place, call in enumerate(self.calls, start=bool(self.pieces) + bool(self.thoughts)):
            yield from self._called(call, place)
        done = self._response("completed", self._output(item), response_id)
        yield 0, {"type": f"response.{done['status']}", "response": done}

    def _thought(self, item: str) -> dict[str, Any]:
        secret = {"encrypted_content": "gAAAAAB"} if self.request.get("include") else {}
        return {"id": item, "type": "reasoning", "summary": [], **secret}

    def _thinks(self, item: str) -> Iterator[tuple[float, dict[str, Any]]]:
        thought = self._thought(item)
        yield 0, {"type": "response.output_item.added", "output_index": 0, "item": thought}
        waiting = self.thoughts / self.model.pace.per_second
        yield waiting, {"type": "response.output_item.done", "output_index": 0, "item": thought}

    def _said(self, item: str) -> Iterator[tuple[float, dict[str, Any]]]:
        opened = {**self._message(item, ""), "status": "in_progress", "content": []}
        yield self.model.pace.first_token, self._item("added", opened)
        yield from self._text(item)
        yield 0, self._item("done", self._message(item, "".join(self.pieces)))

    def _called(self, call: dict[str, Any], place: int) -> Iterator[tuple[float, dict[str, Any]]]:
        at = {"item_id": call["id"], "output_index": place}
        opened = {**call, "arguments": "", "status": "in_progress"}
        added = {"type": "response.output_item.added", "output_index": place, "item": opened}
        yield 0 if place else self.model.pace.first_token, added
        for piece in PIECE.findall(call["arguments"]):
            padding = self.model.padding(piece)
            kind = "response.function_call_arguments.delta"
            yield 1 / self.model.pace.per_second, {"type": kind, **at, "delta": piece, "obfuscation": padding}
        yield 0, {"type": "response.function_call_arguments.done", **at, "arguments": call["arguments"]}
        yield 0, {"type": "response.output_item.done", "output_index": place, "item": call}

    def _text(self, item: str) -> Iterator[tuple[float, dict[str, Any]]]:
        place = {"item_id": item, "output_index": int(bool(self.thoughts)), "content_index": 0}
        text = "".join(self.pieces)
        yield 0, {"type": "response.content_part.added", **place, "part": _part("")}
        for piece in self.pieces:
            delta = {"delta": piece, "logprobs": [], "obfuscation": self.model.padding(piece)}
            yield 1 / self.model.pace.per_second, {"type": "response.output_text.delta", **place, **delta}
        yield 0, {"type": "response.output_text.done", **place, "text": text, "logprobs": []}
        yield 0, {"type": "response.content_part.done", **place, "part": _part(text)}

    def _item(self, what: str, item: dict[str, Any]) -> dict[str, Any]:
        place = int(bool(self.thoughts))
        return {"type": f"response.output_item.{what}", "output_index": place, "item": item}

    def _message(self, item: str, text: str) -> dict[str, Any]:
        return {
            "id": item,
            "type": "message",
            "status": self._end,
            "role": "assistant",
            "content": [_part(text)],
        }

    @property
    def _end(self) -> str:
        cut = len(self.pieces) + self.thoughts == self.request.get("max_output_tokens")
        return "incomplete" if cut else "completed"

    def _response(self, status: str, output: list[dict[str, Any]], response_id: str = "") -> dict[str, Any]:
        status = self._end if status == "completed" else status
        request = self.request
        return {
            "id": response_id or self.model.id("resp_"),
            "object": "response",
            "created_at": int(self.model.clock()),
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "instructions": request.get("instructions"),
            "max_output_tokens": request.get("max_output_tokens"),
            "model": request["model"],
            "output": output,
            "parallel_tool_calls": True,
            "previous_response_id": None,
            "prompt_cache_key": request.get("prompt_cache_key"),
            "reasoning": {"effort": None, "summary": None, **(request.get("reasoning") or {})},
            "safety_identifier": request.get("safety_identifier"),
            "service_tier": "auto" if status == "in_progress" else "default",
            "store": request.get("store", True),
            "temperature": 1.0,
            "text": {"format": {"type": "text"}, "verbosity": "medium", **(request.get("text") or {})},
            "tool_choice": request.get("tool_choice") or "auto",
            "tools": request.get("tools") or [],
            "top_p": 1.0,
            "truncation": "disabled",
            "usage": None if status == "in_progress" else self._used(),
            "metadata": request.get("metadata") or {},
        }

    def _used(self) -> dict[str, Any]:
        written = len(self.pieces) + self.thoughts
        details = {"output_tokens_details": {"reasoning_tokens": self.thoughts}}
        total = {"output_tokens": written, "total_tokens": self.usage["input_tokens"] + written}
        return {**self.usage, **details, **total}


@dataclass(frozen=True)
class Failing(Writing):
    """A stream that began with 200, and then tells what is wrong."""

    problem: Mapping[str, Any] = field(default_factory=dict)

    def _unnumbered(self) -> Iterator[tuple[float, dict[str, Any]]]:
        response_id = self.model.id("resp_")
        started = self._response("in_progress", [], response_id)
        yield 0, {"type": "response.created", "response": started}
        yield 0, {"type": "response.in_progress", "response": started}
        yield 0, {"type": "error", "error": dict(self.problem)}
        error = {name: self.problem[name] for name in ("code", "message")}
        yield 0, {"type": "response.failed", "response": {**started, "status": "failed", "error": error}}


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def _shared(one: str, other: str) -> int:
    """Returns how many characters two texts have in common at their start."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    return low
