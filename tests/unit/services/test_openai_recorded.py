"""Streams as several servers send them, through the real SDK. tests/data/model says where each is from."""

from __future__ import annotations

from pathlib import Path

import pytest

from repartee.domain.prompt import CUT_SHORT, ToolCall
from repartee.domain.usage import Usage
from repartee.errors import (
    IncompleteReply,
    PermissionDenied,
    QuotaExceeded,
    ReparteeError,
    Throttled,
    Unavailable,
)
from repartee.services.openai.problems import OutOfTokens, PromptTooLong
from tests.support.model_api import Answer, ModelApi, stream, text_of

RECORDED = Path(__file__).parents[2] / "data" / "model"

ANSWERS = {
    "openai_answer": "Line one\u2028line two\u2029\u0085 é 你好 🎉.",
    "openai_commentary_and_answer": "Let me check.\n\nIt is Monday.",
    "openai_same_words_twice": "You'd like to pay $40.",
    "openai_tool_calls": "I look it up.",
    "openai_refusal": "I'm sorry, I can't help with that.",
    "azure_answer": "Guten Tag, Ada.",
    "vllm_answer": "It is Monday.",
    "llamacpp_answer": "I'm here to help with whatever you need. What can",
    "openrouter_answer": "亚洲 is Asia.",
    "spring_answer": "Bonjour !",
    "spring_crlf_answer": "Bonjour !",
    "litellm_answer": "Bonjour !",
    "litellm_no_completed": "Bonjour !",
    "localai_answer": "Hello! 😊",
    "gateway_items_only": "Hello! 😊",
    "minimal_no_space": "x",
    "minimal_two_messages": "Let me check.\n\nIt is Monday.",
}
TAKEN = {
    "openai_answer": (40, 9, 8),
    "openai_commentary_and_answer": (120, 64, 0),
    "azure_answer": (33, 5, 0),
    "vllm_answer": (27, 21, 16),
    "llamacpp_answer": (33, 12, 0),
    "openrouter_answer": (20, 6, 0),
    "spring_answer": (12, 3, 0),
    "litellm_no_completed": (0, 0, 0),
    "localai_answer": (0, 0, 0),
    "minimal_no_space": (0, 0, 0),
}
FAILURES: dict[str, tuple[type[ReparteeError], str]] = {
    "openai_rate_limited": (Throttled, "rate_limit_exceeded"),
    "openai_request_too_large": (PromptTooLong, "rate_limit_exceeded"),
    "openai_context_too_long": (PromptTooLong, "context_length_exceeded"),
    "openai_quota": (QuotaExceeded, "insufficient_quota: the account's quota is used up"),
    "openai_server_error": (Unavailable, "server_error"),
    "openai_error_flat": (Unavailable, "server_is_overloaded"),
    "openai_reasoning_used_all": (OutOfTokens, "max_output_tokens"),
    "azure_rate_limited": (Throttled, "rate_limit_exceeded"),
    "azure_too_many_requests": (Throttled, "too_many_requests"),
    "azure_filtered": (IncompleteReply, "content_filter"),
    "vllm_error": (PromptTooLong, "BadRequestError"),
    "openrouter_error": (Unavailable, "HTTP 502"),
}


def recorded(name: str) -> bytes:
    return (RECORDED / f"{name}.sse").read_bytes()


def test_every_recorded_stream_is_tried() -> None:
    """None lies beside the tests unread."""
    assert {file.stem for file in RECORDED.glob("*.sse")} == ANSWERS.keys() | FAILURES.keys()


@pytest.mark.parametrize("size", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize("name", ANSWERS)
def test_a_reply_is_whole_wherever_its_bytes_are_cut(name: str, size: int) -> None:
    """The person reads each character, and only those, of whichever server."""
    assert text_of(ModelApi(stream(recorded(name), size)).reply()) == ANSWERS[name]


@pytest.mark.parametrize("name", TAKEN)
def test_what_a_reply_took_is_counted_where_the_server_says(name: str) -> None:
    """It comes last, once."""
    *rest, usage = ModelApi(stream(recorded(name))).reply()

    assert isinstance(usage, Usage)
    assert (usage.input_tokens, usage.output_tokens, usage.cached_tokens) == TAKEN[name]
    assert not any(isinstance(piece, Usage) for piece in rest)


def test_tools_are_called_with_what_the_model_wrote() -> None:
    """Also where that is no JSON: the tool says so. The thoughts before a call go with it."""
    found = ModelApi(stream(recorded("openai_tool_calls"))).reply()

    calls = [piece for piece in found if isinstance(piece, ToolCall)]
    assert [(call.id, call.name, call.arguments) for call in calls] == [
        ("call_1", "search", '{"words":"keys"}'),
        ("call_2", "search", '{"words": keys'),
    ]
    assert [len(call.reasoning_items) for call in calls] == [1, 0]


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_in_a_stream_is_read_for_what_it_is(name: str) -> None:
    """Although the answer began with 200."""
    error, problem = FAILURES[name]

    with pytest.raises(error) as raised:
        ModelApi(stream(recorded(name))).reply()

    assert type(raised.value) is error
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    "name,headers,seconds",
    [
        ("openai_rate_limited", {}, 6.57),
        ("openai_rate_limited", {"retry-after": "11"}, 11),
        ("azure_rate_limited", {"Retry-After": "60"}, 60),
        ("azure_rate_limited", {}, None),
    ],
)
def test_a_throttled_stream_says_when_to_come_back(
    name: str, headers: dict[str, str], seconds: float | None
) -> None:
    """In its headers, or in its words."""
    with pytest.raises(Throttled) as throttled:
        ModelApi(stream(recorded(name), headers=headers)).reply()

    assert throttled.value.retry_after == seconds


def test_a_used_up_quota_is_told_in_the_provider_s_words() -> None:
    """They are kept apart from the error's own text, which is logged."""
    with pytest.raises(PermissionDenied) as denied:
        ModelApi(stream(recorded("openai_quota"))).reply()

    assert denied.value.user_message.startswith("You exceeded your current quota")
    assert "plan and billing" not in str(denied.value)


@pytest.mark.parametrize("name", ["openai_answer", "vllm_answer", "openrouter_answer", "spring_answer"])
def test_a_stream_that_breaks_off_anywhere_is_never_taken_for_a_whole_one(name: str) -> None:
    """What was read until then is a part of the reply, and the turn learns of the break."""
    body = recorded(name)
    whole = body.rindex(b'completed"', 0, body.rindex(b"output"))
    for end in range(0, whole, 97):
        read: list[object] = []
        with pytest.raises(ReparteeError):
            read.extend(ModelApi(stream(body[:end])).stream())
        assert ANSWERS[name].startswith("".join(map(str, read)))


def test_a_connection_that_breaks_in_a_reply_is_told() -> None:
    """After its text began nothing is asked again: the person would read it twice."""
    body = recorded("openai_answer")
    api = ModelApi(stream(body[: body.index("你好".encode())], 16, breaks=True))
    read: list[object] = []

    with pytest.raises(Unavailable):
        read.extend(api.stream())

    assert read == ["Line one", "\u2028", "line two"]
    assert len(api.asked) == 1


def test_an_answer_in_one_piece_is_a_reply_too() -> None:
    """Some gateways give one where a stream was asked for."""
    body = (RECORDED / "gateway_whole.json").read_bytes()
    answer = Answer(body, headers={"content-type": "application/json"})

    *said, usage = ModelApi(answer).reply()

    assert (said, usage.output_tokens) == (["Bonjour !"], 3)  # type: ignore[union-attr]


def test_a_stream_that_calls_itself_json_is_a_reply_too() -> None:
    """Gateways may set a type of their own on whatever passes."""
    answer = Answer(recorded("litellm_answer"), headers={"content-type": "application/json; charset=utf-8"})

    assert text_of(ModelApi(answer).reply()) == "Bonjour !"


@pytest.mark.parametrize(
    "body,error",
    [
        (b'{"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}}', Throttled),
        (b'{"status":"failed","error":{"code":"server_error","message":"x"},"output":[]}', Unavailable),
        (b'{"status":"completed","error":null,"output":[]}', IncompleteReply),
        (b"{", IncompleteReply),
        (b"", IncompleteReply),
        (b"<html>Please sign in</html>", IncompleteReply),
    ],
)
def test_an_answer_in_one_piece_may_tell_of_an_error(body: bytes, error: type[ReparteeError]) -> None:
    """With 200 all the same."""
    with pytest.raises(error):
        ModelApi(Answer(body, headers={"content-type": "application/json"})).reply()


def test_a_reply_that_met_its_limit_says_so_where_the_server_does_not() -> None:
    """llama.cpp calls a reply complete that it cut at the limit; how much it took tells."""
    body = recorded("llamacpp_answer").replace(b'"output_tokens":12', b'"output_tokens":2500')

    assert text_of(ModelApi(stream(body)).reply()).endswith(f"What can{CUT_SHORT}")
