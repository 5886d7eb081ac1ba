"""A built plan: checked, ordered, and never changed again."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from repartee.plan.budget import HedgeBudget
from repartee.plan.errors import PlanError
from repartee.plan.inputs import Inputs
from repartee.plan.policy import Policy, Speculation
from repartee.plan.pool import TaskPool
from repartee.plan.rendering import describe, mermaid
from repartee.plan.run import Run
from repartee.plan.step import Step
from repartee.plan.topology import Topology


class CriticalPath(NamedTuple):
    """The longest chain of steps, which no number of threads makes shorter, and its length."""

    seconds: float
    steps: tuple[str, ...]


class Graph:
    """The result of building a plan, once in a process: runs share nothing of it but the hedge budget."""

    def __init__(
        self,
        name: str,
        inputs: Inputs,
        steps: tuple[Step, ...],
        targets: Sequence[str],
        hedges: HedgeBudget,
        speculation: Speculation,
    ) -> None:
        self.name = name
        self.declared_inputs = inputs
        self.inputs = inputs.names
        self._names = frozenset(inputs.names)
        self.steps = steps
        self.targets = tuple(targets)
        self._hedges = hedges
        self._speculation = speculation
        self._topology = Topology(steps, targets)

    def start(
        self,
        inputs: Mapping[str, Any] | object,
        *,
        pool: TaskPool,
        parallel: bool = True,
        deadline: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] | None = None,
    ) -> Run:
        """Begin a run; it goes on whenever its outcomes are asked for.

        ``inputs``: the values by name, or an object with the inputs as its attributes. ``deadline``: the
        seconds that the run has. ``parallel=False``: one step at a time, in the order of ``steps``, without
        hedges or speculation. ``PlanError`` if the inputs are not the plan's.
        """
        known = self.declared_inputs.values_of(inputs)
        if known.keys() != self._names:
            wrong = sorted(known.keys() ^ self._names)
            raise PlanError(
                f"{self.name} takes the inputs {', '.join(self.inputs)}: look at {', '.join(wrong)}"
            )
        return Run(
            self._topology,
            known,
            pool,
            self._hedges if parallel else HedgeBudget(0.0),
            self._speculation if parallel else Speculation(calls=0),
            parallel=parallel,
            deadline=deadline,
            clock=clock,
            random=random,
        )

    def without(self, names: Collection[str]) -> Graph:
        """Return a graph in which these steps are not called: their consumers are given their fallback.

        ``PlanError`` for a step that has none.
        """
        refused = [step.name for step in self.steps if step.name in names and not step.optional]
        if refused:
            raise PlanError(f"{self.name}: {', '.join(refused)} cannot be left out: it has no fallback")
        steps = tuple(
            Step(step.name, _returning(step.stand_in), Policy(fallback=step.stand_in), ())
            if step.name in names
            else step
            for step in self.steps
        )
        return Graph(self.name, self.declared_inputs, steps, self.targets, self._hedges, self._speculation)

    def critical_path(self, durations: Mapping[str, float]) -> CriticalPath:
        """Return the lower bound of the time to ready, where each step takes the seconds of ``durations``.

        A step that is not there takes no time; if it has a gate, the gate is taken to be false, and the step
        is known when its gate is. A step that speculates runs while its gate is not known yet.
        """
        known: dict[str, tuple[float, str | None]] = {}
        for step in self.steps:
            data = _latest(step.data, known)
            gate = _latest(step.gate, known)
            seconds = durations.get(step.name, 0.0)
            if step.gate and step.name not in durations:
                known[step.name] = gate
            elif step.policy.speculate:
                known[step.name] = max((data[0] + seconds, data[1]), gate, key=_seconds)
            else:
                latest = max(data, gate, key=_seconds)
                known[step.name] = (latest[0] + seconds, latest[1])
        last = max(self.targets, key=lambda target: known[target][0])
        return CriticalPath(known[last][0], _path_to(last, known))

    def describe(self) -> str:
        """Return the plan as text, a line for each step."""
        return describe(self.name, self.inputs, self.steps, self.targets)

    def mermaid(self) -> str:
        """Return the plan as a Mermaid graph."""
        return mermaid(self.inputs, self.steps, self.targets)


def _returning(value: Any) -> Callable[[], Any]:
    return lambda: value


def _seconds(known: tuple[float, str | None]) -> float:
    return known[0]


def _latest(
    names: tuple[str, ...], known: Mapping[str, tuple[float, str | None]]
) -> tuple[float, str | None]:
    return max(((known[name][0], name) for name in names if name in known), key=_seconds, default=(0.0, None))


def _path_to(name: str | None, known: Mapping[str, tuple[float, str | None]]) -> tuple[str, ...]:
    path: list[str] = []
    while name is not None:
        path.append(name)
        name = known[name][1]
    return tuple(reversed(path))
