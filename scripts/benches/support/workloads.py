"""The workloads of the design's numbers, as data: their steps, what each needs and how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from inspect import Parameter, Signature
from typing import Any, NamedTuple

from repartee.plan import Plan


class Step(NamedTuple):
    """One step; ``seconds`` is the latency that is injected."""

    name: str
    seconds: float
    needs: tuple[str, ...] = ()
    gate: str | None = None
    status: bool = False


class Workload(NamedTuple):
    """A graph; ``phases`` groups its steps for an executor with a barrier after each group."""

    name: str
    steps: tuple[Step, ...]
    phases: tuple[tuple[str, ...], ...]
    bar: float

    @property
    def targets(self) -> tuple[str, ...]:
        """The names of all steps but statuses."""
        return tuple(step.name for step in self.steps if not step.status)

    @property
    def durations(self) -> dict[str, float]:
        """The seconds of each step, by name."""
        return {step.name: step.seconds for step in self.steps}

    @property
    def serial(self) -> float:
        """The seconds that the steps take one after another."""
        return sum(self.durations.values())

    @property
    def in_phases(self) -> float:
        """The seconds that the phases take one after another."""
        return sum(max(self.durations[name] for name in phase) for phase in self.phases)


def _gated(*steps: tuple[str, float]) -> tuple[Step, ...]:
    return tuple(Step(name, seconds, gate="router") for name, seconds in steps)


COACH = Workload(
    "coach",
    (
        Step("profile", 0.292),
        Step("router", 0.850, needs=("profile",)),
        Step("conversation", 0.150),
        Step("config", 0.125),
        *_gated(("knowledge", 0.200), ("workout", 0.600), ("memories", 0.450), ("detection", 0.300)),
        Step("acknowledgement", 0.300, status=True),
        *(
            Step(f"{name}_status", 0.300, needs=("profile",), status=True)
            for name in ("workout", "memory", "patterns", "insights")
        ),
    ),
    phases=(
        ("conversation", "config"),
        ("profile",),
        ("router",),
        ("knowledge",),
        ("workout", "memories", "detection"),
    ),
    bar=1.05,
)

OFFICE = Workload(
    "office",
    (
        Step("mask", 0.100),
        Step("embedding", 0.150, needs=("mask",)),
        Step("route", 0.0, needs=("embedding",)),
        Step("user_history", 0.600),
        Step("assistant_history", 0.600),
        Step("user_relevance", 0.400, needs=("embedding",)),
        Step("assistant_relevance", 0.400, needs=("embedding",)),
        Step("mute", 0.100),
        Step("erp_models", 0.300, gate="route"),
    ),
    phases=(
        ("mask", "mute", "user_history", "assistant_history"),
        ("embedding",),
        ("route",),
        ("user_relevance", "assistant_relevance", "erp_models"),
    ),
    bar=1.05,
)

BUFFERED = Workload(
    "buffered message",
    tuple(
        Step(name, 0.200) for name in ("duplicate", "history", "channel_config", "escalation", "escalated_by")
    ),
    phases=(("duplicate", "history", "channel_config", "escalation", "escalated_by"),),
    bar=1.05,
)

BRIEF = Workload(
    "brief",
    tuple(Step(f"project{number}", 0.050) for number in range(15)),
    phases=(tuple(f"project{number}" for number in range(15)),),
    bar=1.5,
)


def plan_of(
    workload: Workload,
    *,
    speculate: bool,
    sleep: Callable[[float], None] = time.sleep,
    policy: Callable[[Step], dict[str, Any]] = lambda _: {},
) -> Plan:
    """Return the workload as a plan whose steps sleep for their seconds, under that policy."""
    plan = Plan(workload.name)
    for step in workload.steps:
        gate = {"when": _open(step.gate), "speculate": speculate} if step.gate else {}
        terms: dict[str, Any] = {"status": True} if step.status else {**policy(step), **gate}
        plan.step(**terms)(_function(step.name, step.needs, partial(sleep, step.seconds)))
    return plan


def chain(length: int) -> Plan:
    """Return a plan of steps that do nothing, each of which needs the one before."""
    plan = Plan("chain")
    for number in range(length):
        plan.step()(_function(f"s{number}", (f"s{number - 1}",) if number else (), lambda: None))
    return plan


def fan(width: int) -> Plan:
    """Return a plan of steps that do nothing and need nothing."""
    plan = Plan("fan")
    for number in range(width):
        plan.step()(_function(f"s{number}", (), lambda: None))
    return plan


def _open(gate: str) -> Callable[..., object]:
    """Return a gate over that step that is always true."""
    return _function("wanted", (gate,), lambda: True)


def _function(name: str, needs: tuple[str, ...], act: Callable[[], object]) -> Callable[..., object]:
    """Return a function with parameters of these names."""

    def function(**_: object) -> object:
        return act()

    function.__name__ = name
    function.__signature__ = Signature([Parameter(need, Parameter.KEYWORD_ONLY) for need in needs])  # type: ignore[attr-defined]
    return function
