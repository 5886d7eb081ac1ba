"""Decides whether a value of one type may be given where another is declared, from annotations alone.

It follows the rules of static type checkers for the common forms: unions, ``None``, literals, generics,
tuples, callables, protocols, new types and aliases. What it does not know is taken to fit, so that each
mismatch that it reports is one.
"""

from __future__ import annotations

import collections.abc
import types
from typing import (
    Annotated,
    Any,
    Literal,
    NewType,
    TypeVar,
    Union,
    get_args,
    get_origin,
    is_typeddict,
)

NUMERIC_TOWER: dict[Any, tuple[type, ...]] = {float: (int,), complex: (int, float)}
"""Types that static type checkers accept for another although they are no subclasses."""

_UNIONS: tuple[Any, ...] = (Union, types.UnionType)
_CALLABLE: Any = collections.abc.Callable
_STANDARD = ("typing", "collections.abc")

INVARIANT = (list, dict, set, collections.abc.MutableSequence, collections.abc.MutableMapping)
"""Generic types whose type arguments must be the same, because values can be put into them."""


def assignable(given: Any, wanted: Any) -> bool:
    """Return whether every value of the type ``given`` may be used as the type ``wanted``."""
    given, wanted = _plain(given), _plain(wanted)
    if _accepts_anything(given, wanted) or given == wanted:
        return True
    if members := _alternatives(given):
        return all(assignable(member, wanted) for member in members)
    if _is_union(wanted):
        return any(assignable(given, member) for member in get_args(wanted))
    if get_origin(given) is Literal or get_origin(wanted) is Literal:
        return _literal_fits(given, wanted)
    return _class_fits(given, wanted)


def type_of_value(value: Any) -> Any:
    """Return the type of a value, as far as an annotation could tell: the members of a tuple one by one."""
    if type(value) is tuple:
        return types.GenericAlias(tuple, tuple(type_of_value(member) for member in value))
    return Literal[value] if type(value) in (str, int, bool, bytes) else type(value)


def display(wanted: Any) -> str:
    """Return the type as it would be written."""
    if wanted is type(None):
        return "None"
    return wanted.__name__ if type(wanted) is type else str(wanted).replace("typing.", "")


def _plain(declared: Any) -> Any:
    """Return the type behind an alias, a new type, an annotation or a plain ``None``."""
    while True:
        if declared is None:
            return type(None)
        if get_origin(declared) is Annotated:
            declared = get_args(declared)[0]
        elif isinstance(declared, NewType):
            declared = declared.__supertype__
        elif type(declared).__name__ == "TypeAliasType":
            declared = declared.__value__
        else:
            return declared


def _accepts_anything(given: Any, wanted: Any) -> bool:
    return wanted is object or any(one is Any or isinstance(one, (TypeVar, str)) for one in (given, wanted))


def _alternatives(given: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the literals of one with several; empty for any other type."""
    if _is_union(given):
        return get_args(given)
    values = get_args(given) if get_origin(given) is Literal else ()
    return tuple(Literal[value] for value in values) if len(values) > 1 else ()


def _is_union(declared: Any) -> bool:
    return get_origin(declared) in _UNIONS


def _literal_fits(given: Any, wanted: Any) -> bool:
    if get_origin(given) is not Literal:
        return False  # of a type's values only some are among the literals
    values = get_args(given)
    if get_origin(wanted) is Literal:
        return set(values) <= set(get_args(wanted))
    return all(assignable(type(value), wanted) for value in values)


def _class_fits(given: Any, wanted: Any) -> bool:
    given_class: Any = get_origin(given) or given
    wanted_class: Any = get_origin(wanted) or wanted
    if not isinstance(given_class, type) or not isinstance(wanted_class, type):
        return True
    if wanted_class is _CALLABLE:
        return _callable_fits(given, wanted)
    if getattr(wanted_class, "_is_protocol", False) and wanted_class.__module__ not in _STANDARD:
        return _has_members(given_class, wanted_class)
    if not _is_subclass(given_class, wanted_class):
        return False
    return _arguments_fit(given, wanted)


def _is_subclass(given: type, wanted: type) -> bool:
    if is_typeddict(given):
        return wanted in (dict, collections.abc.Mapping, collections.abc.MutableMapping)
    try:
        return issubclass(given, wanted) or given in NUMERIC_TOWER.get(wanted, ())
    except TypeError:  # not a class that can be asked
        return True


def _has_members(given: type, protocol: type) -> bool:
    """Return whether a class has everything that a protocol declares, by name."""
    declared: set[str] = set()
    for each in protocol.__mro__:
        if getattr(each, "_is_protocol", False) and each.__module__ not in _STANDARD:
            declared |= {name for name in vars(each) if not _is_private(name)} | set(each.__annotations__)
    annotated = {name for each in given.__mro__ for name in getattr(each, "__annotations__", ())}
    return all(hasattr(given, name) or name in annotated for name in declared)


def _is_private(name: str) -> bool:
    return name.startswith("_") and name != "__call__"


def _callable_fits(given: Any, wanted: Any) -> bool:
    if get_origin(given) is not _CALLABLE:
        return any("__call__" in vars(each) for each in (get_origin(given) or given).__mro__)
    (given_takes, given_returns), (wanted_takes, wanted_returns) = get_args(given), get_args(wanted)
    if not assignable(given_returns, wanted_returns):
        return False
    if not isinstance(given_takes, list) or not isinstance(wanted_takes, list):
        return True
    return len(given_takes) == len(wanted_takes) and all(map(assignable, wanted_takes, given_takes))


def _arguments_fit(given: Any, wanted: Any) -> bool:
    """Return whether the type arguments fit: ``list[int]`` for ``Sequence[float]``, say."""
    wanted_arguments, wanted_class = get_args(wanted), get_origin(wanted)
    if wanted_class is tuple:
        return get_origin(given) is not tuple or _tuple_fits(get_args(given), wanted_arguments)
    members = _arguments_as(given, wanted_class, len(wanted_arguments)) if wanted_arguments else None
    if members is None:
        return True
    fits = _same if wanted_class in INVARIANT else assignable
    return all(map(fits, members, wanted_arguments))


def _same(one: Any, other: Any) -> bool:
    return assignable(one, other) and assignable(other, one)


def _tuple_fits(given: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    if wanted[-1:] == (Ellipsis,):
        return all(assignable(member, wanted[0]) for member in given if member is not Ellipsis)
    return given[-1:] != (Ellipsis,) and len(given) == len(wanted) and all(map(assignable, given, wanted))


def _arguments_as(given: Any, wanted: Any, count: int) -> tuple[Any, ...] | None:
    """Return the arguments of a type seen as the wanted generic type; ``None`` if they are unknown."""
    origin, arguments = get_origin(given), get_args(given)
    if given is str or given is bytes:
        return (str,) if given is str else (int,)
    if origin is tuple:
        members = tuple(member for member in arguments if member is not Ellipsis)
        return (Union[members],) if members else None  # noqa: UP007 - the members are known only here
    if origin is wanted:
        return arguments
    return _arguments_of_bases(given, wanted, count) or arguments[:count] or None


def _arguments_of_bases(given: Any, wanted: Any, count: int) -> tuple[Any, ...] | None:
    """Return what the bases of a class say: ``class Names(list[str])`` is a ``Sequence[str]``."""
    generic = get_origin(given) or given
    bases = getattr(generic, "__orig_bases__", ())
    variables = [one for base in bases for one in get_args(base) if isinstance(one, TypeVar)]
    own = dict(zip(getattr(generic, "__parameters__", variables), get_args(given), strict=False))
    for base in bases:
        origin = get_origin(base)
        if isinstance(origin, type) and _is_subclass(origin, wanted):
            arguments = _arguments_as(base, wanted, count)
            return arguments and tuple(own.get(one, one) for one in arguments)
    return None
