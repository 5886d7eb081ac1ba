"""Which steps of the assistants' plans are hedged: reads that may be made twice, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from itertools import islice
from typing import Any

import pytest

from benches.support.hedging import PLANS, SlowTail
from repartee.plan import Graph, Plan
from tests.support import assistants_plans
from tests.support.virtual_time import VirtualPool, VirtualTime

IDEMPOTENT_READS = {
    "records.read_chat_state",
    "messages.list_newest",
    "messages.search",
    "embedder.embed",
    "coaching.read_coach_state",
    "knowledge.search",
    "memories.search",
    "workouts.list_since",
    "desk_records.read_desk_state",
    "desk_knowledge.search",
}
"""Calls of ports that change nothing, give the same answer twice, and ask no language model."""

MESSAGES = 60

_step: ContextVar[str] = ContextVar("step")


class RecordedCalls(SlowTail):
    """Latencies that note which step made which call of a port."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__(time)
        self.by_step: defaultdict[str, set[str]] = defaultdict(set)

    def latency_of(self, call: str) -> float:
        return 1.0  # every method of a port is noted, not only those that the design gives a latency

    def wait_for_call(self, call: str) -> None:
        self.by_step[_step.get()].add(call)


def named(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The step's function, which says to the calls that it makes whose they are."""

    @wraps(function)
    def call(**given: Any) -> Any:
        _step.set(name)
        return function(**given)

    return call


def traced(graph: Graph) -> Graph:
    """The plan again, with steps that say to their calls whose they are."""
    plan = Plan(graph.name, graph.inputs)
    for step in graph.steps:
        plan.step(name=step.name, **step.policy._asdict())(named(step.function, step.name))
    return plan.build(graph.targets)


def calls_by_step(name: str) -> tuple[Graph, dict[str, set[str]]]:
    """The assistant's plan, and the calls of ports that each of its steps makes over many messages."""
    time = VirtualTime()
    recorded = RecordedCalls(time)
    graph, inputs = PLANS[name](recorded)
    pool = VirtualPool(time)
    again = traced(graph)
    for given in islice(inputs, MESSAGES):
        known = {**given, "pool": pool}
        with again.start({key: known[key] for key in again.inputs}, pool=pool, clock=time.clock) as run:
            list(run.until_ended())
    return graph, recorded.by_step


@pytest.mark.parametrize("name", list(PLANS))
def test_only_idempotent_reads_are_hedged(name: str) -> None:
    """A step that may be called twice makes calls that change nothing, and none of a language model."""
    graph, calls = calls_by_step(name)
    hedged = {step.name for step in graph.steps if step.policy.hedge_after}

    assert hedged
    assert all(calls[step] for step in hedged)
    assert set().union(*(calls[step] for step in hedged)) <= IDEMPOTENT_READS


def test_every_plan_with_hedges_is_looked_at() -> None:
    """The calls of each assistant that hedges steps are known to these tests."""
    built = [build() for build in assistants_plans.builders()]

    assert {graph.name for graph in built if any(step.policy.hedge_after for step in graph.steps)} == set(
        PLANS
    )


@pytest.mark.parametrize("name", list(PLANS))
def test_every_slow_read_of_a_store_is_hedged(name: str) -> None:
    """Each step that makes such a read, and no other kind of call, has a hedge."""
    graph, calls = calls_by_step(name)

    assert {step for step in calls if calls[step] <= IDEMPOTENT_READS} == {
        step.name for step in graph.steps if step.policy.hedge_after
    }


@pytest.mark.parametrize("name", list(PLANS))
def test_steps_that_write_or_ask_a_model_are_not_hedged(name: str) -> None:
    """No step that changes something outside or calls the small model has a hedge."""
    graph, calls = calls_by_step(name)

    for step in graph.steps:
        asks_model = any(call.startswith("small.") for call in calls.get(step.name, ()))
        if step.policy.writes or asks_model or "small_model" in step.data:
            assert step.policy.hedge_after is None, step.name
