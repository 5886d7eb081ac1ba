"""Checks that what a step returns fits what its consumers declare, for use in tests.

Only annotations are read: parameters and steps without them are not checked. At run time nothing of this
is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_type_hints

from repartee.plan.assignable import assignable, display, type_of_value
from repartee.plan.graph import Graph
from repartee.plan.step import Function, Step, name_of


class EdgeMismatch(NamedTuple):
    """A value that does not fit the parameter that it is given to."""

    producer: str
    """The step or the input that gives the value."""
    consumer: str
    """The step that is given it, in its own parameter or in one of its predicates."""
    given: str
    """The type of the value, as declared."""
    wanted: str
    """The type of the parameter, as declared."""
    because: str
    """How the producer comes to give that type."""

    def __str__(self) -> str:
        return (
            f"{self.producer} -> {self.consumer}: {self.consumer} takes {self.wanted}, "
            f"but {self.because} {self.given}"
        )


def check_edge_types(graph: Graph) -> tuple[EdgeMismatch, ...]:
    """Return every edge of the built plan whose types do not fit; empty if all do.

    A consumer is given what its producer returns, or the producer's fallback, or, from a producer with a gate
    and no fallback, ``None``. Inputs are checked if the plan declares their types. ``NameError`` if an
    annotation cannot be evaluated: import its names where the step is defined.
    """
    given = {name: [("it is", wanted)] for name, wanted in graph.declared_inputs.types().items()}
    for step in graph.steps:
        given[step.name] = list(_given_by(step))
    return tuple(found for step in graph.steps for found in _mismatches_at(step, given))


def _given_by(step: Step) -> Iterator[tuple[str, Any]]:
    """Yield the types that the step's consumers may be given, and how they come to be."""
    yield "it returns", _hints(step.function).get("return", Any)
    if step.optional:
        yield "its fallback is", type_of_value(step.policy.fallback)
    elif step.policy.when:
        yield "without a fallback its gate gives", type(None)


def _mismatches_at(step: Step, given: Mapping[str, list[tuple[str, Any]]]) -> Iterator[EdgeMismatch]:
    for function, names in _consumers_in(step):
        hints = _hints(function)
        for producer in names:
            wanted = hints.get(producer, Any)
            for because, actual in given.get(producer, ()):
                if not assignable(actual, wanted):
                    yield EdgeMismatch(producer, step.name, display(actual), display(wanted), because)


def _consumers_in(step: Step) -> Iterator[tuple[Function, tuple[str, ...]]]:
    yield step.function, step.data
    if step.policy.when:
        yield step.policy.when, step.gate
    if callable(step.policy.speculate):
        yield step.policy.speculate, step.speculate_when


def _hints(function: Function) -> dict[str, Any]:
    """Return the evaluated annotations of a function, of a callable object or of what a partial wraps."""
    inner = getattr(function, "func", function)
    annotated = (
        inner if hasattr(inner, "__annotations__") or isinstance(inner, type) else type(inner).__call__
    )
    try:
        return get_type_hints(annotated)
    except NameError as unknown:
        raise NameError(
            f"{name_of(function)}: its annotations cannot be evaluated ({unknown}): import that name "
            "where the step is defined"
        ) from unknown
