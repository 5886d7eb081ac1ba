"""Caches Odoo's models and fields for minutes: they change when a module is installed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Generic, TypeVar

from repartee.ports import ErpField, ErpModel

T = TypeVar("T")

SCHEMA_TTL_SECONDS = 600.0
"""Seconds."""

MAX_CACHED_SCHEMAS = 500
"""Descriptions in one process: of models by person."""

FIELD_ATTRIBUTES = ["string", "type", "relation", "selection", "required", "readonly", "store"]


class TtlCache(Generic[T]):
    """Values by key, each for some minutes. For many threads; what fails is not kept."""

    def __init__(self, clock: Callable[[], float], seconds: float = SCHEMA_TTL_SECONDS) -> None:
        self._clock, self._seconds = clock, seconds
        self._values: OrderedDict[object, tuple[float, T]] = OrderedDict()
        self._lock = Lock()

    def get_or_make(self, key: object, make: Callable[[], T]) -> T:
        """Returns the value, made anew if it is not there or too old."""
        with self._lock:
            since, value = self._values.get(key, (float("-inf"), None))
        if value is not None and self._clock() - since < self._seconds:
            return value
        made = make()
        with self._lock:
            self._values[key] = self._clock(), made
            self._values.move_to_end(key)
            while len(self._values) > MAX_CACHED_SCHEMAS:
                self._values.popitem(last=False)
        return made


def decode_models(rows: Sequence[Mapping[str, Any]]) -> tuple[ErpModel, ...]:
    """Decodes the answer of `ir.model.get_available_models`: the models that the user may read."""
    models = (ErpModel(str(one["model"]), str(one["display_name"])) for one in rows)
    return tuple(sorted(models, key=lambda model: model.name))


def decode_fields(rows: Mapping[str, Mapping[str, Any]]) -> tuple[ErpField, ...]:
    """Decodes the answer of `fields_get`: the fields that the user may read, without files and images."""
    described = (_decode_field(name, about) for name, about in sorted(rows.items()))
    return tuple(field for field in described if field.type not in ("binary", "properties"))


def _decode_field(name: str, attributes: Mapping[str, Any]) -> ErpField:
    options = attributes.get("selection") or ()
    return ErpField(
        name=name,
        label=str(attributes.get("string") or name),
        type=str(attributes.get("type", "")),
        relation=str(attributes.get("relation") or ""),
        options=tuple((str(value), str(label)) for value, label in options),
        required=bool(attributes.get("required")),
        readonly=bool(attributes.get("readonly")),
        stored=bool(attributes.get("store", True)),
    )
