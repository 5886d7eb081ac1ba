"""A request for a reply, in the words of the Responses API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from repartee.domain.prompt import Prompt, PromptMessage, Tool, ToolRound
from repartee.services.openai.schema import strict_schema
from repartee.services.openai.wire import NO_ARGUMENTS

MAX_REPLY_TOKENS = 2_500
"""Tokens of one answer of the model. More than most read in a chat, and it fits into one message."""

GO_ON = (
    "Your answer met the limit on its length. Go on exactly where it stops, in the same language and form: "
    "repeat nothing, and say no word about it. Answer shortly what is still unanswered."
)
"""Asks the model to go on with an answer that was cut."""

REASONING_TOKENS = {
    "": 0,
    "none": 0,
    "minimal": 1_000,
    "low": 4_000,
    "medium": 12_000,
    "high": 25_000,
    "xhigh": 50_000,
}
"""Tokens that a model may take to think, beside those of its reply, by its effort. The API's limit counts
both. https://developers.openai.com/api/docs/guides/reasoning"""

MORE_REASONING_TOKENS = 8_000
"""Tokens to think at the second try, of a model that has used up its first ones before it said a word."""

LESS_EFFORT = {"xhigh": "low", "high": "low", "medium": "low"}
"""The effort at that try. Every model that thinks knows `low`."""


class ReplyRequest(msgspec.Struct, frozen=True):
    """One request for a reply: the prompt and the reasoning effort."""

    prompt: Prompt
    effort: str = "none"
    reasoning_tokens: int = 0

    @property
    def max_tokens(self) -> int:
        """The limit on the tokens of thoughts and reply together."""
        return MAX_REPLY_TOKENS + self.reasoning_tokens

    @property
    def continues(self) -> bool:
        """Whether the model goes on with what it has begun to write."""
        return bool(self.prompt.rounds) and not self.prompt.rounds[-1].calls

    def with_less_effort(self) -> ReplyRequest:
        """Returns the same with less thinking, and with more room for it."""
        effort = LESS_EFFORT.get(self.effort, self.effort)
        room = max(MORE_REASONING_TOKENS, self.reasoning_tokens)
        return ReplyRequest(self.prompt, effort, room)

    def with_prompt(self, prompt: Prompt) -> ReplyRequest:
        """Returns the same for another prompt."""
        return ReplyRequest(prompt, self.effort, self.reasoning_tokens)

    def arguments(self) -> dict[str, Any]:
        """Returns the arguments of the call, without those that are left out."""
        prompt, thinks = self.prompt, self.effort not in ("", "none")
        arguments: dict[str, Any] = {
            "instructions": prompt.instructions,
            "input": list(_input(prompt)),
            "max_output_tokens": self.max_tokens,
        }
        if prompt.tools:
            arguments["tools"] = [_tool(tool) for tool in prompt.tools]
            arguments |= {"tool_choice": "none"} if prompt.must_answer else {}
            arguments |= {"include": ["reasoning.encrypted_content"]} if thinks else {}
        if prompt.cache_key:
            arguments["prompt_cache_key"] = prompt.cache_key
        if self.effort:
            arguments["reasoning"] = {"effort": self.effort}
        return arguments


def first_request(prompt: Prompt, effort: str) -> ReplyRequest:
    """Returns the request that is tried first."""
    return ReplyRequest(prompt, effort, REASONING_TOKENS.get(effort, MORE_REASONING_TOKENS))


def _input(prompt: Prompt) -> Iterator[Any]:
    yield from map(_message, prompt.history)
    if prompt.context:
        yield {"role": "developer", "content": prompt.context}
    yield from map(_message, prompt.incoming)
    for one in prompt.rounds:
        yield from _round(one)


def _message(line: PromptMessage) -> dict[str, Any]:
    if line.side == "assistant":
        return _own(line.text)
    if not line.images:
        return {"role": line.side, "content": line.text}
    images = [{"type": "input_image", "image_url": link, "detail": "auto"} for link in line.images]
    return {"role": line.side, "content": [{"type": "input_text", "text": line.text}, *images]}


def _own(text: str) -> dict[str, Any]:
    """Returns an assistant's message as an input item. llama.cpp requires its type."""
    return {"type": "message", "role": "assistant", "content": text}


def _tool(tool: Tool) -> Any:
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": strict_schema(tool.arguments),
        "strict": True,
    }


def _round(one: ToolRound) -> Iterator[Any]:
    if one.text:
        yield _own(one.text)
    if not one.calls:
        yield {"role": "developer", "content": GO_ON}
    for call in one.calls:
        yield from map(msgspec.json.decode, call.reasoning_items)
        yield {
            "type": "function_call",
            "call_id": call.id,
            "name": call.name,
            "arguments": _parsable(call.arguments),
        }
    for call, result in zip(one.calls, one.results, strict=True):
        yield {"type": "function_call_output", "call_id": call.id, "output": result}


def _parsable(arguments: str) -> str:
    """Arguments that the model did not write as a JSON object are not sent back: servers that run a chat
    template parse them, and refuse the request. The call's result tells the model what was wrong."""
    try:
        msgspec.json.decode(arguments, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return NO_ARGUMENTS
    return arguments
