"""What the owner of a run may decide while it runs, and how plans are put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from repartee.plan import Plan, PlanError, Pool


class Person(NamedTuple):
    name: str
    age: int


@pytest.mark.parametrize("parallel", [True, False])
def test_the_owner_sees_an_outcome_before_what_depends_on_it_is_started(parallel: bool) -> None:
    """It may close the run instead, and nothing of what waited was called."""
    called: list[str] = []
    plan = Plan("permission")

    @plan.step()
    def permission() -> bool:
        called.append("permission")
        return False

    @plan.step()
    def expensive(permission: bool) -> None:
        called.append("expensive")

    with plan.build(targets=("expensive",)).start({}, pool=Pool(threads=2), parallel=parallel) as run:
        first = next(run.until_ready())

    assert first.name == "permission"
    assert called == ["permission"]


def test_a_plan_includes_the_steps_of_another() -> None:
    """With their policies, in their order, and over the inputs of the plan that includes them."""
    greeting = Plan("greeting", inputs=("name",))

    @greeting.step(timeout=1.0, fallback="")
    def salutation(name: str) -> str:
        return f"Dear {name}"

    letter = Plan("letter", inputs=("name",))
    letter.include(greeting)

    @letter.step()
    def text(salutation: str) -> str:
        return f"{salutation}, welcome."

    graph = letter.build(targets=("text",))
    with graph.start({"name": "Ada"}, pool=Pool(threads=1)) as run:
        list(run.until_ready())

        assert run.values["text"] == "Dear Ada, welcome."
    assert graph.steps[0].policy.timeout == 1.0


def test_two_steps_of_one_name_are_refused() -> None:
    """Whichever of the plans they come from."""
    first, second = Plan("first"), Plan("second")
    first.step()(_named("same"))
    second.step()(_named("same"))

    with pytest.raises(PlanError, match="first has two things called 'same'"):
        first.include(second)


def test_offered_inputs_need_not_be_used() -> None:
    """Those that no step asks for are no inputs of the built plan; those that are asked for have types."""
    plan = Plan("offered", offered=Person)

    @plan.step()
    def greeting(name: str) -> str:
        return f"Hello {name}"

    graph = plan.build(targets=("greeting",))

    assert graph.inputs == ("name",)
    assert graph.declared_inputs.types() == {"name": str}


def test_an_own_input_that_no_step_asks_for_is_refused() -> None:
    """While what is offered may be left."""
    plan = Plan("own", inputs=("unused",), offered=Person)
    plan.step()(_named("step"))

    with pytest.raises(PlanError, match="no step asks for the input 'unused'"):
        plan.build(targets=("step",))


def _named(name: str) -> Callable[[], None]:
    def step() -> None: ...

    step.__name__ = name
    return step
