"""Builders for plans whose steps take virtual time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from typing import Any

from repartee.plan import Outcome, Plan, Run
from tests.support.virtual_time import VirtualPool, VirtualTime


class PlanWorld:
    """A clock, a pool on it, and a log of the calls that were begun: ``(name, second)``."""

    def __init__(self, threads: int = 1000) -> None:
        self.time = VirtualTime()
        self.pool = VirtualPool(self.time, threads)
        self.begun: list[tuple[str, float]] = []

    def make_step(
        self,
        name: str,
        *needs: str,
        takes: float | Sequence[float] = 0.0,
        gives: Any = None,
        fails: BaseException | Sequence[BaseException | None] | None = None,
    ) -> Callable[..., Any]:
        """A function of these parameters. Lists say how it goes the first time, the second, and so on."""
        calls = 0

        def call(**given: Any) -> Any:
            nonlocal calls
            calls += 1
            self.begun.append((name, self.time.clock()))
            self.time.sleep(_turn_of_call(takes, calls))
            error = _turn_of_call(fails, calls)
            if error is not None:
                raise error
            return gives(**given) if callable(gives) else name if gives is None else gives

        return rename_function(call, name, needs)

    def run_plan(self, plan: Plan, *targets: str, **options: Any) -> Run:
        graph = plan.build(targets=targets)
        return graph.start({name: name for name in graph.inputs}, **{**self.run_options, **options})

    @property
    def run_options(self) -> dict[str, Any]:
        return {"pool": self.pool, "clock": self.time.clock, "random": lambda: 1.0}

    def call_times(self, name: str) -> list[float]:
        """When the step was called."""
        return [second for called, second in self.begun if called == name]


def rename_function(call: Callable[..., Any], name: str, needs: Sequence[str]) -> Callable[..., Any]:
    call.__name__ = name
    parameters = [Parameter(need, Parameter.KEYWORD_ONLY) for need in needs]
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return call


def outcome_kinds(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """How each step ended."""
    return {outcome.name: outcome.status for outcome in outcomes}


def outcome_of(name: str, outcomes: Sequence[Outcome]) -> Outcome:
    (found,) = (outcome for outcome in outcomes if outcome.name == name)
    return found


def _turn_of_call(value: Any, call: int) -> Any:
    return value[min(call, len(value)) - 1] if isinstance(value, (list, tuple)) else value
