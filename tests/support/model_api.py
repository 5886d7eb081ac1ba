"""The model's API as answers that a test has written, met by the real SDK."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai

from repartee.domain.prompt import Prompt, PromptMessage, ToolCall
from repartee.domain.usage import Usage
from repartee.services.openai.model import OpenAIModel

PROMPT = Prompt("Be kind.", (), "Who is asking: Ada", (PromptMessage("user", "Which day is it?"),))


class Chunks(httpx2.SyncByteStream):
    """A body that arrives in pieces of so many bytes, and may break off."""

    def __init__(self, body: bytes, size: int, breaks: bool = False) -> None:
        self._body, self._size, self._breaks = body, size, breaks

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), self._size):
            yield self._body[start : start + self._size]
        if self._breaks:
            raise httpx2.RemoteProtocolError("peer closed connection without sending complete message body")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, which can be given more than once."""

    body: bytes
    size: int = 1 << 16
    breaks: bool = False
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> httpx2.Response:
        return httpx2.Response(
            self.status, headers=self.headers, stream=Chunks(self.body, self.size, self.breaks)
        )


def stream(
    body: bytes, size: int = 1 << 16, breaks: bool = False, headers: Mapping[str, str] | None = None
) -> Answer:
    """A streamed answer, in chunks of so many bytes, which may break off after the last."""
    return Answer(body, size, breaks, headers={"content-type": "text/event-stream", **(headers or {})})


def refusal(status: int, body: str, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with an HTTP error."""
    return Answer(
        body.encode(), status=status, headers={"content-type": "application/json", **(headers or {})}
    )


class ModelApi:
    """Gives these answers, one after another, the last of them again and again. Owns what was `asked`."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def client(self) -> openai.OpenAI:
        transport = httpx2.MockTransport(self._answer)
        return openai.OpenAI(api_key="sk", max_retries=0, http_client=httpx2.Client(transport=transport))

    def stream(self, prompt: Prompt = PROMPT, effort: str = "none") -> Iterator[str | ToolCall | Usage]:
        return OpenAIModel(self.client(), "some-model", effort).stream(prompt)

    def reply(self, prompt: Prompt = PROMPT, effort: str = "none") -> list[str | ToolCall | Usage]:
        return list(self.stream(prompt, effort))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(json.loads(request.content))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer.response()


def text_of(pieces: Iterable[str | ToolCall | Usage]) -> str:
    """Returns the text of a stream, as a person reads it."""
    return "".join(piece for piece in pieces if isinstance(piece, str))
