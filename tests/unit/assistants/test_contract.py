"""The contract between a turn and an assistant, held to every assistant that is registered."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from repartee.domain.message import Message
from repartee.domain.prompt import Prompt
from repartee.plan import Plan, PlanError
from repartee.plan.edge_types import check_edge_types
from repartee.ports import ChatState
from repartee.turn.assistant import Assistant, TurnInputs, build_assistant_graph
from repartee.wiring import Wiring
from repartee.wiring.assistants import ASSISTANTS, OfferedPorts, find_maker
from tests.support import assistants_plans
from tests.support.scenario_runner import Scenario, ScenarioRunner, ScenarioStep

MUCH_TO_DO = "I did squats 5x5 at 100 kg, my knee hurts, how is my progress? And who has the keys?"
"""A message for which each assistant would ask its models much."""

THREAD_REPLY = {"slack": "slack/thread_reply"}


def chat_state(incoming: tuple[Message, ...]) -> ChatState:
    return ChatState()


def prompt(incoming: tuple[Message, ...]) -> Prompt:
    return Prompt("Be kind.", (), "", ())


def is_somebody_there(incoming: tuple[Message, ...]) -> bool:
    return bool(incoming)


def plan_of(*steps: Any, **policy: Any) -> Plan:
    """A plan of these steps. The policy is that of the first."""
    plan = Plan("tiny", offered=TurnInputs)
    for number, step in enumerate(steps):
        plan.step(**({} if number else policy))(step)
    return plan


def test_a_plan_with_the_required_steps_is_an_assistant() -> None:
    """What is optional may be left out."""
    graph = build_assistant_graph(plan_of(chat_state, prompt), chat_state=chat_state, prompt=prompt)

    assert Assistant("tiny", graph, SimpleNamespace()).graph.targets == ("chat_state", "prompt")


@pytest.mark.parametrize("step,missing", [(prompt, "chat_state"), (chat_state, "prompt")])
def test_a_plan_without_a_required_step_cannot_be_an_assistant(step: Any, missing: str) -> None:
    """The error says which step is missing, and what it is for."""
    graph = plan_of(step).build(targets=(step.__name__,))

    with pytest.raises(PlanError, match=f"does not declare the step '{missing}', which "):
        Assistant("tiny", graph, SimpleNamespace())


def test_a_function_that_is_no_step_is_refused() -> None:
    """The step that says whether the assistant may speak must be declared, not only given."""
    with pytest.raises(PlanError, match="the target 'chat_state' is no step"):
        build_assistant_graph(plan_of(prompt), chat_state=chat_state, prompt=prompt)


def test_another_function_than_the_step_is_refused() -> None:
    """What is type-checked is what runs."""

    def other(incoming: tuple[Message, ...]) -> ChatState:
        return ChatState()

    with pytest.raises(PlanError, match="chat_state is given another function than the step"):
        build_assistant_graph(plan_of(chat_state, prompt), chat_state=other, prompt=prompt)


@pytest.mark.parametrize("policy", [{"fallback": ChatState()}, {"when": is_somebody_there}])
def test_whether_it_may_speak_cannot_be_made_up(policy: dict[str, Any]) -> None:
    """With a fallback or a gate an assistant would speak although nobody knows whether it may."""
    plan = plan_of(chat_state, prompt, **policy)

    with pytest.raises(PlanError, match=r"'chat_state'.* has a fallback or a gate"):
        build_assistant_graph(plan, chat_state=chat_state, prompt=prompt)


def test_an_assistant_whose_inputs_are_incomplete_is_refused() -> None:
    """A port that a step asks for and nobody gave is found when the assistant is made."""
    plan = Plan("tiny", inputs=("records",), offered=TurnInputs)

    @plan.step()
    def chat_state(incoming: tuple[Message, ...], records: object) -> ChatState:
        return ChatState()

    plan.step()(prompt)
    graph = build_assistant_graph(plan, chat_state=chat_state, prompt=prompt)

    with pytest.raises(PlanError, match="its inputs lack records"):
        Assistant("tiny", graph, SimpleNamespace())


def test_every_folder_with_a_plan_is_registered() -> None:
    """An assistant that nobody can choose is a mistake."""
    assert sorted(map(assistants_plans.name_of, assistants_plans.builders())) == sorted(ASSISTANTS)


@pytest.mark.parametrize("name", ASSISTANTS)
def test_every_assistant_can_be_made_of_what_the_wiring_offers(name: str, tmp_path: Path) -> None:
    """Its ports are all there, and the types of its inputs fit the steps that take them."""
    parts: Wiring = ScenarioRunner(
        Scenario(says="", talk=()), "slack", name, tmp_path / "talk", parallel=True
    ).parts

    made = find_maker(name)(OfferedPorts(parts))

    assert made.name == name
    assert check_edge_types(made.graph) == ()
    assert made.graph.declared_inputs.types().keys() == set(made.graph.inputs)


@pytest.mark.parametrize("parallel", [True, False], ids=["parallel", "serial"])
@pytest.mark.parametrize("name", ASSISTANTS)
def test_a_muted_room_costs_no_model_call(name: str, parallel: bool, tmp_path: Path) -> None:
    """Neither the model nor the small model is asked, whatever the plan would gather."""
    talk = (
        ScenarioStep(text="Who has the keys?", model=("Ben.",)),
        ScenarioStep(text="mute for 2 hours"),
        ScenarioStep(text=MUCH_TO_DO, event=THREAD_REPLY, seen=()),
    )
    held = ScenarioRunner(
        Scenario(says="", talk=talk[:2]), "slack", name, tmp_path / "talk", parallel=parallel
    )
    held.run_scenario()
    models = held.parts.models
    before = len(models.given), len(models.analysed)

    assert held._run_step(talk[2]) == []

    assert (len(models.given), len(models.analysed)) == before
    assert held.parts.turns[-1].outcomes, "the turn ran its plan until it knew of the mute"


@pytest.mark.parametrize("parallel", [True, False], ids=["parallel", "serial"])
@pytest.mark.parametrize("name", ASSISTANTS)
def test_a_budget_of_one_token_is_kept(name: str, parallel: bool, tmp_path: Path) -> None:
    """When it is used up the person is told, and no model is asked."""
    own: dict[str, Any] = {"config": {}} if name == "desk" else {}
    said = Scenario(says="", talk=(), settings={"BUDGET_ROOM_TOKENS": "1"}, own=own)
    held = ScenarioRunner(said, "slack", name, tmp_path / "talk", parallel=parallel)
    assert held._run_step(ScenarioStep(text="Who has the keys?", model=("Ben.",))) == ["Ben."]
    models = held.parts.models
    before = len(models.given), len(models.analysed)

    (told,) = held._run_step(ScenarioStep(text=MUCH_TO_DO))

    assert "used up what I may spend in this conversation today" in told
    assert (len(models.given), len(models.analysed)) == before
