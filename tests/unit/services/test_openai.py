"""The model and the embeddings through the real SDK, over HTTP, to the stand-in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import sleep
from typing import Literal

import httpx2
import msgspec
import openai
import pytest
from msgspec.structs import replace

from repartee.domain import usage
from repartee.domain.prompt import Prompt, PromptMessage, Tool, ToolCall, ToolRound
from repartee.domain.usage import Usage
from repartee.errors import (
    BackendError,
    DeadlineExceeded,
    IncompleteReply,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ReparteeError,
    Throttled,
    Unavailable,
)
from repartee.plan import deadline
from repartee.ports.cancellation import CancelToken
from repartee.services.openai.client import make_openai_client
from repartee.services.openai.embedder import MAX_TEXT_BYTES, OpenAIEmbedder
from repartee.services.openai.model import OpenAIModel
from repartee.services.openai.request import GO_ON
from repartee.services.openai.small import OpenAISmallModel
from standins.openai.arguments import EMBEDDING_MODEL, MODEL
from standins.openai.server import KEY, Pace, Scripted
from tests.support.standin_server import StandInClient, serve_standins

PATIENCE = 30.0
"""Seconds within which the stand-in has answered, however busy the machine is."""

PROMPT = Prompt(
    instructions="Be kind.",
    history=(PromptMessage("user", "Hi."), PromptMessage("assistant", "Hello!")),
    context="Who is asking: Ada",
    incoming=(PromptMessage("user", "Where are the keys?"), PromptMessage("user", "And the car?")),
)


@pytest.fixture(scope="module")
def served() -> Iterator[StandInClient]:
    with serve_standins() as up:
        yield up


@pytest.fixture
def api(served: StandInClient) -> StandInClient:
    """The stand-ins with nothing in them."""
    served.reset_standins()
    return served


def client(api: StandInClient, key: str = KEY, patience: float = PATIENCE) -> openai.OpenAI:
    """Ours, which waits for an answer as long as this."""
    longest = httpx2.Timeout(patience, connect=PATIENCE)
    return make_openai_client(lambda: key, f"{api.url}/openai/v1").with_options(timeout=longest)


def reply(
    api: StandInClient, *, key: str = KEY, model: str = MODEL, patience: float = PATIENCE
) -> list[str | ToolCall | Usage]:
    return list(OpenAIModel(client(api, key, patience), model, "none").stream(PROMPT))


def embed(
    api: StandInClient, *, key: str = KEY, model: str = EMBEDDING_MODEL, patience: float = PATIENCE
) -> object:
    with deadline.limited_to(patience):
        return OpenAIEmbedder(client(api, key), model).embed(["a dog"])


def test_a_reply_is_written_in_pieces(api: StandInClient) -> None:
    """Its text in many pieces, and at the end what it took."""
    *text, usage = reply(api)

    assert "".join(map(str, text)).startswith("Hi Ada!")
    assert len(text) > 10
    assert isinstance(usage, Usage)
    assert usage.input_tokens > 0
    assert usage.output_tokens == len(text)


def test_the_request_is_what_the_prompt_says(api: StandInClient) -> None:
    """Instructions, history, context, what is asked: in the order in which a provider can cache it."""
    reply(api)

    (asked,) = api.get_json("asked")
    assert asked["instructions"] == "Be kind."
    assert asked["input"] == [
        {"role": "user", "content": "Hi."},
        {"type": "message", "role": "assistant", "content": "Hello!"},
        {"role": "developer", "content": "Who is asking: Ada"},
        {"role": "user", "content": "Where are the keys?"},
        {"role": "user", "content": "And the car?"},
    ]


def test_nothing_is_stored_at_the_provider(api: StandInClient) -> None:
    """What people say is not kept by whom we only ask."""
    reply(api)

    assert api.get_json("asked")[0]["store"] is False


class Search(msgspec.Struct):
    """What is looked for."""

    words: str
    limit: int | None = None


SEARCH = Tool(name="search", description="Looks things up.", arguments=Search, run=lambda given: "nothing")


def scripted(api: StandInClient, *answers: dict[str, object]) -> None:
    api.standins.model.script.extend(Scripted(**answer) for answer in answers)  # type: ignore[arg-type]


def test_a_model_may_ask_for_tools(api: StandInClient) -> None:
    """What it says before comes first; its calls have their arguments as it wrote them."""
    arguments = {"words": "the keys", "limit": None}
    scripted(api, {"text": "Let me look.", "calls": ({"name": "search", "arguments": arguments},)})

    *said, call, usage = OpenAIModel(client(api), MODEL, "none").stream(replace(PROMPT, tools=(SEARCH,)))

    assert "".join(map(str, said)) == "Let me look."
    assert isinstance(call, ToolCall)
    assert (call.name, msgspec.json.decode(call.arguments)) == ("search", arguments)
    assert isinstance(usage, Usage)


def test_what_tools_found_is_given_back(api: StandInClient) -> None:
    """The calls of an earlier answer and their results follow what was asked, and the API takes them."""
    rounds = (
        ToolRound("Let me look.", (ToolCall("call_1", "search", '{"words": "keys"}'),), ("On the hook.",)),
    )

    list(OpenAIModel(client(api), MODEL, "none").stream(replace(PROMPT, tools=(SEARCH,), rounds=rounds)))

    last = api.get_json("asked")[0]["input"][-3:]
    assert [item["type"] for item in last] == [
        "message",
        "function_call",
        "function_call_output",
    ]
    assert last[2]["output"] == "On the hook."


def test_a_model_goes_on_with_what_it_has_begun(api: StandInClient) -> None:
    """It is given its own words, and that they met the limit; a line break before the next ones stays."""
    scripted(api, {"text": "\n\nIn the hall."})
    begun = ToolRound("On the hook.", (), ())

    *said, _ = OpenAIModel(client(api), MODEL, "none").stream(replace(PROMPT, rounds=(begun,)))

    assert "".join(map(str, said)) == "\n\nIn the hall."
    own, order = api.get_json("asked")[0]["input"][-2:]
    assert (own["role"], own["content"]) == ("assistant", "On the hook.")
    assert (order["role"], order["content"]) == ("developer", GO_ON)


def test_a_model_that_must_answer_now_may_not_use_its_tools(api: StandInClient) -> None:
    """They stay in the request, so that its front is what the provider has seen before."""
    list(OpenAIModel(client(api), MODEL, "none").stream(replace(PROMPT, tools=(SEARCH,), must_answer=True)))

    asked = api.get_json("asked")[0]
    assert asked["tool_choice"] == "none"
    assert [tool["name"] for tool in asked["tools"]] == ["search"]


def test_a_model_that_is_silent_can_be_hung_up_on(api: StandInClient) -> None:
    """From another thread, while it thinks: the caller need not wait for its first word."""
    api.standins.model.pace = Pace(first_token=30.0)
    hangup = CancelToken()
    stream = OpenAIModel(client(api), MODEL, "none").stream(PROMPT, hangup)

    def hangs_up() -> None:
        while not api.get_json("asked"):
            sleep(0.01)
        hangup.cancel()

    other = threading.Thread(target=hangs_up, daemon=True)
    other.start()

    with pytest.raises(BackendError) as raised:
        list(stream)

    assert not isinstance(raised.value, DeadlineExceeded)
    other.join()


def test_after_a_hangup_no_call_is_made_to_the_end(api: StandInClient) -> None:
    """Who was told to stop does not begin again."""
    hangup = CancelToken()
    hangup.cancel()

    with pytest.raises(BackendError):
        list(OpenAIModel(client(api), MODEL, "none").stream(PROMPT, hangup))


class Verdict(msgspec.Struct):
    """What is to be found out."""

    kind: Literal["question", "order"]
    words: list[str] = []


def test_a_small_model_writes_a_sentence(api: StandInClient) -> None:
    """In one piece, and what it took is counted."""
    scripted(api, {"text": "Looking at your week."})

    with usage.collect() as spent:
        said = OpenAISmallModel(client(api), MODEL).write_text("One sentence.", "How was my week?")

    assert said == "Looking at your week."
    assert [usage.model for usage in spent] == [MODEL]


def test_a_small_model_fills_in_a_struct(api: StandInClient) -> None:
    """The API is given its schema, and takes it."""
    scripted(api, {"text": '{"kind": "order", "words": ["mute"]}'})

    found = OpenAISmallModel(client(api), MODEL).extract("What is it?", "mute", Verdict)

    assert found == Verdict("order", ["mute"])


@pytest.mark.parametrize("said", ["", "I think it is an order", '{"kind": "guess", "words": []}', "[" * 5000])
def test_nonsense_of_a_small_model_is_refused(api: StandInClient, said: str) -> None:
    """What is not the struct is no answer."""
    scripted(api, {"text": said})

    with pytest.raises(InvalidArgument):
        OpenAISmallModel(client(api), MODEL).extract("What is it?", "mute", Verdict)


def test_nonsense_of_a_small_model_is_not_quoted(api: StandInClient) -> None:
    """It may repeat what a person wrote, and the reason may be logged."""
    scripted(api, {"text": '{"kind": "ada@example.com", "words": []}'})

    with pytest.raises(InvalidArgument, match=r"ValidationError `\$\.kind`") as refused:
        OpenAISmallModel(client(api), MODEL).extract("What is it?", "mute", Verdict)

    assert "ada" not in str(refused.value)


def test_a_stream_that_nobody_reads_on_is_ended(api: StandInClient) -> None:
    """Closing it ends the call: a muted reply costs no more tokens."""
    stream = OpenAIModel(client(api), MODEL, "none").stream(PROMPT)
    next(stream)

    stream.close()

    assert list(stream) == []


@pytest.mark.parametrize("call", [reply, embed])
@pytest.mark.parametrize(
    "how,error",
    [({"key": "sk-wrong"}, PermissionDenied), ({"model": "gpt-0"}, NotFound)],
)
def test_what_is_set_wrongly_is_told(
    api: StandInClient, call: Callable[..., object], how: dict[str, str], error: type[BackendError]
) -> None:
    """A key that is not accepted and a model that does not exist are different problems."""
    with pytest.raises(error) as raised:
        call(api, **how)

    assert "wrong" not in str(raised.value)


@pytest.mark.parametrize("call", [reply, embed])
@pytest.mark.parametrize(
    "fault,error",
    [
        ({"kind": "error", "status": 400}, InvalidArgument),
        ({"kind": "error", "status": 403}, PermissionDenied),
        ({"kind": "error", "status": 500}, Unavailable),
        ({"kind": "error", "status": 503}, Unavailable),
        ({"kind": "hangup"}, Unavailable),
    ],
)
def test_what_goes_wrong_there_is_told(
    api: StandInClient, call: Callable[..., object], fault: dict[str, object], error: type[BackendError]
) -> None:
    """Each way in which the API fails reads as one of ours."""
    api.post_json("faults", at="model:*", times=-1, **fault)

    with pytest.raises(error):
        call(api)


@pytest.mark.parametrize("call", [reply, embed])
def test_who_does_not_answer_in_time_is_late(api: StandInClient, call: Callable[..., object]) -> None:
    """Silence is not waited for."""
    api.post_json("faults", at="model:*", times=-1, kind="slow", seconds=PATIENCE)

    with pytest.raises(DeadlineExceeded):
        call(api, patience=0.3)


def test_too_many_calls_say_when_to_come_back(api: StandInClient) -> None:
    """With the provider's own time."""
    api.post_json("faults", at="model:*", kind="error", status=429, seconds=7)

    with pytest.raises(Throttled) as throttled:
        embed(api)

    assert throttled.value.retry_after == 7


def test_a_model_that_stumbles_once_is_asked_again(api: StandInClient) -> None:
    """Before the first word one failure is nobody's business."""
    api.post_json("faults", at="model:responses", kind="error", status=500)

    assert str(reply(api)[0])


@pytest.mark.parametrize("kind,error", [("cut", IncompleteReply), ("failed", Unavailable)])
def test_a_reply_may_break_off(api: StandInClient, kind: str, error: type[ReparteeError]) -> None:
    """What was written until then is given, then it is told."""
    api.post_json("faults", at="model:responses", kind=kind, after=10)
    stream = OpenAIModel(client(api), MODEL, "none").stream(PROMPT)
    assert next(stream)

    with pytest.raises(error):
        list(stream)


def test_texts_become_vectors_in_their_order(api: StandInClient) -> None:
    """One each, of one length, also for a text that is empty or too long for the model."""
    embedder = OpenAIEmbedder(client(api), EMBEDDING_MODEL)

    both = embedder.embed(["a dog", "a cat"])
    strange = embedder.embed(["", "word " * MAX_TEXT_BYTES])

    assert [len(vector) for vector in [*both, *strange]] == [384] * 4
    assert both[0] != both[1]
    assert list(embedder.embed(["a cat"])[0]) == pytest.approx(list(both[1]), abs=1e-5)


def test_an_embedding_waits_no_longer_than_its_step(api: StandInClient) -> None:
    """At the deadline it is late, also when no time was left at the start."""
    api.post_json("faults", at="model:embeddings", kind="slow", seconds=5.0)
    embedder = OpenAIEmbedder(make_openai_client(lambda: KEY, f"{api.url}/openai/v1"), EMBEDDING_MODEL)

    for left in (0.2, 0.0):
        with deadline.limited_to(left), pytest.raises(DeadlineExceeded):
            embedder.embed(["a dog"])


ANSWERS = {
    "not JSON": b"{",
    "no vectors": b'{"data": []}',
    "too many": b'{"data": [{"index": 0, "embedding": "AAAA"}, {"index": 1, "embedding": "AAAA"}]}',
    "not base64": b'{"data": [{"index": 0, "embedding": "A"}]}',
    "half a number": b'{"data": [{"index": 0, "embedding": "AAAA"}]}',
    "numbers as they are": b'{"data": [{"index": 0, "embedding": [0.1]}]}',
}


@pytest.mark.parametrize("case", ANSWERS)
def test_vectors_that_cannot_be_read_are_rejected(case: str) -> None:
    """Another provider's embeddings may look like this one's and not be."""
    transport = httpx2.MockTransport(lambda request: httpx2.Response(200, content=ANSWERS[case]))
    client = openai.OpenAI(api_key="sk", http_client=httpx2.Client(transport=transport))

    with pytest.raises(InvalidArgument, match="embeddings"):
        OpenAIEmbedder(client, EMBEDDING_MODEL).embed(["a dog"])
