"""A step: a function whose parameters name what it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from repartee.plan.errors import PlanError
from repartee.plan.policy import REQUIRED, Policy

Function = Callable[..., Any]
"""Steps are bound by name while the program runs, so their values are ``Any`` throughout the engine."""


class Needs(NamedTuple):
    """The names that a function's parameters ask for."""

    always: tuple[str, ...]
    if_there: tuple[str, ...]
    """Those with a default: left to it when the plan knows no such name."""

    def among(self, known: frozenset[str]) -> tuple[str, ...]:
        """What the function is called with in a plan that knows these names."""
        return self.always + tuple(name for name in self.if_there if name in known)


class Step(NamedTuple):
    """A function with a name and a policy, and the names that it and its predicates ask for."""

    name: str
    function: Function
    policy: Policy
    data: tuple[str, ...]
    gate: tuple[str, ...] = ()
    prior: tuple[str, ...] = ()

    @property
    def optional(self) -> bool:
        """Whether something stands in for it."""
        return self.policy.fallback is not REQUIRED

    @property
    def stand_in(self) -> Any:
        """The value that others are given instead of its own."""
        return self.policy.fallback if self.optional else None


def needs(function: Function) -> Needs:
    """What the function asks for; ``PlanError`` if its parameters cannot be given by name."""
    code = getattr(function, "__code__", None)
    if code is None or hasattr(function, "__wrapped__") or hasattr(function, "__signature__"):
        return _needs_by_signature(function)
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
    """The function's own name."""
    return getattr(function, "__name__", None) or type(function).__name__


_BY_NAME = "every parameter is given by name: no *args, **kwargs or positional-only ones"


def _needs_by_signature(function: Function) -> Needs:
    """The slow way, for callables that are no plain functions: ``inspect`` takes long to import."""
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


def _split(names: tuple[str, ...], optional: set[str]) -> Needs:
    always = tuple(name for name in names if name not in optional)
    return Needs(always, tuple(name for name in names if name in optional))
