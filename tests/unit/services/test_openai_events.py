"""The Responses API's stream as lines, whole and broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repartee.domain.prompt import CUT_SHORT, ToolCall
from repartee.domain.usage import Usage
from repartee.errors import IncompleteReply, ReparteeError, Throttled
from repartee.services.openai.events import pieces
from standins.openai.arguments import MODEL
from standins.openai.server import ModelStandIn, Pace


def lines(*events: dict[str, Any]) -> Iterator[bytes]:
    """Events as the API sends them: two lines and a blank one each."""
    for event in events:
        yield f"event: {event['type']}\n".encode()
        yield f"data: {json.dumps(event)}\n\n".encode()


def delta(text: str) -> dict[str, Any]:
    return {"type": "response.output_text.delta", "delta": text, "sequence_number": 4}


def ended(kind: str = "completed", **response: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", "response": {"id": "resp_1", "status": kind, **response}}


USAGE = {"input_tokens": 40, "input_tokens_details": {"cached_tokens": 8}, "output_tokens": 2}


def test_a_whole_stream_is_its_text_and_what_it_took() -> None:
    """All other events are left alone."""
    model = ModelStandIn(lambda: 0.0, Pace(), randomness=Random(1))
    writing = model.respond({"model": "scripted-reply", "input": "Hello?"})

    *text, usage = pieces(lines(*(event for _, event in writing.events())))

    assert "".join(str(piece) for piece in text) == "".join(writing.pieces)
    assert usage == Usage(usage.input_tokens, len(writing.pieces), 0, MODEL)  # type: ignore[union-attr]


def test_usage_is_read() -> None:
    """Tokens in, out, and from the provider's cache."""
    assert list(pieces(lines(delta("Hi"), ended(usage=USAGE)))) == ["Hi", Usage(40, 2, 8)]


def test_a_model_that_tells_no_usage_took_none() -> None:
    """Others that speak this API leave it out."""
    assert list(pieces(lines(delta("Hi"), ended()))) == ["Hi", Usage()]


def test_a_refusal_is_text() -> None:
    """What the model says instead of an answer is what the person reads."""
    refusal = {"type": "response.refusal.delta", "delta": "I must not."}

    assert next(pieces(lines(refusal, ended()))) == "I must not."


def test_a_reply_that_met_its_limit_says_so() -> None:
    """It is shown as it is, with a sign that it goes on."""
    end = ended("incomplete", incomplete_details={"reason": "max_output_tokens"}, usage=USAGE)

    assert list(pieces(lines(delta("Hi"), end))) == ["Hi", CUT_SHORT, Usage(40, 2, 8)]


def test_an_emoji_in_two_halves_is_one() -> None:
    """Gateways that count in UTF-16 cut a text between them."""
    halves = [delta("So \ud83d"), delta("\ude00\nyes"), delta("!"), ended()]

    assert "".join(map(str, list(pieces(lines(*halves)))[:-1])) == "So 😀\nyes!"


@pytest.mark.parametrize("end", [{"type": "response.completed"}, ended() | {"response": None}])
def test_an_end_that_tells_nothing_ends_the_reply(end: dict[str, Any]) -> None:
    """The text was whole: it is not asked for again."""
    assert list(pieces(lines({"type": None}, delta("Hi"), end))) == ["Hi", Usage()]


def test_a_response_that_is_complete_and_failed_tells_why() -> None:
    """Its error is read as that of `response.failed` is."""
    end = ended(error={"code": "rate_limit_exceeded", "message": "slow"})
    end["response"]["status"] = "failed"

    with pytest.raises(Throttled):
        list(pieces(lines(end)))


BROKEN = {
    "nothing at all": [],
    "no end": [delta("Hi")],
    "no text": [ended()],
    "no text before the limit": [ended("incomplete", incomplete_details={"reason": "max_output_tokens"})],
    "filtered": [delta("Hi"), ended("incomplete", incomplete_details={"reason": "content_filter"})],
    "failed without a reason": [ended("failed")],
    "an error of which nothing is told": [{"type": "error"}],
    "a delta that is none": [{"type": "response.output_text.delta", "delta": 5}],
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_reply_that_is_not_complete_is_broken(case: str) -> None:
    """Whatever ends it early, the turn learns of it."""
    with pytest.raises(IncompleteReply):
        list(pieces(lines(*BROKEN[case])))


def done(**item: Any) -> dict[str, Any]:
    return {"type": "response.output_item.done", "item": item}


def test_a_message_that_was_not_streamed_is_read_from_its_item() -> None:
    """Also after one that was."""
    second = done(type="message", content=[{"type": "output_text", "text": "Bye."}])

    assert list(pieces(lines(delta("Hi."), done(type="message"), second, ended()))) == [
        "Hi.",
        "\n\nBye.",
        Usage(),
    ]


@pytest.mark.parametrize(
    "arguments,written",
    [
        ({"arguments": '{"words": "keys"}'}, '{"words": "keys"}'),
        ({"arguments": {"words": "keys"}}, '{"words": "keys"}'),
        ({"arguments": '{"words": '}, '{"words": '),
        ({"arguments": "keys"}, "keys"),
        ({"arguments": ""}, "{}"),
        ({"arguments": None}, "{}"),
        ({}, "{}"),
    ],
)
def test_the_arguments_of_a_call_are_text(arguments: dict[str, Any], written: str) -> None:
    """Some servers send an object, or none at all."""
    call, _ = pieces(lines(done(type="function_call", call_id="c", name="search", **arguments), ended()))

    assert isinstance(call, ToolCall)
    assert call.arguments == written


def test_calls_without_an_id_are_told_apart() -> None:
    """Each must find its result again."""
    one = done(type="function_call", name="search", arguments="{}")

    *calls, _ = pieces(lines(one, one, done(type="function_call", id="fc_1", name="search"), ended()))

    assert [call.id for call in calls if isinstance(call, ToolCall)] == ["call_1", "call_2", "fc_1"]


def test_an_error_may_bring_headers_of_its_own() -> None:
    """What they say of the wait counts before the answer's."""
    error = {"code": "rate_limit_exceeded", "message": "x", "headers": {"retry-after": "9"}}

    with pytest.raises(Throttled) as throttled:
        list(pieces(lines({"type": "error", "error": error}), {"Retry-After": "1"}))

    assert throttled.value.retry_after == 9


@pytest.mark.parametrize("usage", [None, "much", {"input_tokens": None}, {"input_tokens_details": None}, []])
def test_usage_that_cannot_be_read_costs_no_reply(usage: object) -> None:
    """What was said is whole, although nobody counted it."""
    assert list(pieces(lines(delta("Hi"), ended(usage=usage)))) == ["Hi", Usage()]


@pytest.mark.parametrize(
    "event",
    [
        ended("failed", error={"code": "rate_limit_exceeded", "message": "x"}),
        {"type": "error", "code": "rate_limit_exceeded", "message": "x"},
    ],
)
def test_too_many_calls_may_be_said_in_the_stream(event: dict[str, Any]) -> None:
    """Some limits are noticed after the stream began."""
    with pytest.raises(Throttled, match="rate_limit_exceeded"):
        list(pieces(lines(event)))


def test_text_before_the_break_is_given() -> None:
    """What was written is visible, although the reply breaks."""
    stream = pieces(lines(delta("Hi")))

    assert next(stream) == "Hi"
    with pytest.raises(IncompleteReply):
        next(stream)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
TYPES = [
    "response.output_text.delta",
    "response.completed",
    "response.incomplete",
    "response.failed",
    "error",
]
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(TYPES) | JSON,
        "delta": st.text(max_size=3) | JSON,
        "code": JSON,
        "response": st.fixed_dictionaries(
            {}, optional={"usage": JSON, "error": JSON, "incomplete_details": JSON}
        )
        | JSON,
    },
)
LINES = st.one_of(
    st.text(), EVENTS.map(lambda event: f"data: {json.dumps(event)}\n\n"), JSON.map(json.dumps)
).map(lambda line: line.encode("utf-8", "surrogatepass"))


@given(st.lists(LINES, max_size=8))
def test_any_bytes_are_a_reply_or_an_error_of_ours(given_lines: list[bytes]) -> None:
    """Whatever comes over the wire, nothing else goes wrong."""
    try:
        found = list(pieces(given_lines))
    except ReparteeError:
        return
    assert isinstance(found[-1], Usage)


@pytest.mark.parametrize(
    "line", [b"data: {" + b'"a":[' * 50_000, b'data: {"type": "\xed\xa0\x80"}', b"data: {"]
)
def test_lines_that_no_decoder_likes_are_broken(line: bytes) -> None:
    """Nested without end, not encodable, cut in two."""
    with pytest.raises(IncompleteReply):
        list(pieces([line]))
