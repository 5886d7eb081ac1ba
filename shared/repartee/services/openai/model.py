"""Replies from the Responses API."""

from __future__ import annotations

from collections.abc import Generator
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
        call = self._client.with_options(max_retries=1).responses.with_streaming_response.create(
            model=self._model,
            instructions=prompt.instructions,
            input=_input(prompt),
            max_output_tokens=LONGEST_REPLY,
            store=False,
            stream=True,
            reasoning=self._reasoning,
        )
        with translating(), call as response:
            yield from pieces(response.iter_lines())


def _input(prompt: Prompt) -> Any:
    context = [{"role": "developer", "content": prompt.context}] if prompt.context else []
    return [*map(_item, prompt.history), *context, *map(_item, prompt.asked)]


def _item(line: Line) -> dict[str, str]:
    return {"role": line.side, "content": line.text}
