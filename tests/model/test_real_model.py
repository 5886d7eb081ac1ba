"""Replies of a real model, through the real client, from a server that others wrote.

What a model this small says is not looked at; that it arrives whole, is counted and can be ended is.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any, Literal

import httpx2
import msgspec
import openai
import pytest
from msgspec.structs import replace

from repartee.domain import usage
from repartee.domain.prompt import Prompt, PromptMessage, Tool, ToolCall, ToolRound
from repartee.domain.usage import Usage
from repartee.errors import InvalidArgument, NotFound, Unavailable
from repartee.ports.cancellation import CancelToken
from repartee.services.openai.client import make_openai_client
from repartee.services.openai.model import OpenAIModel
from repartee.services.openai.problems import PromptTooLong
from repartee.services.openai.second_tries import UNSEEN
from repartee.services.openai.small import OpenAISmallModel
from support.model_server import CONTEXT_TOKENS
from tests.support.model_api import text_of

NAME = "SmolLM2-135M-Instruct"
PROMPT = Prompt(
    "Answer in one short sentence.", (), "Who is asking: Ada", (PromptMessage("user", "Say hello."),)
)
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Search(msgspec.Struct):
    """What is looked for."""

    words: str
    kind: Literal["file", "message"] | None = None
    limit: int | None = None


SEARCH = Tool(name="search", description="Looks things up.", arguments=Search, run=lambda given: "nothing")


@pytest.fixture
def model(client: openai.OpenAI) -> OpenAIModel:
    return OpenAIModel(client, NAME, "none")


class Recording(httpx2.BaseTransport):
    """The way to the server, which keeps what passed. `change` may change a request before it leaves."""

    def __init__(self, change=lambda body: body) -> None:
        self._wire, self._change = httpx2.HTTPTransport(), change
        self.asked: list[dict[str, Any]] = []
        self.statuses: list[int] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        body = self._change(json.loads(request.content))
        self.asked.append(body)
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        answer = self._wire.handle_request(
            httpx2.Request(
                request.method, request.url, headers=headers, json=body, extensions=request.extensions
            )
        )
        self.statuses.append(answer.status_code)
        return answer


@pytest.fixture
def recording() -> Recording:
    return Recording()


def through(client: openai.OpenAI, wire: Recording) -> openai.OpenAI:
    return client.with_options(http_client=httpx2.Client(transport=wire, timeout=60.0))


def test_a_reply_is_streamed(model: OpenAIModel) -> None:
    """In pieces, as they are written, and at the end what it took."""
    *pieces, usage = model.stream(PROMPT)

    assert len(pieces) > 2
    assert text_of(pieces).strip()
    assert isinstance(usage, Usage)
    assert usage.input_tokens > 10
    assert len(pieces) <= usage.output_tokens <= len(pieces) + 2


def test_the_same_is_said_streamed_and_in_one_piece(client: openai.OpenAI, model: OpenAIModel) -> None:
    """No character is lost or added on the way: checked against the SDK's own reading."""
    streamed = text_of(model.stream(replace(PROMPT, context="")))
    whole = client.responses.create(
        model=NAME,
        instructions=PROMPT.instructions,
        input=[{"role": "user", "content": "Say hello."}],
        max_output_tokens=2_500,
    )

    assert streamed == whole.output_text


def test_what_was_said_before_is_taken(model: OpenAIModel) -> None:
    """People's words, the model's own, and what is known between them."""
    history = (
        PromptMessage("user", "Hi."),
        PromptMessage("assistant", "Hello! How can I help?"),
        PromptMessage("user", "Thanks."),
    )

    assert text_of(model.stream(replace(PROMPT, history=history))).strip()


def test_tools_and_what_they_found_are_taken(model: OpenAIModel) -> None:
    """Their schemas, calls and results, also of a call whose arguments were no JSON."""
    calls = (ToolCall("call_1", "search", '{"words": "keys"}'), ToolCall("call_2", "search", '{"words": '))
    rounds = (
        ToolRound("Let me look.", calls, ("On the hook.", "This failed: the arguments cannot be read")),
    )

    for prompt in (
        replace(PROMPT, tools=(SEARCH,)),
        replace(PROMPT, tools=(SEARCH,), rounds=rounds, final=True),
    ):
        *said, usage = model.stream(prompt)
        assert said
        assert isinstance(usage, Usage)


def test_a_prompt_that_is_too_long_is_shortened_until_it_fits(
    client: openai.OpenAI, recording: Recording
) -> None:
    """The real server says how many tokens there are and how many may be; one more try is enough."""
    history = tuple(
        PromptMessage("user", f"Message {number}: " + "some words of it " * 20) for number in range(60)
    )
    model = OpenAIModel(through(client, recording), NAME, "none")

    assert text_of(model.stream(replace(PROMPT, history=history))).strip()

    assert recording.statuses == [400, 200]
    assert recording.asked[1]["input"][-3:] == recording.asked[0]["input"][-3:]


def test_a_prompt_that_cannot_be_shortened_is_refused(model: OpenAIModel) -> None:
    """With an error that says why."""
    with pytest.raises(PromptTooLong) as too_long:
        list(model.stream(replace(PROMPT, instructions="Be kind. " * CONTEXT_TOKENS)))

    assert too_long.value.keep is not None
    assert "exceed_context_size_error" in str(too_long.value)


def test_a_server_without_eyes_answers_without_the_picture(
    client: openai.OpenAI, recording: Recording
) -> None:
    """And is told that it could not look."""
    model = OpenAIModel(through(client, recording), NAME, "none")

    assert text_of(
        model.stream(replace(PROMPT, asked=(PromptMessage("user", "What is this?", (PIXEL,)),)))
    ).strip()

    assert recording.statuses == [500, 200]
    assert recording.asked[1]["input"][-1]["content"].endswith(UNSEEN)


def test_a_reply_can_be_hung_up_on(model: OpenAIModel) -> None:
    """From another thread, while it is written; the server is free for the next at once."""
    hangup = CancelToken()
    stream = model.stream(replace(PROMPT, instructions="Write a very long story."), hangup)
    next(stream)
    threading.Timer(0.05, hangup.cancel).start()
    began = time.monotonic()

    with pytest.raises(Unavailable):
        list(stream)

    assert time.monotonic() - began < 5
    assert text_of(model.stream(PROMPT)).strip()


def test_a_stream_that_is_not_read_on_is_ended(model: OpenAIModel) -> None:
    """A muted reply costs no more tokens."""
    stream = model.stream(replace(PROMPT, instructions="Write a very long story."))
    next(stream)

    stream.close()

    assert list(stream) == []
    assert text_of(model.stream(PROMPT)).strip()


class Verdict(msgspec.Struct):
    """What is to be found out."""

    kind: Literal["question", "command"]
    urgent: bool
    room: Literal["kitchen", "office"] | None = None


def test_a_small_model_writes_a_sentence(client: openai.OpenAI) -> None:
    """In one piece, and what it took is counted."""
    with usage.collect() as spent:
        said = OpenAISmallModel(client, NAME).write_text("Answer in one sentence.", "How was my week?", 40)

    assert said
    assert [usage.output_tokens > 0 for usage in spent] == [True]


def test_what_is_not_the_struct_is_refused_and_not_quoted(client: openai.OpenAI) -> None:
    """Where a server does not know `text.format`, as here, the model answers in prose."""
    with pytest.raises(InvalidArgument, match="an analysis that cannot be read") as refused:
        OpenAISmallModel(client, NAME).extract("Repeat the message.", "ada@example.com", Verdict)

    assert "ada" not in str(refused.value)


def test_our_schemas_are_schemas_to_others(client: openai.OpenAI) -> None:
    """Under the name by which this server knows it, the model is held to the struct's schema."""

    def renamed(body: dict[str, Any]) -> dict[str, Any]:
        form = body["text"]["format"]
        return {**body, "response_format": {"type": "json_schema", "json_schema": form}}

    small = OpenAISmallModel(through(client, Recording(renamed)), NAME)

    found = small.extract("Is the message a question or a command?", "Mute the kitchen!", Verdict)

    assert isinstance(found, Verdict)


@pytest.mark.parametrize("path,error", [("/nowhere", NotFound), ("/v1", None)])
def test_an_address_that_is_wrong_is_told(llama: str, path: str, error: type[Exception] | None) -> None:
    """A base URL without its end is a common slip."""
    model = OpenAIModel(make_openai_client(lambda: "no-key", f"{llama}{path}"), NAME, "none")

    if error is None:
        assert text_of(model.stream(PROMPT))
        return
    with pytest.raises(error):
        list(model.stream(PROMPT))
