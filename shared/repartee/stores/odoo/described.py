"""What Odoo says of its models and fields, kept for minutes: it changes when somebody installs a module."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar

from repartee.ports import ErpField, ErpModel

T = TypeVar("T")

KEPT_FOR = 600.0
"""Seconds."""

MOST = 500
"""Descriptions in one process: of models by person."""

ATTRIBUTES = ["string", "type", "relation", "selection", "required", "readonly", "store"]


class Kept(Generic[T]):
    """Values by key, each for some minutes. For many threads; what fails is not kept."""

    def __init__(self, clock: Callable[[], float], seconds: float = KEPT_FOR) -> None:
        self._clock, self._seconds = clock, seconds
        self._values: OrderedDict[object, tuple[float, T]] = OrderedDict()
        self._lock = Lock()

    def of(self, key: object, make: Callable[[], T]) -> T:
        """The value, made anew if it is not there or too old."""
        with self._lock:
            since, value = self._values.get(key, (float("-inf"), None))
        if value is not None and self._clock() - since < self._seconds:
            return value
        made = make()
        with self._lock:
            self._values[key] = self._clock(), made
            self._values.move_to_end(key)
            while len(self._values) > MOST:
                self._values.popitem(last=False)
        return made


def models(found: Sequence[Mapping[str, Any]]) -> tuple[ErpModel, ...]:
    """What `ir.model.get_available_models` gives: those that the user may read."""
    told = (ErpModel(str(one["model"]), str(one["display_name"])) for one in found)
    return tuple(sorted(told, key=lambda model: model.name))


def fields(found: Mapping[str, Mapping[str, Any]]) -> tuple[ErpField, ...]:
    """What `fields_get` gives: those that the user may read. Files and images are left out."""
    described = (_field(name, about) for name, about in sorted(found.items()))
    return tuple(field for field in described if field.type not in ("binary", "properties"))


def _field(name: str, about: Mapping[str, Any]) -> ErpField:
    options = about.get("selection") or ()
    return ErpField(
        name=name,
        label=str(about.get("string") or name),
        type=str(about.get("type", "")),
        relation=str(about.get("relation") or ""),
        options=tuple((str(value), str(label)) for value, label in options),
        required=bool(about.get("required")),
        readonly=bool(about.get("readonly")),
        stored=bool(about.get("store", True)),
    )
