"""A step: a function whose parameters name what it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from repartee.plan.errors import PlanError
from repartee.plan.policy import REQUIRED, Policy

Function = Callable[..., Any]
"""Steps are bound by name at run time, so their values are ``Any`` in the engine. ``check_edge_types``
checks the declared types of a built plan."""


class Parameters(NamedTuple):
    """The names that a function's parameters ask for."""

    always: tuple[str, ...]
    if_known: tuple[str, ...]
    """Parameters with a default: they keep it when the plan knows no such name."""

    def among(self, known: frozenset[str]) -> tuple[str, ...]:
        """Return the names that the function is called with in a plan that knows these names."""
        return self.always + tuple(name for name in self.if_known if name in known)


class Step(NamedTuple):
    """A function with a name and a policy, and the names that it and its predicates ask for."""

    name: str
    function: Function
    policy: Policy
    data: tuple[str, ...]
    gate: tuple[str, ...] = ()
    speculate_when: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[tuple[str, ...], ...]:
        """The names that it waits for, by role: data, gate, speculation predicate."""
        return self.data, self.gate, self.speculate_when

    @property
    def optional(self) -> bool:
        """Whether it has a fallback."""
        return self.policy.fallback is not REQUIRED

    @property
    def stand_in(self) -> Any:
        """The value that its consumers are given instead of its own."""
        return self.policy.fallback if self.optional else None


def parameters_of(function: Function) -> Parameters:
    """Return what the function asks for; ``PlanError`` if its parameters cannot be given by name."""
    code = getattr(function, "__code__", None)
    if code is None or hasattr(function, "__wrapped__") or hasattr(function, "__signature__"):
        return _parameters_by_signature(function)
    if code.co_posonlyargcount or code.co_flags & 0x0C:  # CO_VARARGS, CO_VARKEYWORDS
        raise PlanError(f"{name_of(function)}: {_BY_NAME}")
    positional = code.co_varnames[: code.co_argcount]
    keyword = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    defaults = len(function.__defaults__ or ())
    optional = set(positional[len(positional) - defaults :]) | set(function.__kwdefaults__ or ())
    if hasattr(function, "__self__"):
        positional = positional[1:]
    return _split(positional + keyword, optional)


def name_of(function: Function) -> str:
    """Return the function's own name."""
    return getattr(function, "__name__", None) or type(function).__name__


_BY_NAME = "every parameter is given by name: no *args, **kwargs or positional-only ones"


def _parameters_by_signature(function: Function) -> Parameters:
    """Read the parameters of callables that are no plain functions; ``inspect`` is slow to import."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError as unknown:
        raise PlanError(
            f"{name_of(function)}: its parameters are unknown: wrap it in a function"
        ) from unknown
    if any(p.kind not in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) for p in parameters):
        raise PlanError(f"{name_of(function)}: {_BY_NAME}")
    optional = {p.name for p in parameters if p.default is not p.empty}
    return _split(tuple(p.name for p in parameters), optional)


def _split(names: tuple[str, ...], optional: set[str]) -> Parameters:
    always = tuple(name for name in names if name not in optional)
    return Parameters(always, tuple(name for name in names if name in optional))
