"""Replies from the Responses API."""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import Any

import msgspec
import openai

from repartee.domain.prompt import Prompt, PromptMessage, Tool, ToolCall, ToolRound
from repartee.domain.usage import Usage
from repartee.errors import Unavailable
from repartee.ports.cancellation import CancelToken
from repartee.services.openai.client import BACKEND, translating
from repartee.services.openai.events import pieces
from repartee.services.openai.schema import strict_schema

LONGEST_REPLY = 2_500
"""Tokens of one reply. More than anybody reads in a chat, and it fits into one message."""

UNSEEN = "[What is shown here could not be looked at: the picture may be damaged. Say so in your answer.]"


class OpenAIModel:
    """`ports.Model` on the Responses API. Nothing is stored at the provider."""

    def __init__(self, client: openai.OpenAI, model: str, effort: str) -> None:
        self._client, self._model = client, model
        self._reasoning: Any = {"effort": effort} if effort else openai.omit
        self._thinks = effort not in ("", "none")

    def stream(
        self, prompt: Prompt, hangup: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        hangup = hangup or CancelToken()
        if hangup.cancelled:
            raise Unavailable(BACKEND, "hung up")
        with translating(), ExitStack() as closing:
            response = self._begin(prompt, closing)
            closing.enter_context(hangup.bind(lambda: _hang_up(response)))
            yield from pieces(response.iter_lines())

    def _begin(self, prompt: Prompt, closing: ExitStack) -> openai.APIResponse[Any]:
        """The response; at the second attempt where the first met nobody, as after a freeze, or pictures that
        the provider does not take: one that is damaged, or whose link it cannot follow."""
        try:
            return closing.enter_context(self._call(prompt))
        except openai.APITimeoutError:
            raise
        except (openai.APIConnectionError, openai.InternalServerError):
            return closing.enter_context(self._call(prompt))
        except openai.BadRequestError:
            if not any(line.images for line in (*prompt.history, *prompt.incoming)):
                raise
            return closing.enter_context(self._call(_blind(prompt)))

    def _call(self, prompt: Prompt) -> AbstractContextManager[openai.APIResponse[Any]]:
        """The request, which is sent when the context is entered."""
        return self._client.responses.with_streaming_response.create(
            model=self._model,
            instructions=prompt.instructions,
            input=list(_input(prompt)),
            tools=[_tool(tool) for tool in prompt.tools] or openai.omit,
            tool_choice="none" if prompt.tools and prompt.must_answer else openai.omit,
            include=["reasoning.encrypted_content"] if prompt.tools and self._thinks else openai.omit,
            prompt_cache_key=prompt.cache_key or openai.omit,
            max_output_tokens=LONGEST_REPLY,
            store=False,
            stream=True,
            reasoning=self._reasoning,
        )


def _blind(prompt: Prompt) -> Prompt:
    """The same without pictures, and a word about that."""
    history, asked = ([_unseen(line) for line in lines] for lines in (prompt.history, prompt.incoming))
    return msgspec.structs.replace(prompt, history=tuple(history), incoming=tuple(asked))


def _unseen(line: PromptMessage) -> PromptMessage:
    return PromptMessage(line.side, f"{line.text}\n\n{UNSEEN}") if line.images else line


def _hang_up(response: openai.APIResponse[Any]) -> None:
    """Wakes whoever reads the response. Closing it from another thread would not: the socket's end does."""
    stream = response.http_response.extensions.get("network_stream")
    connection = stream and stream.get_extra_info("socket")
    with suppress(OSError):
        if connection:
            socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _input(prompt: Prompt) -> Iterator[Any]:
    yield from map(_item, prompt.history)
    if prompt.context:
        yield {"role": "developer", "content": prompt.context}
    yield from map(_item, prompt.incoming)
    for one in prompt.rounds:
        yield from _round(one)


def _item(line: PromptMessage) -> dict[str, Any]:
    if not line.images:
        return {"role": line.side, "content": line.text}
    images = [{"type": "input_image", "image_url": link, "detail": "auto"} for link in line.images]
    return {"role": line.side, "content": [{"type": "input_text", "text": line.text}, *images]}


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
        yield {"role": "assistant", "content": one.text}
    for call in one.calls:
        yield from map(msgspec.json.decode, call.reasoning_items)
        yield {
            "type": "function_call",
            "call_id": call.id,
            "name": call.name,
            "arguments": call.arguments,
        }
    for call, result in zip(one.calls, one.results, strict=True):
        yield {"type": "function_call_output", "call_id": call.id, "output": result}
