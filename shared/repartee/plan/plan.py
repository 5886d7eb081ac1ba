"""A plan: steps that are declared one by one, and checked all at once when it is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from repartee.plan.budget import HedgeBudget
from repartee.plan.errors import PlanError
from repartee.plan.graph import Graph
from repartee.plan.order import arrange
from repartee.plan.policy import REQUIRED, Policy, Predicate, Retry, Speculation
from repartee.plan.step import Function, Needs, Step, name_of, needs

F = TypeVar("F", bound=Callable[..., Any])


class Plan:
    """A set of steps over named inputs.

    ``hedge_share`` bounds the calls that hedging may add, over all runs of what is built from the
    plan; ``speculation`` bounds what one run may spend on calls that may be unwanted.
    """

    def __init__(
        self,
        name: str,
        inputs: Iterable[str] = (),
        *,
        hedge_share: float = 0.05,
        speculation: Speculation = Speculation(),  # noqa: B008 - an immutable value
    ) -> None:
        self.name = name
        self.inputs = tuple(inputs)
        self._hedge_share = hedge_share
        self._speculation = speculation
        self._declared: dict[str, tuple[Function, Policy]] = {}

    def step(
        self,
        *,
        name: str | None = None,
        timeout: float | None = None,
        fallback: Any = REQUIRED,
        retry: Retry | None = None,
        hedge_after: float | None = None,
        breaker: str | None = None,
        when: Predicate | None = None,
        speculate: bool | Predicate = False,
        writes: bool = False,
        status: bool | str = False,
        cost: float = 0.0,
    ) -> Callable[[F], F]:
        """Declare a function a step, and give it back unchanged.

        Its name is the function's, unless ``name`` says otherwise; its parameters name what it needs.

        ``timeout``: seconds from the moment its inputs are there. ``fallback``: the value that stands
        in when it fails, is late or is gated off; a step without one is required. ``retry``: see
        ``Retry``. ``hedge_after``: start a second call after so many seconds and take the first
        answer. ``breaker``: the backend's name. ``when``: a predicate over other steps; false means
        skipped. ``speculate``: start before the gate is known; a predicate says when that is worth
        it. ``writes``: it changes the world. ``status``: it tells the person what goes on; a name
        says which step it announces. ``cost``: what a speculative call is charged.

        Predicates run in the scheduler's thread and so must be quick. ``PlanError`` if the policy
        contradicts itself, or two things have one name.
        """
        policy = Policy(timeout, fallback, retry, hedge_after, breaker, when, speculate, writes, status, cost)

        def declare(function: F) -> F:
            self._declare(name or name_of(function), function, policy)
            return function

        return declare

    def build(self, targets: Sequence[str]) -> Graph:
        """Check everything and freeze it; ``PlanError`` names the step that is wrong and what to change."""
        known = frozenset((*self.inputs, *self._declared))
        steps = {name: _resolved(name, *declared, known) for name, declared in self._declared.items()}
        _refuse_bad_targets(targets, steps)
        _refuse_bad_statuses(steps)
        ordered = arrange(steps, targets)
        return Graph(
            self.name, self.inputs, ordered, targets, HedgeBudget(self._hedge_share), self._speculation
        )

    def _declare(self, name: str, function: Function, policy: Policy) -> None:
        if name in self._declared or name in self.inputs:
            raise PlanError(f"{self.name} has two things called {name!r}: rename one")
        contradiction = policy.contradiction()
        if contradiction:
            raise PlanError(f"{name}: {contradiction}")
        self._declared[name] = (function, policy)


def _resolved(name: str, function: Function, policy: Policy, known: frozenset[str]) -> Step:
    prior = policy.speculate if callable(policy.speculate) else None
    return Step(
        name,
        function,
        policy,
        data=_among(name, "its parameter", needs(function), known),
        gate=_among(name, "its gate (when)", needs(policy.when), known) if policy.when else (),
        prior=_among(name, "its prior (speculate)", needs(prior), known) if prior else (),
    )


def _among(name: str, asker: str, asked: Needs, known: frozenset[str]) -> tuple[str, ...]:
    for missing in asked.always:
        if missing not in known:
            raise PlanError(
                f"{name}: {asker} names {missing!r}, which is no step and no input{_alike(missing, known)}"
            )
    return asked.among(known)


def _alike(name: str, known: frozenset[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _refuse_bad_targets(targets: Sequence[str], steps: dict[str, Step]) -> None:
    if isinstance(targets, str) or not targets:
        raise PlanError("targets is a sequence of one step's name or more")
    for target in targets:
        if target not in steps:
            raise PlanError(f"the target {target!r} is no step{_alike(target, frozenset(steps))}")
        if steps[target].policy.status:
            raise PlanError(f"{target}: a status is never waited for, so it cannot be a target")


def _refuse_bad_statuses(steps: dict[str, Step]) -> None:
    statuses = {name for name, step in steps.items() if step.policy.status}
    for step in steps.values():
        needed = next((name for name in (*step.data, *step.gate, *step.prior) if name in statuses), None)
        if needed:
            raise PlanError(f"{step.name}: it needs the status {needed!r}, which may be dropped at any time")
        announced = step.policy.status
        if isinstance(announced, str) and announced not in steps:
            alike = _alike(announced, frozenset(steps))
            raise PlanError(f"{step.name}: it announces {announced!r}, which is no step{alike}")
        if announced in statuses:
            raise PlanError(f"{step.name}: it announces {announced!r}, which is a status itself")
