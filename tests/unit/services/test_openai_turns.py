"""What people read, and what the model is given, in whole turns with the servers' recorded streams."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from repartee.domain.prompt import Tool
from repartee.language.texts import APOLOGY
from repartee.plan import Pool
from repartee.ports.cancellation import CancelToken
from repartee.services.openai.model import OpenAIModel
from repartee.turn.tool_loop import ToolLoop
from tests.support.model_api import PROMPT, Answer, ModelApi, refusal, stream
from tests.support.model_world import ModelWorld

RECORDED = Path(__file__).parents[2] / "data" / "model"


def recorded(name: str) -> Answer:
    return stream((RECORDED / f"{name}.sse").read_bytes(), size=100)


def asked(
    *answers: Answer, text: str = "Which day is it?", effort: str = "none"
) -> tuple[ModelWorld, ModelApi]:
    """A question in Slack, answered from these streams."""
    api = ModelApi(*answers)
    world = ModelWorld(OpenAIModel(api.client(), "some-model", effort))
    world.ask_question(text, "1")
    world.run_until_quiet()
    return world, api


@pytest.mark.parametrize(
    "name,text",
    [
        ("openai_answer", "Line one\u2028line two\u2029\u0085 é 你好 🎉."),
        ("openai_commentary_and_answer", "Let me check.\n\nIt is Monday."),
        ("openai_same_words_twice", "You'd like to pay $40."),
        ("spring_answer", "Bonjour !"),
        ("spring_crlf_answer", "Bonjour !"),
        ("minimal_no_space", "x"),
        ("vllm_answer", "It is Monday."),
        ("openai_refusal", "I'm sorry, I can't help with that."),
    ],
)
def test_people_read_the_reply_whole_and_once(name: str, text: str) -> None:
    """With one call of the model, of whichever server."""
    world, api = asked(recorded(name))

    assert world.visible_texts() == [text]
    assert len(api.asked) == 1


@pytest.mark.parametrize(
    "first",
    [
        recorded("openai_context_too_long"),
        recorded("openai_server_error"),
        recorded("openai_reasoning_used_all"),
        refusal(503, "{}"),
    ],
)
def test_people_do_not_learn_of_what_one_more_try_mends(first: Answer) -> None:
    """They read the reply, and no apology before it."""
    question = "Which day is it? " + "It is about this text. " * 200

    world, api = asked(first, recorded("azure_answer"), text=question, effort="low")

    assert world.visible_texts() == ["Guten Tag, Ada."]
    assert len(api.asked) == 2


def test_a_used_up_quota_ends_in_one_apology() -> None:
    """Which quotes nothing of the provider's."""
    world, _ = asked(recorded("openai_quota"))

    assert world.visible_texts() == [APOLOGY]


class Search(msgspec.Struct):
    """What is looked for."""

    words: str


def test_the_model_is_told_of_arguments_that_are_no_json() -> None:
    """It reads that they could not be read, beside what the other call found; people read its answer."""
    api = ModelApi(recorded("openai_tool_calls"), recorded("azure_answer"))
    search = Tool(
        name="search",
        description="Looks things up.",
        arguments=Search,
        run=lambda given: f"found {given.words}",
    )
    model = OpenAIModel(api.client(), "some-model", "low")
    talk = ToolLoop(model, Pool(), True, lambda status: None, CancelToken(), lambda: 0.0)

    said = "".join(talk.run(replace(PROMPT, tools=(search,))))

    assert said == "I look it up.\n\nGuten Tag, Ada."
    last = api.asked[1]["input"][-6:]
    assert [item.get("type") for item in last] == [
        "message",
        "reasoning",
        "function_call",
        "function_call",
        "function_call_output",
        "function_call_output",
    ]
    assert last[2]["arguments"] == '{"words":"keys"}'
    assert last[3]["arguments"] == "{}"
    assert last[4]["output"] == "found keys"
    assert last[5]["output"].startswith("This failed: the arguments cannot be read")
