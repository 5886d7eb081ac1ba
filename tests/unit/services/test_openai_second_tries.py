"""What is tried again before the first word, and what the model is given then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from repartee.domain.prompt import CUT_SHORT, Prompt, PromptMessage, ToolCall, ToolRound
from repartee.domain.usage import Usage
from repartee.errors import IncompleteReply, InvalidArgument, Throttled, Unavailable
from repartee.services.openai.model import MAX_REPLY_CHARS
from repartee.services.openai.problems import PromptTooLong
from repartee.services.openai.request import MAX_REPLY_TOKENS, REASONING_TOKENS
from repartee.services.openai.second_tries import SHARES, UNSEEN
from repartee.services.openai.shortening import CUT, shortened
from tests.support.model_api import PROMPT, Answer, ModelApi, refusal, stream, text_of

TOO_LONG = "request (4000 tokens) exceeds the available context size (2000 tokens), try increasing it"
RECORDED = Path(__file__).parents[2] / "data" / "model"
HISTORY = tuple(PromptMessage("user", f"Message {number}. " + "word " * 200) for number in range(40))
LONG = replace(PROMPT, history=HISTORY)
PICTURE = replace(
    PROMPT, incoming=(PromptMessage("user", "What is this?", ("https://pictures.example/1.png",)),)
)


def recorded(name: str) -> Answer:
    return stream((RECORDED / f"{name}.sse").read_bytes())


def refused(status: int, headers: Mapping[str, str] | None = None, **error: str) -> Answer:
    return refusal(status, json.dumps({"error": error}), headers)


def chars(asked: dict[str, Any]) -> int:
    return len(asked["instructions"]) + sum(len(str(item.get("content"))) for item in asked["input"])


GOOD = recorded("azure_answer")


@pytest.mark.parametrize(
    "first",
    [
        recorded("openai_context_too_long"),
        recorded("openai_request_too_large"),
        recorded("vllm_error"),
        refused(400, code="context_length_exceeded", message="Your input exceeds the context window"),
        refused(400, type="exceed_context_size_error", message=TOO_LONG),
    ],
)
def test_a_prompt_that_is_too_long_is_shortened(first: Answer) -> None:
    """The person gets an answer; the model has the newest of the history, and all that was asked."""
    api = ModelApi(first, GOOD)

    assert text_of(api.reply(LONG)) == "Guten Tag, Ada."

    before, after = api.asked
    assert chars(after) < chars(before)
    assert after["input"][-2:] == before["input"][-2:]
    assert after["input"][0] in before["input"][1:]
    assert after["input"][-3] == before["input"][-3]


def test_no_more_is_left_out_than_the_numbers_in_the_error_say() -> None:
    """Half of the tokens fit: somewhat less than half of the prompt is kept."""
    first = refused(400, type="exceed_context_size_error", message=TOO_LONG)
    api = ModelApi(first, GOOD)

    api.reply(LONG)

    before, after = map(chars, api.asked)
    assert 0.35 < after / before < 0.47


def test_a_prompt_that_stays_too_long_is_given_up() -> None:
    """After a few tries, each with less."""
    api = ModelApi(recorded("openai_context_too_long"))

    with pytest.raises(PromptTooLong):
        api.reply(LONG)

    assert len(api.asked) == 1 + len(SHARES)
    sizes = [chars(asked) for asked in api.asked]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)


def test_a_long_document_loses_its_end_and_the_model_is_told() -> None:
    """The question before it stays."""
    document = "word " * 20_000
    prompt = replace(PROMPT, incoming=(PromptMessage("user", f"Sum this up.\n\n{document}"),))
    api = ModelApi(recorded("openai_context_too_long"), GOOD)

    api.reply(prompt)

    asked = api.asked[1]["input"][-1]["content"]
    assert asked.startswith("Sum this up.")
    assert asked.endswith(CUT)
    assert 0.4 < len(asked) / len(document) < 0.6


def test_what_tools_found_is_cut_before_what_was_asked() -> None:
    """It is the longest that a turn adds."""
    call = ToolCall("call_1", "search", '{"words": "keys"}')
    prompt = replace(
        PROMPT,
        incoming=(PromptMessage("user", "Where? " * 200),),
        rounds=(ToolRound("", (call,), ("row " * 9000,)),),
    )

    shorter = shortened(prompt, 0.5)

    assert shorter is not None
    assert shorter.incoming == prompt.incoming
    assert shorter.rounds[0].results[0].endswith(CUT)
    assert shorter.rounds[0].calls == (call,)


def test_a_number_at_the_cut_is_left_out_whole() -> None:
    """Half of one could not be recognised and hidden any more."""
    prompt = Prompt("", (), "", (PromptMessage("user", "x" * 900 + " " + "0123456789 " * 300),))

    shorter = shortened(prompt, 0.3)

    assert shorter is not None
    assert shorter.incoming[0].text.removesuffix(CUT).rpartition(" ")[2] in ("0123456789", "x" * 900)


@pytest.mark.parametrize("prompt", [PROMPT, replace(PROMPT, instructions="Be kind. " * 5000)])
def test_nothing_is_left_out_where_all_is_needed(prompt: Prompt) -> None:
    """Instructions and a short question stay as they are."""
    assert shortened(prompt, 0.1) is None


@pytest.mark.parametrize(
    "effort,less", [("high", "low"), ("medium", "low"), ("low", "low"), ("none", "none")]
)
def test_thoughts_that_used_up_the_reply_get_room_and_one_more_try_with_less_effort(
    effort: str, less: str
) -> None:
    """Not the same again. What the first try took is counted too."""
    api = ModelApi(recorded("openai_reasoning_used_all"), GOOD)

    found = api.reply(PROMPT, effort)

    assert text_of(found) == "Guten Tag, Ada."
    assert [piece.output_tokens for piece in found if isinstance(piece, Usage)] == [2500, 5]
    assert [asked["reasoning"]["effort"] for asked in api.asked] == [effort, less]
    assert api.asked[1]["max_output_tokens"] > MAX_REPLY_TOKENS


def test_thoughts_that_use_up_all_again_are_given_up() -> None:
    """There is one more try, and not a third."""
    api = ModelApi(recorded("openai_reasoning_used_all"))

    with pytest.raises(IncompleteReply):
        api.reply(PROMPT, "high")

    assert len(api.asked) == 2


@pytest.mark.parametrize("effort", REASONING_TOKENS)
def test_a_model_that_thinks_has_room_for_it(effort: str) -> None:
    """Beside that of its reply: the API's limit counts both."""
    api = ModelApi(GOOD)

    api.reply(PROMPT, effort)

    thinks = effort not in ("", "none")
    assert (api.asked[0]["max_output_tokens"] > MAX_REPLY_TOKENS) is thinks
    assert (api.asked[0].get("reasoning") == {"effort": effort}) is bool(effort)


def test_room_to_think_is_none_to_write_on() -> None:
    """A reply stays one message; what it took is counted as well as it can be."""
    delta = b'data: {"type":"response.output_text.delta","delta":"%s"}\n\n' % (b"word " * 20)
    api = ModelApi(stream(delta * 500))

    *said, cut, usage = api.reply(PROMPT, "high")

    assert MAX_REPLY_CHARS <= len("".join(map(str, said))) < MAX_REPLY_CHARS + 200
    assert cut == CUT_SHORT
    assert isinstance(usage, Usage)
    assert usage.output_tokens > 2000


EMPTY = stream(
    b'data: {"type":"response.completed","response":{"usage":{"input_tokens":9,"output_tokens":0}}}\n\n'
)
BLANK = stream(
    b'data: {"type":"response.output_text.delta","delta":"\\n\\n"}\n\n'
    b'data: {"type":"response.completed","response":{}}\n\n'
)


@pytest.mark.parametrize("first", [EMPTY, BLANK])
def test_a_model_that_said_nothing_is_asked_once_more(first: Answer) -> None:
    """Also where it wrote empty lines alone."""
    assert text_of(ModelApi(first, GOOD).reply()) == "Guten Tag, Ada."

    api = ModelApi(first)
    with pytest.raises(IncompleteReply, match="said nothing"):
        api.reply()
    assert len(api.asked) == 2


def test_a_model_that_said_all_before_its_tools_need_not_say_more() -> None:
    """Its reply is what people have read by then."""
    call = ToolCall("call_1", "search", "{}")
    api = ModelApi(EMPTY)

    said = api.reply(replace(PROMPT, rounds=(ToolRound("I noted it.", (call,), ("done",)),)))

    assert said == [Usage(9, 0)]
    with pytest.raises(IncompleteReply):
        api.reply(replace(PROMPT, rounds=(ToolRound("", (call,), ("done",)),)))


def test_a_reply_without_thoughts_is_not_cut_at_its_characters() -> None:
    """The API's own limit in tokens ends it."""
    delta = b'data: {"type":"response.output_text.delta","delta":"%s"}\n\n' % (b"word " * 20)
    end = b'data: {"type":"response.completed","response":{}}\n\n'

    assert len(text_of(ModelApi(stream(delta * 200 + end)).reply())) == 20_000


def test_a_call_that_the_limit_cut_is_not_made() -> None:
    """Half of its arguments are none. It gets more room, like thoughts that left none."""
    half = {
        "type": "function_call",
        "call_id": "c",
        "name": "search",
        "arguments": '{"w',
        "status": "incomplete",
    }
    cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": [half]}
    events = [
        {"type": "response.output_item.done", "output_index": 0, "item": half},
        {"type": "response.incomplete", "response": cut},
    ]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events)
    api = ModelApi(stream(body.encode()), GOOD)

    found = api.reply()

    assert not any(isinstance(piece, ToolCall) for piece in found)
    assert text_of(found) == "Guten Tag, Ada."
    assert api.asked[1]["max_output_tokens"] > api.asked[0]["max_output_tokens"]


def test_a_server_that_failed_before_the_first_word_is_asked_once_more() -> None:
    """Also where it failed within a stream that began well."""
    api = ModelApi(recorded("openai_server_error"), GOOD)

    assert text_of(api.reply()) == "Guten Tag, Ada."


def test_a_server_that_says_when_to_come_back_is_not_asked_at_once() -> None:
    """The worker that has the turn waits, and holds nobody up meanwhile."""
    api = ModelApi(refused(503, {"Retry-After": "20"}, type="server_error"))

    with pytest.raises(Unavailable) as unreachable:
        api.reply()

    assert unreachable.value.retry_after == 20
    assert len(api.asked) == 1


@pytest.mark.parametrize("name", ["openai_rate_limited", "azure_too_many_requests"])
def test_a_throttled_call_is_not_tried_again_at_once(name: str) -> None:
    """That would be throttled too."""
    api = ModelApi(recorded(name))

    with pytest.raises(Throttled):
        api.reply()

    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "first",
    [
        refused(400, code="invalid_image_url", message="Error while downloading."),
        refused(500, type="server_error", message="image input is not supported - hint: mmproj"),
    ],
)
def test_pictures_that_are_not_taken_are_left_out(first: Answer) -> None:
    """Also by a server that has no eyes at all, and calls that a failure of its own. The model is told."""
    api = ModelApi(first, GOOD)

    assert text_of(api.reply(PICTURE)) == "Guten Tag, Ada."
    assert api.asked[1]["input"][-1]["content"] == f"What is this?\n\n{UNSEEN}"


def test_a_request_that_is_wrong_is_not_tried_again() -> None:
    """It would be as wrong."""
    api = ModelApi(refused(400, code="unknown_parameter"))

    with pytest.raises(InvalidArgument):
        api.reply()

    assert len(api.asked) == 1


def test_arguments_that_are_no_json_are_not_sent_back() -> None:
    """Servers that fill in a chat template parse them, and refuse all that was said. The result says why."""
    calls = (ToolCall("call_1", "search", '{"words": keys'), ToolCall("call_2", "search", '{"words": "car"}'))
    prompt = replace(
        PROMPT, rounds=(ToolRound("", calls, ("This failed: the arguments cannot be read", "none")),)
    )
    api = ModelApi(GOOD)

    api.reply(prompt)

    sent = [item["arguments"] for item in api.asked[0]["input"] if item.get("type") == "function_call"]
    assert sent == ["{}", '{"words": "car"}']
