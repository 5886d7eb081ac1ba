"""How the model and its tools talk: what each is told, what runs at once, and where it ends."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from threading import Barrier
from typing import Any

import msgspec
import pytest

from repartee.domain.prompt import CUT_SHORT, Prompt, PromptMessage, Tool, ToolCall
from repartee.domain.usage import Usage
from repartee.errors import Unavailable
from repartee.plan import Pool
from repartee.ports.cancellation import CancelToken
from repartee.turn.tool_loop import (
    MAX_CONTINUATIONS,
    MAX_TOOL_CALLS,
    MAX_TOOL_RESULT_CHARS,
    MAX_TOOL_ROUNDS,
    TOO_MANY_CALLS_MESSAGE,
    ToolLoop,
)

TAKES = Usage(10, 2)


class Look(msgspec.Struct):
    """Where to look."""

    place: str


class Script:
    """A model that answers as it is written. `given` are the prompts that it was given."""

    def __init__(self, *answers: Iterable[str | ToolCall]) -> None:
        self.answers = list(answers)
        self.given: list[Prompt] = []

    def stream(
        self, prompt: Prompt, hangup: CancelToken | None = None
    ) -> Generator[str | ToolCall | Usage, None, None]:
        self.given.append(prompt)
        yield from self.answers.pop(0)
        yield TAKES


class Stars:
    """A veil that hides a name behind stars."""

    def redact(self, text: str) -> str:
        return text.replace("Ada", "***")

    def redact_all(self, texts: Sequence[str]) -> list[str]:
        return [*map(self.redact, texts)]

    def restore(self, text: str) -> str:
        return text.replace("***", "Ada")

    def restore_stream(self, pieces: Iterable[str]) -> Iterator[str]:
        return map(self.restore, pieces)


@pytest.fixture
def pool() -> Pool:
    return Pool()


def look(run: Callable[[Look], str], **more: Any) -> Tool:
    return Tool(name="look", description="Looks.", arguments=Look, run=run, **more)


def call(place: str, id: str = "call_1", name: str = "look") -> ToolCall:
    return ToolCall(id, name, msgspec.json.encode(Look(place)).decode())


def prompt(*tools: Tool, **more: Any) -> Prompt:
    return Prompt("Be kind.", (), "", (PromptMessage("user", "Where is it?"),), tools=tools, **more)


def talk(model: Script, pool: Pool, *, parallel: bool = True, told: list[str] | None = None) -> ToolLoop:
    tell = (lambda status: None) if told is None else told.append
    return ToolLoop(model, pool, parallel, tell, CancelToken(), elapsed=lambda: 7.0)


def test_without_tools_the_answer_is_the_reply(pool: Pool) -> None:
    """Its pieces as they come, and what it took."""
    model = Script(["On ", "the hook."])
    speaking = talk(model, pool)

    assert list(speaking.run(prompt())) == ["On ", "the hook."]
    assert speaking.usages == [TAKES]


def test_an_answer_that_met_its_limit_goes_on(pool: Pool) -> None:
    """The person reads one text without a seam; the model is given what it has said so far, and both answers
    count."""
    model = Script(["On the ho", CUT_SHORT], ["ok.\n\n", "In the hall."])
    speaking = talk(model, pool)

    assert "".join(speaking.run(prompt())) == "On the hook.\n\nIn the hall."
    (begun,) = model.given[1].rounds
    assert (begun.text, begun.calls) == ("On the ho", ())
    assert speaking.usages == [TAKES, TAKES]


def test_an_answer_without_an_end_is_cut_at_last(pool: Pool) -> None:
    """It says so, and costs no more than three answers."""
    model = Script(*(["and on ", CUT_SHORT] for _ in range(9)))

    said = "".join(talk(model, pool).run(prompt()))

    assert said == "and on " * (1 + MAX_CONTINUATIONS) + CUT_SHORT
    assert len(model.given) == 1 + MAX_CONTINUATIONS


def test_what_a_tool_finds_is_read_before_the_model_goes_on(pool: Pool) -> None:
    """What was said before the call is a paragraph of its own."""
    model = Script(["Let me look.", call("hall")], ["On the hook."])
    speaking = talk(model, pool)

    said = "".join(speaking.run(prompt(look(lambda given: f"{given.place}: a hook"))))

    assert said == "Let me look.\n\nOn the hook."
    assert model.given[1].rounds[0].results == ("hall: a hook",)
    assert [outcome.name for outcome in speaking.outcomes] == ["tool.look"]
    assert speaking.usages == [TAKES, TAKES]


def test_the_calls_of_one_answer_run_at_once(pool: Pool) -> None:
    """Two that wait for one another both end."""
    both = Barrier(2, timeout=10)
    model = Script([call("hall", "1"), call("car", "2")], ["Found."])

    list(talk(model, pool).run(prompt(look(lambda given: f"{both.wait() >= 0} {given.place}"))))

    assert model.given[1].rounds[0].results == ("True hall", "True car")


def test_serial_they_run_one_after_another(pool: Pool) -> None:
    """With the same results, in the order of the calls."""
    order: list[str] = []
    model = Script([call("hall", "1"), call("car", "2")], ["Found."])

    def run(given: Look) -> str:
        order.append(given.place)
        return given.place

    list(talk(model, pool, parallel=False).run(prompt(look(run))))

    assert order == ["hall", "car"]
    assert model.given[1].rounds[0].results == ("hall", "car")


def test_each_tool_is_visible_while_it_runs(pool: Pool) -> None:
    """Once, however many calls it has."""
    told: list[str] = []
    model = Script([call("hall", "1"), call("car", "2")], ["Found."])

    list(talk(model, pool, told=told).run(prompt(look(lambda given: "", status="is looking…"))))

    assert told == ["is looking…"]


def broken(given: Look) -> str:
    raise Unavailable("hall", "no way in")


def mistaken(given: Look) -> str:
    raise ZeroDivisionError("a secret")


@pytest.mark.parametrize(
    "asked,run,read",
    [
        (call("hall"), broken, "This failed: hall: no way in"),
        (call("hall"), mistaken, "This failed."),
        (call("hall", name="fly"), broken, "This failed: there is no such tool"),
        (
            ToolCall("1", "look", '{"place": 4}'),
            broken,
            "This failed: the arguments cannot be read: Expected `str`",
        ),
        (
            ToolCall("1", "look", '{"place": "ha'),
            broken,
            "This failed: the arguments cannot be read: Input data",
        ),
    ],
)
def test_a_call_that_fails_says_why(
    pool: Pool, asked: ToolCall, run: Callable[[Look], str], read: str
) -> None:
    """The model is told, and goes on. What is nobody's words is not quoted."""
    model = Script([asked], ["I could not look."])

    said = list(talk(model, pool).run(prompt(look(run))))

    assert said == ["I could not look."]
    assert model.given[1].rounds[0].results[0].startswith(read)
    assert "secret" not in model.given[1].rounds[0].results[0]


def test_a_model_that_asks_on_and_on_must_answer(pool: Pool) -> None:
    """After so many rounds it is not given its tools again."""
    model = Script(*([call("hall")] for _ in range(MAX_TOOL_ROUNDS)), ["Nowhere.", call("hall")])

    said = list(talk(model, pool).run(prompt(look(lambda given: "nothing"))))

    assert said == ["Nowhere."]
    assert [given.must_answer for given in model.given] == [False] * MAX_TOOL_ROUNDS + [True]


def test_calls_beyond_the_bound_are_not_carried_out(pool: Pool) -> None:
    """The model is told so, for each."""
    done: list[str] = []

    def run(given: Look) -> str:
        done.append(given.place)
        return "a hook"

    model = Script([call(str(number), str(number)) for number in range(MAX_TOOL_CALLS + 2)], ["Found."])

    list(talk(model, pool).run(prompt(look(run))))

    assert len(done) == MAX_TOOL_CALLS
    assert model.given[1].rounds[0].results[-2:] == (TOO_MANY_CALLS_MESSAGE, TOO_MANY_CALLS_MESSAGE)


def test_what_a_tool_finds_is_bounded(pool: Pool) -> None:
    """However much it is."""
    model = Script([call("hall")], ["Much."])

    list(talk(model, pool).run(prompt(look(lambda given: "x" * 10 * MAX_TOOL_RESULT_CHARS))))

    assert len(model.given[1].rounds[0].results[0]) == MAX_TOOL_RESULT_CHARS


def test_tools_see_behind_the_veil_and_the_model_does_not(pool: Pool) -> None:
    """Arguments are unveiled, results are veiled, and the reply is unveiled again."""
    asked: list[str] = []

    def run(given: Look) -> str:
        asked.append(given.place)
        return f"{given.place} has it"

    model = Script([call("***")], ["*** has it."])

    said = "".join(talk(model, pool).run(prompt(look(run), redactor=Stars())))

    assert asked == ["Ada"]
    assert model.given[1].rounds[0].results == ("*** has it",)
    assert said == "Ada has it."
