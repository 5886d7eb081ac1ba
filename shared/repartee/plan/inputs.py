"""The inputs of a plan: their names, and their types where they are declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any, NamedTuple


class Inputs(NamedTuple):
    """The names of a plan's inputs, and where their types are declared."""

    names: tuple[str, ...]
    declared: tuple[Mapping[str, Any] | type, ...] = ()
    """Types by name, or classes whose annotated fields are the inputs; empty if there are only names."""

    @classmethod
    def of(cls, given: Iterable[str] | Mapping[str, Any] | type) -> Inputs:
        """Return the inputs that names, types by name, or a class with annotated fields declare.

        The annotations of a class are read as they stand: they are evaluated when ``types`` is called.
        """
        if isinstance(given, type):
            classes = reversed(given.__mro__)
            names = dict.fromkeys(name for each in classes for name in getattr(each, "__annotations__", {}))
            return cls(tuple(names), (given,))
        return cls(tuple(given), (given,) if isinstance(given, Mapping) else ())

    def joined_with(self, other: Inputs) -> Inputs:
        """Return the inputs of both."""
        return Inputs((*self.names, *other.names), (*self.declared, *other.declared))

    def limited_to(self, names: Set[str]) -> Inputs:
        """Return those inputs whose names are among the given ones."""
        return Inputs(tuple(name for name in self.names if name in names), self.declared)

    def values_of(self, given: Mapping[str, Any] | object) -> dict[str, Any]:
        """Return a copy of the values by name, from a mapping or from an object's attributes."""
        if isinstance(given, Mapping):
            return dict(given)
        return {name: getattr(given, name) for name in self.names if hasattr(given, name)}

    def types(self) -> dict[str, Any]:
        """Return the declared types by name; empty if there are only names."""
        from typing import get_type_hints

        found: dict[str, Any] = {}
        for declared in self.declared:
            found |= get_type_hints(declared) if isinstance(declared, type) else declared
        return {name: found[name] for name in self.names if name in found}
