"""The inputs of a plan: their names, and their types where they are declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple


class Inputs(NamedTuple):
    """The names of a plan's inputs, and where their types are declared."""

    names: tuple[str, ...]
    declared: Mapping[str, Any] | type | None = None
    """Types by name, or a class whose annotated fields are the inputs; ``None`` if there are only names."""

    @classmethod
    def of(cls, given: Iterable[str] | Mapping[str, Any] | type) -> Inputs:
        """Return the inputs that names, types by name, or a class with annotated fields declare.

        The annotations of a class are read as they stand: they are evaluated when ``types`` is called.
        """
        if isinstance(given, type):
            classes = reversed(given.__mro__)
            names = dict.fromkeys(name for each in classes for name in getattr(each, "__annotations__", {}))
            return cls(tuple(names), given)
        return cls(tuple(given), given if isinstance(given, Mapping) else None)

    def values_of(self, given: Mapping[str, Any] | object) -> dict[str, Any]:
        """Return a copy of the values by name, from a mapping or from an object's attributes."""
        if isinstance(given, Mapping):
            return dict(given)
        return {name: getattr(given, name) for name in self.names if hasattr(given, name)}

    def types(self) -> dict[str, Any]:
        """Return the declared types by name; empty if there are only names."""
        from typing import get_type_hints

        if isinstance(self.declared, type):
            return get_type_hints(self.declared)
        return dict(self.declared or {})
