"""A plan is checked when it is built: each refusal names the step and says what to change."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from repartee.plan import Graph, Plan, PlanError, Retry
from tests.support.plan_world import PlanWorld


def a(message: str) -> str:
    return message


def b(a: str) -> str:
    return a


def refusal(*targets: str, **steps: Callable[[Plan], object]) -> str:
    with pytest.raises(PlanError) as refused:
        built(targets or ("a",), steps)
    return str(refused.value)


def built(targets: tuple[str, ...], steps: dict[str, Callable[[Plan], object]]) -> Graph:
    plan = Plan("test", inputs=("message",))
    for declare in steps.values():
        declare(plan)
    return plan.build(targets=targets)


@pytest.mark.parametrize(
    "policy, said",
    [
        ({"timeout": 0}, "a: timeout must be more than 0 seconds"),
        ({"hedge_after": 0}, "a: hedge_after must be more than 0 seconds"),
        ({"hedge_after": 2, "timeout": 2}, "before its hedge at 2 s"),
        ({"writes": True, "hedge_after": 1}, "drop hedge_after"),
        ({"writes": True, "speculate": True, "when": lambda message: message}, "drop speculate"),
        ({"writes": True, "status": True}, "a status may be dropped at any time: it cannot write"),
        ({"speculate": True}, "add when, or drop speculate"),
        ({"status": True, "fallback": None}, "drop its fallback"),
        ({"retry": Retry(0, retry_on=())}, "max_attempts of at least 1"),
        ({"retry": Retry(1, retry_on=(), initial_interval=-1)}, "cannot wait less than 0"),
        ({"retry": Retry(1, retry_on=(), max_interval=-1)}, "cannot wait less than 0"),
        ({"cost": -0.1}, "cost cannot be less than 0"),
    ],
)
def test_contradictory_policies_are_refused(policy: dict[str, Any], said: str) -> None:
    """A policy that contradicts itself is refused where it is declared."""
    refused = refusal(a=lambda plan: plan.step(**policy)(a))

    assert refused.startswith("a: ")
    assert said in refused


@pytest.mark.parametrize(
    "policy",
    [
        {"timeout": 2, "hedge_after": 1},
        {"writes": True, "timeout": 1, "fallback": None, "retry": Retry(1, retry_on=())},
        {"when": lambda message: message, "speculate": True},
        {"cost": 0},
    ],
)
def test_sound_policies_are_accepted(policy: dict[str, Any]) -> None:
    """What does not contradict itself is built."""
    plan = Plan("test", inputs=("message",))
    plan.step(**policy)(a)

    assert plan.build(targets=("a",)).targets == ("a",)


def test_unknown_names_are_refused_with_the_likely_one() -> None:
    """A parameter that names nothing is refused, and what may have been meant is said."""

    def c(mesage: str) -> str:
        return mesage

    assert refusal("c", c=lambda plan: plan.step()(c)) == (
        "c: its parameter names 'mesage', which is no step and no input; did you mean 'message'?"
    )
    assert refusal(a=lambda plan: plan.step(when=lambda xyz: xyz)(a)) == (
        "a: its gate (when) names 'xyz', which is no step and no input"
    )
    predicate: dict[str, Any] = {"when": lambda message: message, "speculate": lambda y: y}
    assert "its predicate (speculate) names 'y'" in refusal(a=lambda plan: plan.step(**predicate)(a))


def test_bad_targets_are_refused() -> None:
    """Targets are steps that are waited for, and there is one at least."""
    declare = {"a": lambda plan: plan.step()(a), "s": lambda plan: plan.step(status=True, name="s")(b)}

    assert refusal("aa", **declare) == "the target 'aa' is no step; did you mean 'a'?"
    assert "cannot be a target" in refusal("s", **declare)
    for wrong in ("a", ()):
        plan = Plan("test", inputs=("message",))
        plan.step()(a)
        with pytest.raises(PlanError, match="a sequence of one step's name or more"):
            plan.build(targets=wrong)


def test_a_status_is_needed_by_nobody() -> None:
    """A step cannot need a status, for its data, its gate or its speculation predicate."""
    status = {"a": lambda plan: plan.step(status=True)(a)}

    said = "b: it needs the status 'a'"
    assert said in refusal("b", **status, b=lambda plan: plan.step()(b))
    assert said in refusal(
        "b", **status, b=lambda plan: plan.step(name="b", when=lambda a: a)(lambda message: 0)
    )


def test_a_status_announces_a_step_that_is_none() -> None:
    """What a status announces is a step, and no status itself."""
    declare = {"a": lambda plan: plan.step()(a), "b": lambda plan: plan.step(status="c")(b)}

    assert "it announces 'c', which is no step" in refusal(**declare)
    third = {"c": lambda plan: plan.step(status=True, name="c")(a)}
    assert "it announces 'c', which is a status itself" in refusal(**declare, **third)


def test_names_are_given_once() -> None:
    """Two steps, or a step and an input, cannot share a name."""
    assert "two things called 'a'" in refusal(
        a=lambda plan: plan.step()(a), b=lambda plan: plan.step(name="a")(b)
    )
    assert "two things called 'message'" in refusal(a=lambda plan: plan.step(name="message")(a))


def test_circles_are_refused() -> None:
    """Steps that need each other can never start; the circle is named."""
    said = refusal(
        "x",
        a=lambda plan: plan.step(name="x")(lambda y: y),
        b=lambda plan: plan.step(name="y")(lambda z: z),
        c=lambda plan: plan.step(name="z")(lambda y: y),
    )

    assert said == "y: it needs itself (y needs z needs y): break the circle"


def test_a_gate_that_needs_its_own_step_is_refused() -> None:
    """A gate cannot ask what comes after the step that it gates."""
    said = refusal(a=lambda plan: plan.step(when=lambda b: b)(a), b=lambda plan: plan.step()(b))

    assert said == "a: its gate needs the step that it gates (a needs b needs a): ask something earlier"


@pytest.mark.parametrize(
    "function", [lambda *a: a, lambda **a: a, lambda a, /: a, functools.partial(lambda *a: a)]
)
def test_parameters_are_given_by_name(function: Callable[..., object]) -> None:
    """Parameters that cannot be given by name are refused."""
    assert "every parameter is given by name" in refusal("c", c=lambda plan: plan.step(name="c")(function))


def test_a_callable_without_a_signature_is_refused() -> None:
    """What does not tell its parameters has to be wrapped."""
    assert refusal("c", c=lambda plan: plan.step(name="c")(int)) == (
        "int: its parameters are unknown: wrap it in a function"
    )


class Service:
    def bound(self, message: str, other: int = 3) -> str:
        return message * other

    def __call__(self, message: str) -> str:
        return message


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **named: Any) -> Any:
        return function(*args, **named)

    return wrapper


@pytest.mark.parametrize(
    "function, given",
    [
        (Service().bound, "mmm"),
        (Service(), "m"),
        (functools.partial(Service().bound, other=2), "mm"),
        (wrapped(a), "m"),
        (lambda message, times=2: message * times, "mm"),
        (lambda *, message, times=2: message * times, "mm"),
    ],
)
def test_any_callable_can_be_a_step(function: Callable[..., Any], given: str) -> None:
    """Methods, callable objects, partials, wrapped functions and defaults are all understood."""
    world = PlanWorld()
    plan = Plan("test", inputs=("message",))
    plan.step(name="c")(function)

    run = plan.build(targets=("c",)).start({"message": "m"}, **world.run_options)
    list(run.until_ready())

    assert run.values == {"c": given}


def test_a_default_gives_way_to_a_step_of_its_name() -> None:
    """A parameter with a default is given the step that bears its name, if there is one."""
    world = PlanWorld()
    plan = Plan("test", inputs=("message",))
    plan.step(name="times")(lambda: 3)
    plan.step(name="c")(lambda message, times=2: message * times)

    run = plan.build(targets=("c",)).start({"message": "m"}, **world.run_options)
    list(run.until_ready())

    assert run.values["c"] == "mmm"


def test_declaring_gives_the_function_back() -> None:
    """A step's function stays what it was, so that it can be shared and tested by itself."""
    plan = Plan("test", inputs=("message",))

    assert plan.step()(a) is a


def test_inputs_are_checked_at_the_start() -> None:
    """A run is given the plan's inputs, no less and no more."""
    plan = Plan("test", inputs=("message",))
    plan.step()(a)
    graph = plan.build(targets=("a",))

    with pytest.raises(PlanError, match="takes the inputs message: look at extra"):
        graph.start({"message": "", "extra": 1}, **PlanWorld().run_options)
    with pytest.raises(PlanError, match="look at message"):
        graph.start({}, **PlanWorld().run_options)


@pytest.mark.parametrize(
    "step, unused",
    [
        ({"function": lambda: 0}, "'message', 'other'"),
        ({"function": lambda message: message}, "'other'"),
        ({"function": lambda message=1: message}, "'other'"),
        ({"function": lambda: 0, "when": lambda message: message}, "'other'"),
        ({"function": lambda: 0, "when": lambda message: message, "speculate": lambda other: other}, None),
        ({"function": lambda message, other=None: message}, None),
    ],
)
def test_an_unused_input_is_refused(step: dict[str, Any], unused: str | None) -> None:
    """An input that no step, gate or speculation predicate asks for is refused, and named."""
    plan = Plan("test", inputs=("message", "other"))
    function = step.pop("function")
    plan.step(name="c", **step)(function)

    if unused is None:
        assert plan.build(targets=("c",)).inputs == ("message", "other")
        return
    with pytest.raises(PlanError) as refused:
        plan.build(targets=("c",))
    assert str(refused.value) == (
        f"test: no step asks for the input {unused}: remove it, or give a step that parameter"
    )


class AllInputs:
    message: str
    times: int

    def __init__(self, message: str, times: int) -> None:
        self.message, self.times = message, times


class MoreInputs(AllInputs):
    end: str = "!"


@pytest.mark.parametrize(
    "declared, given",
    [
        (("message", "times", "end"), {"message": "m", "times": 2, "end": "!"}),
        ({"message": str, "times": int, "end": str}, {"message": "m", "times": 2, "end": "!"}),
        (MoreInputs, MoreInputs("m", 2)),
        (MoreInputs, {"message": "m", "times": 2, "end": "!"}),
    ],
)
def test_inputs_are_declared_by_name_or_type(declared: Any, given: Any) -> None:
    """Inputs are names, types by name, or the annotated fields of a class; values come in either way."""
    plan = Plan("test", inputs=declared)
    plan.step(name="c")(lambda message, times, end: message * times + end)
    graph = plan.build(targets=("c",))

    run = graph.start(given, **PlanWorld().run_options)
    list(run.until_ready())

    assert graph.inputs == ("message", "times", "end")
    assert run.values == {"c": "mm!"}


def test_a_built_plan_does_not_change() -> None:
    """Steps that are declared after the build belong to the next one."""
    plan = Plan("test", inputs=("message",))
    plan.step()(a)
    graph = plan.build(targets=("a",))
    plan.step()(b)

    assert [step.name for step in graph.steps] == ["a"]
    assert [step.name for step in plan.build(targets=("b",)).steps] == ["a", "b"]
