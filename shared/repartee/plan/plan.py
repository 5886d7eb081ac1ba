"""A plan: its steps are declared one by one, and checked together when it is built."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any, TypeVar

from repartee.plan.budget import HedgeBudget
from repartee.plan.errors import PlanError
from repartee.plan.graph import Graph
from repartee.plan.inputs import Inputs
from repartee.plan.policy import REQUIRED, Policy, Predicate, Retry, Speculation
from repartee.plan.step import Function, Parameters, Step, name_of, parameters_of
from repartee.plan.topology import topological_order

F = TypeVar("F", bound=Callable[..., Any])


class Plan:
    """A set of steps over named inputs.

    ``inputs``: names, or types by name, or a class whose annotated fields are the inputs; declared types are
    for ``check_edge_types``. ``offered``: inputs that steps may ask for, declared in the same ways: those
    that no step asks for are left out of the built plan, while unused ``inputs`` are refused.
    ``hedge_share`` limits the calls that hedging may add, over all runs of the built plan; ``speculation``
    limits what one run may spend on calls whose results may not be needed.
    """

    def __init__(
        self,
        name: str,
        inputs: Iterable[str] | Mapping[str, Any] | type = (),
        *,
        offered: Iterable[str] | Mapping[str, Any] | type = (),
        hedge_share: float = 0.05,
        speculation: Speculation = Speculation(),  # noqa: B008 - an immutable value
    ) -> None:
        self.name = name
        self._inputs = Inputs.of(inputs)
        self._offered = Inputs.of(offered)
        self.inputs = (*self._inputs.names, *self._offered.names)
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
        """Declare a function as a step, and return it unchanged.

        Its name is the function's, unless ``name`` says otherwise; its parameters name what it needs.

        ``timeout``: seconds from the moment its inputs are known. ``fallback``: the value that replaces its
        result when it fails, is late or its gate is false; a step without one is required. ``retry``: see
        ``Retry``. ``hedge_after``: start a second call after so many seconds and take the first answer.
        ``breaker``: the backend's name. ``when``: a predicate over other steps; if it is false the step is
        skipped. ``speculate``: start before the gate is known, always or when this predicate is true.
        ``writes``: the step changes something outside. ``status``: it shows the person what is going on; a
        name says which step it announces. ``cost``: what a speculative call costs.

        Predicates run in the scheduler's thread and must be quick. ``PlanError`` if the policy contradicts
        itself, or two things have one name.
        """
        policy = Policy(timeout, fallback, retry, hedge_after, breaker, when, speculate, writes, status, cost)

        def declare(function: F) -> F:
            self._declare(name or name_of(function), function, policy)
            return function

        return declare

    def build(self, targets: Sequence[str]) -> Graph:
        """Check everything and freeze it; ``PlanError`` names the step that is wrong and what to change."""
        known = frozenset((*self.inputs, *self._declared))
        steps = {name: _resolve(name, *declared, known) for name, declared in self._declared.items()}
        _refuse_bad_targets(targets, steps)
        _refuse_bad_statuses(steps)
        ordered = topological_order(steps, targets)
        asked = {name for step in ordered for names in step.roles for name in names}
        _refuse_unused_inputs(self.name, self._inputs.names, asked)
        inputs = self._inputs.joined_with(self._offered.limited_to(asked))
        return Graph(self.name, inputs, ordered, targets, HedgeBudget(self._hedge_share), self._speculation)

    def include(self, other: Plan) -> None:
        """Declare every step of the other plan here too, as it is declared there.

        Its inputs must be inputs or steps of this plan. ``PlanError`` if two things have one name.
        """
        for name, (function, policy) in other._declared.items():
            self._declare(name, function, policy)

    def _declare(self, name: str, function: Function, policy: Policy) -> None:
        if name in self._declared or name in self.inputs:
            raise PlanError(f"{self.name} has two things called {name!r}: rename one")
        contradiction = policy.contradiction()
        if contradiction:
            raise PlanError(f"{name}: {contradiction}")
        self._declared[name] = (function, policy)


def _resolve(name: str, function: Function, policy: Policy, known: frozenset[str]) -> Step:
    predicate = policy.speculate if callable(policy.speculate) else None
    return Step(
        name,
        function,
        policy,
        data=_known_needs(name, "its parameter", parameters_of(function), known),
        gate=_known_needs(name, "its gate (when)", parameters_of(policy.when), known) if policy.when else (),
        speculate_when=_known_needs(name, "its predicate (speculate)", parameters_of(predicate), known)
        if predicate
        else (),
    )


def _known_needs(name: str, asker: str, asked: Parameters, known: frozenset[str]) -> tuple[str, ...]:
    for missing in asked.always:
        if missing not in known:
            raise PlanError(
                f"{name}: {asker} names {missing!r}, which is no step and no input{_suggest(missing, known)}"
            )
    return asked.among(known)


def _suggest(name: str, known: frozenset[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _refuse_unused_inputs(plan: str, inputs: Sequence[str], asked: Set[str]) -> None:
    unused = [name for name in inputs if name not in asked]
    if unused:
        names = ", ".join(map(repr, unused))
        raise PlanError(
            f"{plan}: no step asks for the input {names}: remove it, or give a step that parameter"
        )


def _refuse_bad_targets(targets: Sequence[str], steps: dict[str, Step]) -> None:
    if isinstance(targets, str) or not targets:
        raise PlanError("targets is a sequence of one step's name or more")
    for target in targets:
        if target not in steps:
            raise PlanError(f"the target {target!r} is no step{_suggest(target, frozenset(steps))}")
        if steps[target].policy.status:
            raise PlanError(f"{target}: a status is never waited for, so it cannot be a target")


def _refuse_bad_statuses(steps: dict[str, Step]) -> None:
    statuses = {name for name, step in steps.items() if step.policy.status}
    for step in steps.values():
        needed = next((name for names in step.roles for name in names if name in statuses), None)
        if needed:
            raise PlanError(f"{step.name}: it needs the status {needed!r}, which may be dropped at any time")
        announced = step.policy.status
        if isinstance(announced, str) and announced not in steps:
            similar = _suggest(announced, frozenset(steps))
            raise PlanError(f"{step.name}: it announces {announced!r}, which is no step{similar}")
        if announced in statuses:
            raise PlanError(f"{step.name}: it announces {announced!r}, which is a status itself")
