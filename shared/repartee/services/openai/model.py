"""Replies from the Responses API."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import openai

from repartee.conversation.prompt import Line, Prompt, Usage
from repartee.services.openai.client import translating
from repartee.services.openai.events import pieces

LONGEST_REPLY = 2_500
"""Tokens of one reply. More than anybody reads in a chat, and it fits into one message."""


class OpenAIModel:
    """`ports.Model` on the Responses API. Nothing is stored at the provider."""

    def __init__(self, client: openai.OpenAI, model: str, effort: str) -> None:
        self._client, self._model = client, model
        self._reasoning: Any = {"effort": effort} if effort else openai.omit

    def stream(self, prompt: Prompt) -> Generator[str | Usage, None, None]:
        with translating(), ExitStack() as closing:
            try:
                response = closing.enter_context(self._call(prompt))
            except openai.APITimeoutError:
                raise
            except (openai.APIConnectionError, openai.InternalServerError):  # as after a freeze: once more
                response = closing.enter_context(self._call(prompt))
            yield from pieces(response.iter_lines())

    def _call(self, prompt: Prompt) -> AbstractContextManager[openai.APIResponse[Any]]:
        """The request, which is sent when the context is entered."""
        return self._client.responses.with_streaming_response.create(
            model=self._model,
            instructions=prompt.instructions,
            input=_input(prompt),
            max_output_tokens=LONGEST_REPLY,
            store=False,
            stream=True,
            reasoning=self._reasoning,
        )


def _input(prompt: Prompt) -> Any:
    context = [{"role": "developer", "content": prompt.context}] if prompt.context else []
    return [*map(_item, prompt.history), *context, *map(_item, prompt.asked)]


def _item(line: Line) -> dict[str, str]:
    return {"role": line.side, "content": line.text}
