"""The stand-ins speak the real wire format: the real clients are content with them, errors included."""

from __future__ import annotations

import http.client
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from slack_sdk.errors import SlackApiError

from standins.openai.arguments import EMBEDDING_MODEL, MODEL
from standins.slack.server import BOT_TOKEN
from tests.support.standin_server import StandInClient, serve_standins

CHANNEL = "C0GENERAL"
INPUT: Any = [{"role": "developer", "content": "Who is asking: Ada."}, {"role": "user", "content": "Hello?"}]


@pytest.fixture(scope="module")
def served() -> Iterator[StandInClient]:
    """One server for the module."""
    with serve_standins() as up:
        yield up


@pytest.fixture
def running(served: StandInClient) -> StandInClient:
    """The server with nothing in it."""
    served.reset_standins()
    return served


def test_slack_stream(running: StandInClient) -> None:
    """The real Slack client streams a reply, and the channel shows it."""
    slack = running.make_slack_client()
    asked = running.post_json("said", channel=CHANNEL, user="U0ADA", text="Hello?")["ts"]
    place = {"channel": CHANNEL, "thread_ts": asked}

    started = slack.chat_startStream(**place, recipient_user_id="U0ADA", recipient_team_id="T0BUTLER")
    slack.chat_appendStream(channel=CHANNEL, ts=started["ts"], markdown_text="Hi Ada")
    slack.chat_stopStream(channel=CHANNEL, ts=started["ts"], markdown_text="!")

    assert [message["text"] for message in running.get_json(f"channel/{CHANNEL}")["messages"]] == [
        "Hello?",
        "Hi Ada!",
    ]
    methods = [call["method"] for call in running.get_json("posts")]
    assert methods == ["chat.startStream", "chat.appendStream", "chat.stopStream"]


def test_slack_forms(running: StandInClient) -> None:
    """Slack takes forms as it takes JSON."""
    body = b"channel=C0GENERAL&text=Hello&token=" + BOT_TOKEN.encode()

    answer = json.load(urllib.request.urlopen(f"{running.url}/slack/api/chat.postMessage", body))

    assert answer["message"]["text"] == "Hello"


def test_slack_error(running: StandInClient) -> None:
    """The real Slack client raises the error by its name."""
    with pytest.raises(SlackApiError) as raised:
        running.make_slack_client("xoxb-wrong").auth_test()

    assert raised.value.response["error"] == "invalid_auth"


def test_slack_rate_limit(running: StandInClient) -> None:
    """Too many calls are answered by 429 and a Retry-After."""
    running.post_json("faults", at="slack:chat.*", kind="error", status=429, seconds=7)

    with pytest.raises(SlackApiError) as raised:
        running.make_slack_client().chat_postMessage(channel=CHANNEL, text="Hello")

    assert raised.value.response.status_code == 429
    assert raised.value.response.headers["Retry-After"] == "7"
    assert raised.value.response["error"] == "ratelimited"


def test_lost_answer(running: StandInClient) -> None:
    """A call whose answer is lost has taken effect."""
    running.post_json("faults", at="slack:chat.postMessage", kind="lost")

    with pytest.raises(http.client.IncompleteRead):
        running.make_slack_client().chat_postMessage(channel=CHANNEL, text="Hello")

    assert len(running.get_json(f"channel/{CHANNEL}")["messages"]) == 1


def test_channel_waits_for_news(running: StandInClient) -> None:
    """Who looks at a channel with a version waits until it has changed."""
    seen = running.get_json(f"channel/{CHANNEL}")
    threading.Timer(
        0.05, running.post_json, ["said"], {"channel": CHANNEL, "user": "U0ADA", "text": "Hi"}
    ).start()

    later = running.get_json(f"channel/{CHANNEL}?after={seen['version']}")

    assert [message["text"] for message in later["messages"]] == ["Hi"]


def test_model_stream(running: StandInClient) -> None:
    """The real OpenAI client reads the stream as typed events, in the API's order, and they add up."""
    events = list(
        running.make_model_client().responses.create(model=MODEL, input=INPUT, stream=True, store=False)
    )

    kinds = list(dict.fromkeys(event.type for event in events))
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    completed = events[-1]
    assert completed.type == "response.completed"
    written = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert written == completed.response.output_text
    assert written.startswith("Hi Ada!")


def test_model_whole(running: StandInClient) -> None:
    """Without streaming the same comes at once, with its usage."""
    response = running.make_model_client().responses.create(model=MODEL, input=INPUT)

    assert response.output_text.startswith("Hi Ada!")
    assert response.usage is not None
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens


def test_model_cache(running: StandInClient) -> None:
    """A long prompt that begins as an earlier one did is counted as cached."""
    ask = running.make_model_client().responses.create
    instructions = "Be kind. " * 1000

    first = ask(model=MODEL, instructions=instructions, input="One?").usage
    second = ask(model=MODEL, instructions=instructions, input="Two?").usage

    assert first is not None
    assert second is not None
    assert first.input_tokens_details.cached_tokens == 0
    assert second.input_tokens_details.cached_tokens >= 1024


def test_model_cut(running: StandInClient) -> None:
    """A reply may be cut short by its limit, and says so."""
    response = running.make_model_client().responses.create(model=MODEL, input=INPUT, max_output_tokens=16)

    assert (response.status, response.usage and response.usage.output_tokens) == ("incomplete", 16)


@pytest.mark.parametrize(
    "change, error, code",
    [
        ({"model": "gpt-0"}, openai.NotFoundError, "model_not_found"),
        ({"extra_body": {"colour": "red"}}, openai.BadRequestError, "unknown_parameter"),
        ({"input": [{"role": "poet", "content": "x"}]}, openai.BadRequestError, "invalid_value"),
        ({"max_output_tokens": 1}, openai.BadRequestError, "integer_below_min_value"),
    ],
)
def test_model_refusal(
    running: StandInClient, change: dict[str, Any], error: type[openai.APIStatusError], code: str
) -> None:
    """What the API refuses is refused with its status and code."""
    with pytest.raises(error) as raised:
        running.make_model_client().responses.create(
            **{"model": MODEL, "input": INPUT, "stream": True, **change}
        )

    assert raised.value.code == code


def test_model_key(running: StandInClient) -> None:
    """A wrong key is not accepted, and not repeated whole."""
    with pytest.raises(openai.AuthenticationError) as raised:
        running.make_model_client("sk-secret-0000000000").responses.create(model=MODEL, input=INPUT)

    assert raised.value.code == "invalid_api_key"
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("status, error", [(429, openai.RateLimitError), (500, openai.InternalServerError)])
def test_model_down(running: StandInClient, status: int, error: type[Exception]) -> None:
    """A model that is overloaded or broken says so."""
    running.post_json("faults", at="model:*", kind="error", status=status)

    with pytest.raises(error):
        running.make_model_client().responses.create(model=MODEL, input=INPUT, stream=True)


@pytest.mark.parametrize("kind, last", [("cut", "response.output_text.delta"), ("failed", "response.failed")])
def test_model_breaks_off(running: StandInClient, kind: str, last: str) -> None:
    """A stream may end before it is complete."""
    running.post_json("faults", at="model:responses", kind=kind, after=8)

    events = list(running.make_model_client().responses.create(model=MODEL, input=INPUT, stream=True))

    assert events[-1].type == last


@pytest.mark.parametrize("form", ["float", "base64"])
def test_embeddings(running: StandInClient, form: Any) -> None:
    """Texts become vectors in their order, whichever way they travel."""
    client = running.make_model_client()

    answer = client.embeddings.create(model=EMBEDDING_MODEL, input=["a dog", "a cat"], encoding_format=form)

    assert [row.index for row in answer.data] == [0, 1]
    if form == "float":
        assert [len(row.embedding) for row in answer.data] == [384, 384]
    unasked = client.embeddings.create(model=EMBEDDING_MODEL, input="a dog")
    assert len(unasked.data[0].embedding) == 384


def test_embedding_dimensions(running: StandInClient) -> None:
    """A model of fixed size takes no `dimensions`."""
    with pytest.raises(openai.BadRequestError, match="does not support specifying dimensions"):
        running.make_model_client().embeddings.create(model=EMBEDDING_MODEL, input="a dog", dimensions=10)
