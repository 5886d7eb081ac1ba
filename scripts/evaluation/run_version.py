"""Runs conversations against the version of Repartee that is on the path, and writes what happened as JSON.

It is run as a program in a process of its own, so that two versions do not meet. It uses what every version
has: `tests/support/scenario_runner.py`, and the names of the plan's steps. Settings come from the
environment: the model is the conversation's own script, or the real one where EVALUATION_MODEL is set.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from repartee.assistants.office import prompts as office_prompts
from repartee.assistants.office import routes as office_routes
from repartee.domain.tokens import estimate_tokens
from repartee.turn import tool_loop
from repartee.wiring import assistants, services
from tests.support.scenario_runner import ScenarioRunner, prompt_text, read_scenario

RETRIEVING_STEPS = (
    "relevant_user_messages",
    "relevant_assistant_messages",
    "relevant_memories",
    "relevant_passages",
)
MODEL_SETTINGS = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "MODEL", "SMALL_MODEL", "REASONING_EFFORT")
"""Settings of the environment that count where the real model is asked."""

CALLS_SUFFIX = ".calls.json"
"""Ends the file beside a conversation that was recorded: the calls of its steps."""

RUN_TOOL = tool_loop._run_tool  # noqa: SLF001
"""Runs a tool. Every version has it under this name."""

NOT_RECORDED = "Nothing is known of this: the call was not made when the conversation was recorded."

ROUTE_STEPS = ("effective_route", "route")


class NotingModel:
    """A model that notes the prompts that it is given."""

    def __init__(self, model: Any, given: list[Any]) -> None:
        self._model, self._given = model, given

    def stream(self, prompt: Any, *arguments: Any) -> Any:
        """Streams what the model says."""
        self._given.append(prompt)
        return self._model.stream(prompt, *arguments)


class RecordingRunner(ScenarioRunner):
    """Runs a conversation and notes what came of each step, as written or not."""

    steps: list[dict[str, Any]]
    is_replay = False

    def _run_step(self, say: Any) -> Any:
        if self.is_replay:  # an answer that this version did not ask for is not the next step's
            self.parts.models.script.clear()
        return super()._run_step(say)

    def _check_step(self, say: Any, seen: Any, prompts: Any, turns: Any) -> None:
        problem = ""
        try:
            if not os.environ.get(
                "EVALUATION_MODEL"
            ):  # a real model says something else than what is written
                super()._check_step(say, seen, prompts, turns)
        except AssertionError as failure:
            problem = str(failure).partition("\n")[0][:300]
        self.steps.append(
            {"text": say.text, "reply": list(seen), "problem": problem}
            | _describe_prompts(prompts)
            | _describe_turns(turns, self.parts.get(services.prices).price_usage)
        )


def main(paths: Sequence[str]) -> int:
    """Runs the conversations of these files; prints one JSON object."""
    if routes := os.environ.get("EVALUATION_ROUTES"):
        office_routes.load_routes.__defaults__ = (Path(routes),)
    if prompt := os.environ.get("EVALUATION_PROMPT"):
        office_prompts.OFFICE_INSTRUCTIONS = Path(prompt).read_text()
    print(json.dumps({name: run_conversation(Path(name)) for name in paths}))
    return 0


def run_conversation(path: Path) -> list[dict[str, Any]]:
    """Returns what came of each step of the conversation in its first channel."""
    scenario = read_scenario(path)
    if os.environ.get("EVALUATION_MODEL"):
        scenario.settings.update({name: os.environ[name] for name in MODEL_SETTINGS if os.environ.get(name)})
    scenario.settings.update(json.loads(os.environ.get("EVALUATION_SETTINGS", "{}")))
    with tempfile.TemporaryDirectory() as folder:
        runner = RecordingRunner(
            scenario, scenario.channels[0], path.parent.name, Path(folder), parallel=True
        )
        runner.steps = []
        calls = path.with_suffix(CALLS_SUFFIX)
        if calls.is_file():
            runner.is_replay = True
            give_recorded_results(json.loads(calls.read_text()), lambda: len(runner.steps))
        if os.environ.get("EVALUATION_MODEL"):
            given = runner.parts.models.given
            runner.parts.replace(
                services.model, lambda wiring: NotingModel(services.model.make(wiring), given)
            )
            runner.parts.replace(services.small_model, services.small_model.make)
        _warm_up(runner)
        began = time.monotonic()
        try:
            runner.run_scenario()
        except Exception as failure:  # noqa: BLE001  # the other conversations go on
            runner.steps.append(
                {"text": "", "reply": [], "problem": f"{type(failure).__name__}: {failure}"[:300]}
            )
        if os.environ.get("EVALUATION_MODEL"):
            for step in runner.steps:
                step["seconds"] = (time.monotonic() - began) / len(runner.steps)
        return runner.steps


def give_recorded_results(
    calls_by_step: Sequence[Sequence[Mapping[str, Any]]], step: Callable[[], int]
) -> None:
    """Has every tool give what was recorded of it in the step, instead of being run. A tool that opens others
    does that besides, and one that was not called then says so."""
    left = [list(calls) for calls in calls_by_step]

    def give_result(tool: Any, call: Any, redactor: Any) -> str:
        if tool is not None and getattr(tool, "opened", None):
            RUN_TOOL(tool, call, redactor)
        recorded = left[step()] if step() < len(left) else []
        named = [one for one in recorded if one["name"] == call.name]
        same = [one for one in named if one["arguments"] == call.arguments]
        if not named:
            return NOT_RECORDED
        found = (same or named)[0]
        recorded.remove(found)
        return str(found["result"])

    tool_loop._run_tool = give_result  # noqa: SLF001


def _warm_up(runner: ScenarioRunner) -> None:
    for assistant in runner.parts.get(assistants.assistants).values():
        if assistant.warm_up and not runner.conversation.down:
            assistant.warm_up()


def _describe_prompts(prompts: Sequence[Any]) -> dict[str, Any]:
    if not prompts:
        return {"prompt_tokens": 0, "tools": [], "called": [], "results": [], "model_calls": 0}
    called = [call.name for one in prompts[-1].rounds for call in one.calls]
    return {
        "prompt_tokens": estimate_tokens(prompt_text(prompts[0])),
        "tools": sorted(tool.name for tool in prompts[0].tools),
        "called": called,
        "results": [result for one in prompts[-1].rounds for result in one.results],
        "model_calls": len(prompts),
    }


def _describe_turns(turns: Sequence[Any], price_usage: Any) -> dict[str, Any]:
    values = {one.name: one.value for turn in turns for one in turn.outcomes if one.error is None}
    used = price_usage([usage for turn in turns for usage in turn.usages])
    return {
        "route": _route_name(values),
        "retrieved": [
            str(getattr(said, "text", said)) for name in RETRIEVING_STEPS for said in values.get(name) or ()
        ],
        "gather_seconds": sum(max(turn.timeline.gathered_at - turn.timeline.started_at, 0) for turn in turns),
        "seconds": sum(max(turn.timeline.closed_at - turn.timeline.started_at, 0) for turn in turns),
        "tokens": used.tokens,
        "cost_usd": used.cost_usd,
    }


def _route_name(values: Mapping[str, Any]) -> str:
    for name in ROUTE_STEPS:
        if (route := values.get(name)) is not None:
            return str(getattr(route, "name", "") or getattr(getattr(route, "route", None), "name", ""))
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
