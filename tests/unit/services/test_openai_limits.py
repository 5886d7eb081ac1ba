"""The API's limits in tokens, as its stand-in enforces them, over HTTP and through the real SDK."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import openai
import pytest
from msgspec.structs import replace

from local.model_tokens import tokens
from repartee.domain.prompt import Prompt, PromptMessage
from repartee.domain.usage import Usage
from repartee.errors import IncompleteReply, InvalidArgument
from repartee.services.openai.client import make_openai_client
from repartee.services.openai.embedder import MAX_TEXT_BYTES, OpenAIEmbedder
from repartee.services.openai.model import OpenAIModel
from repartee.services.openai.problems import PromptTooLong
from repartee.services.openai.small import OpenAISmallModel
from standins.openai.arguments import EMBEDDING_MODEL, MODEL
from standins.openai.server import KEY, Scripted
from tests.support.model_api import Answer, ModelApi, text_of
from tests.support.standin_server import StandInClient, serve_standins

PROMPT = Prompt("Be kind.", (), "Who is asking: Ada", (PromptMessage("user", "Where are the keys?"),))


@pytest.fixture(scope="module")
def served() -> Iterator[StandInClient]:
    with serve_standins() as up:
        yield up


@pytest.fixture
def api(served: StandInClient) -> StandInClient:
    """The stand-ins with nothing in them."""
    served.reset_standins()
    return served


@pytest.fixture
def client(api: StandInClient) -> openai.OpenAI:
    return make_openai_client(lambda: KEY, f"{api.url}/openai/v1")


@pytest.mark.parametrize("words", ["All of the words ", "你好世界。", "ሰላም ለዓለም "])
def test_a_history_that_is_too_long_for_the_model_is_shortened(
    api: StandInClient, client: openai.OpenAI, words: str
) -> None:
    """In whichever script: characters are no tokens."""
    api.standins.model.context_tokens = 2_000
    history = tuple(PromptMessage("user", f"{number}. {words * 20}") for number in range(60))

    said = text_of(OpenAIModel(client, MODEL, "none").stream(replace(PROMPT, history=history)))

    assert said.startswith("Hi Ada!")
    asked = api.get_json("asked")[-1]
    texts = [item["content"] for item in asked["input"]]
    assert texts[-1] == "Where are the keys?"
    assert history[-1].text in texts
    assert history[0].text not in texts


def test_instructions_that_are_too_long_alone_are_refused(api: StandInClient, client: openai.OpenAI) -> None:
    """There is nothing that may be left out."""
    api.standins.model.context_tokens = 20

    with pytest.raises(PromptTooLong, match="context_length_exceeded"):
        list(OpenAIModel(client, MODEL, "none").stream(replace(PROMPT, instructions="Be kind. " * 20)))


def test_a_small_model_is_told_that_its_text_is_too_long(api: StandInClient, client: openai.OpenAI) -> None:
    """Without a stream the refusal is the answer."""
    api.standins.model.context_tokens = 20

    with pytest.raises(PromptTooLong, match="context_length_exceeded"):
        OpenAISmallModel(client, MODEL).write_text("One sentence.", "word " * 100)


def test_a_model_that_thinks_answers_within_its_room(api: StandInClient, client: openai.OpenAI) -> None:
    """Thoughts of many tokens do not shorten the reply."""
    api.standins.model.thinks = {"medium": 9_000}
    api.standins.model.script.append(Scripted("It is on the hook."))

    *said, usage = OpenAIModel(client, MODEL, "medium").stream(PROMPT)

    assert text_of(said) == "It is on the hook."
    assert isinstance(usage, Usage)
    assert usage.output_tokens > 9_000


def test_a_model_that_thinks_too_long_is_asked_to_think_less(
    api: StandInClient, client: openai.OpenAI
) -> None:
    """Once more, and what both tries took is counted."""
    api.standins.model.thinks = {"high": 90_000, "low": 300}
    api.standins.model.script.extend([Scripted("Never said."), Scripted("It is on the hook.")])

    found = list(OpenAIModel(client, MODEL, "high").stream(PROMPT))

    assert text_of(found) == "It is on the hook."
    assert [asked["reasoning"]["effort"] for asked in api.get_json("asked")] == ["high", "low"]
    assert len([piece for piece in found if isinstance(piece, Usage)]) == 2


def test_a_model_that_only_thinks_has_broken_its_reply(api: StandInClient, client: openai.OpenAI) -> None:
    """Two tries are made, and not three alike."""
    api.standins.model.thinks = {"low": 90_000}

    with pytest.raises(IncompleteReply, match="max_output_tokens"):
        list(OpenAIModel(client, MODEL, "low").stream(PROMPT))

    first, second = api.get_json("asked")
    assert second["max_output_tokens"] > first["max_output_tokens"]


@pytest.mark.parametrize("words", ["word ", "你好世界。", "ሰላም ለዓለም ", "🎉👩‍👩‍👧", "é"])
def test_a_text_of_any_script_is_embedded(client: openai.OpenAI, words: str) -> None:
    """The model takes so many tokens; what is beyond them is left out, and no character is cut in two."""
    text = words * 16_000
    assert tokens(text) > 8_192

    (vector,) = OpenAIEmbedder(client, EMBEDDING_MODEL).embed([text])

    assert len(vector) == 384


def test_a_text_that_nearly_fits_is_embedded_whole(client: openai.OpenAI) -> None:
    """Nothing is left out that need not be."""
    embedder = OpenAIEmbedder(client, EMBEDDING_MODEL)
    text = "dog " * ((MAX_TEXT_BYTES - 3) // 4)

    one, same = embedder.embed([text, text + "cat" * 2000])

    assert list(one) == pytest.approx(list(same), abs=1e-5)


class Verdict(msgspec.Struct):
    """What is to be found out."""

    kind: str


@pytest.mark.parametrize(
    "said", ['{"kind": "order"}', '```json\n{"kind": "order"}\n```', '```\n{"kind": "order"}```\n']
)
def test_an_analysis_may_come_fenced_as_code(api: StandInClient, client: openai.OpenAI, said: str) -> None:
    """From servers that know no schemas."""
    api.standins.model.script.append(Scripted(said))

    assert OpenAISmallModel(client, MODEL).extract("What is it?", "mute", Verdict) == Verdict("order")


def message(text: str, **more: str) -> dict[str, object]:
    return {"type": "message", **more, "content": [{"type": "output_text", "text": text}]}


ANSWER = '{"kind": "order"}'
COMMENTED = [
    {"type": "reasoning", "summary": []},
    message("I look.", phase="commentary"),
    message(ANSWER, phase="final_answer"),
]
WITHOUT_PHASE = [message("I look."), message(ANSWER)]
ANSWER_FIRST = [COMMENTED[2], COMMENTED[1]]
REFUSED: list[dict[str, object]] = [
    {"type": "message", "content": [{"type": "refusal", "refusal": "I must not."}]}
]


def small(output: list[dict[str, object]]) -> OpenAISmallModel:
    body = json.dumps({"status": "completed", "output": output}).encode()
    api = ModelApi(Answer(body, headers={"content-type": "application/json"}))
    return OpenAISmallModel(api.client(), MODEL)


@pytest.mark.parametrize("output", [COMMENTED, WITHOUT_PHASE, ANSWER_FIRST])
def test_what_a_small_model_says_beside_its_answer_is_no_part_of_it(output: list[dict[str, object]]) -> None:
    """A comment in a message of its own would break the struct."""
    assert small(output).extract("What is it?", "mute", Verdict) == Verdict("order")
    assert small(output).write_text("One sentence.", "mute") == ANSWER


@pytest.mark.parametrize("output", [REFUSED, [], COMMENTED[:2]])
def test_a_small_model_that_gives_no_answer_is_told_of(output: list[dict[str, object]]) -> None:
    """A refusal is none, and neither is a comment alone."""
    with pytest.raises(InvalidArgument):
        small(output).write_text("One sentence.", "mute")


def test_effort_is_one_of_those_that_there_are(client: openai.OpenAI) -> None:
    """A setting that is wrong is told by the API."""
    with pytest.raises(InvalidArgument, match="invalid_value"):
        list(OpenAIModel(client, MODEL, "enormous").stream(PROMPT))
